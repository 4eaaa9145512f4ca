"""What the machine is, beside every result: rates of different machines are not compared, ratios of one run
are.
"""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("faust-streaming", "aiokafka", "kafka-python", "msgspec", "fastavro")


def describe() -> dict[str, Any]:
    """Processor, memory, Python and packages; the load before the run (others may be at work)."""
    return {
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory_kb": int((_first("/proc/meminfo", "MemTotal") or "0").split()[0]),
        "python": platform.python_version(),
        "system": platform.system(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "packages": {name: version(name) for name in PACKAGES},
    }


def _first(path: str, field: str) -> str:
    file = Path(path)
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")
