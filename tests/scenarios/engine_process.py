"""An engine with the real fold for all scenario folders at once: `engine_process.py <json {system, bootstrap,
folder}>`. Says `worker.ready` on its log; stops at SIGTERM.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from runtime import logging
from runtime.brokers.detect import detect
from runtime.settings import load_settings
from schemas.catalogue import FORWARD, PERSON_TOPICS
from streams.agents.config import core_config
from streams.agents.person import fold_factory
from streams.engine.app import BatchApp
from streams.engine.plan import Plan
from streams.engine.process import serve
from streams.engine.stock import StockApp
from streams.worker import services_of
from tests.scenarios.together import PARTITIONS, place


def main(given: dict[str, Any]) -> int:
    """Run until stopped; the exit code."""
    logging.configure("INFO")
    plan = Plan(
        app_id="scenarios", bootstrap=given["bootstrap"], sources=(*PERSON_TOPICS, FORWARD),
        partitions=PARTITIONS, fold=fold_factory(core_config(place())), traits=detect(given["bootstrap"]),
        state_dir=Path(given["folder"]) / given["system"], group="person",
    )  # fmt: skip
    make = {"stock": StockApp, "batch": BatchApp}[given["system"]]
    return serve(lambda: make(plan), lambda app: services_of(load_settings(), app))


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
