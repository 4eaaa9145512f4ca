"""A place as processes on a broker: the connector of one hospital and a worker, as the wire bench has them.

In: a broker. Out: processes that are ready, the port the hospital writes to, where the worker's metrics are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.ground import Ground, Wrong, folder
from cli.demo.processes import Child, Processes

PARTNER = "pruh-adt"
WAIT_S = 90.0
"""Given to whatever is waited for."""


class Place:
    """Connectors of one hospital and a worker, as processes on a broker."""

    def __init__(self, ground: Ground) -> None:
        self.folder = Path(folder())
        self.processes = Processes(self.folder / "logs", {
            "KAFKA_BOOTSTRAP": ground.bootstrap, "HOMEWARD_STATE": str(self.folder / "state"),
            "HOMEWARD_WORKER_PORT": "0", "HOMEWARD_INTAKE_PORT": "0", "PYTHONUNBUFFERED": "1",
            "HOMEWARD_DROP": str(self.folder / "drop"), "HOMEWARD_PLACE": "bromley",
        })  # fmt: skip
        self.mllp = 0

    def __enter__(self) -> Place:
        self.processes.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.processes.stop()

    def wait(self, child: Child, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first line of a child's log that is so."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            found = next((row for row in child.lines() if wanted(row)), None)
            if found is not None:
                return found
            self.processes.check()
            time.sleep(0.1)
        raise Wrong(f"{child.name} did not become ready")

    def topics(self) -> None:
        """All topics."""
        child = self.processes.homeward("topics", "topics", "apply")
        if child.popen.wait(WAIT_S) != 0:
            raise Wrong(f"topics apply failed:\n{child.log.read_text()}")

    def connectors(self) -> None:
        """The hospital's connector, listening."""
        child = self.processes.homeward(
            "connectors", "run", "connectors", "--only", PARTNER, "--listen", "127.0.0.1:0"
        )
        self.mllp = int(self.wait(child, lambda row: row.get("transport") == "mllp")["port"])

    def worker(self) -> str:
        """A worker, ready; gives where its metrics are."""
        child = self.processes.homeward("worker", "run", "worker")
        ready = self.wait(child, lambda row: row.get("event") == "worker.ready")
        return f"http://127.0.0.1:{ready['health_port']}/metrics"
