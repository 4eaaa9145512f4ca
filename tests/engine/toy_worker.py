"""A worker process of the engine with the toy fold, for fault tests: `python -m tests.engine.toy_worker
<json>`.

It leaves a log of JSON lines on stderr and appends one line per folded run to `<folded>`, unbuffered, so
that it survives kill -9. `crash` says at which occurrence of which flush step the process kills or stops
itself: the checkpoint hook is the tests', never a setting.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from runtime.brokers.traits import EMBEDDED, KAFKA
from runtime.logging import configure
from streams.engine.app import BatchApp
from streams.engine.plan import Plan
from streams.engine.process import serve
from streams.engine.stock import StockApp
from streams.engine.thread import BatchThread
from streams.engine.types import Record
from streams.worker import quieten
from tests.engine.toy_fold import Topics, ToyFold


class CountedFold(ToyFold):
    """A toy fold that tells how much it folded."""

    out = -1

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        super().fold(topic, records)
        os.write(self.out, f"{topic} {len(records)}\n".encode())


def checkpoint_of(crash: dict[str, Any], hits: int) -> Any:
    """The hook: write each step, end or stop the process at the wanted one."""
    left = {"count": crash.get("after", 0)}

    def checkpoint(step: str, partition: int) -> None:
        if step != crash.get("at"):
            return
        left["count"] -= 1
        if left["count"] == 0:
            os.write(hits, f"{step} {partition}\n".encode())
            os.kill(os.getpid(), getattr(signal, crash.get("signal", "SIGKILL")))

    return checkpoint


def blind() -> None:
    """Take the membership checks out, so that only the broker can refuse what a sleeper writes late."""
    BatchThread.is_member = lambda _self: True
    BatchThread.in_doubt = lambda _self: False


def main(given: dict[str, Any]) -> int:
    """Run until stopped."""
    configure("INFO")
    quieten()
    for name in ("faust", "aiokafka"):
        logging.getLogger(name).setLevel(given.get("client_level", "WARNING"))
    folder = Path(given["folder"])
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    CountedFold.out = os.open(folder / "folded", flags)
    if given.get("blind"):
        blind()
    topics = Topics.of(given["prefix"])
    plan = Plan(
        app_id=given["app_id"],
        bootstrap=given["bootstrap"],
        sources=topics.sources,
        partitions=given["partitions"],
        fold=partial(CountedFold, topics),
        traits=KAFKA if given["fenced"] else EMBEDDED,
        state_dir=folder / "state",
        group="toy",
        session_s=given.get("session_s", 6.0),
        commit_s=given.get("commit_s", 1.0),
        flush_timeout_s=given.get("flush_timeout_s", 30.0),
        poll_records=given.get("poll_records", 1000),
        checkpoint=checkpoint_of(given.get("crash", {}), os.open(folder / "hits", flags)),
    )
    make = StockApp if given.get("engine") == "stock" else BatchApp
    return serve(lambda: make(plan))


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
