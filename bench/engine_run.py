"""One system at work in this process until it is stopped: `python -m bench.engine_run <json>`, samples on
stdout.

Systems: `batch` (our engine), `stock` (ENGINE=stock), `bare` (aiokafka getmany, decode, fold and cut in
memory; nothing leaves, nothing is committed), `keep` (the same without the cuts: decoded and kept, nothing
worked out of it).
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from mode import Service

from bench.folds import Meter, factory
from runtime.brokers.detect import detect
from runtime.logging import configure
from schemas.catalogue import FORWARD
from streams.engine.app import BatchApp
from streams.engine.plan import Plan
from streams.engine.process import serve
from streams.engine.stock import StockApp
from streams.engine.types import FoldFactory, PartitionFold, Record
from streams.worker import AT_ONCE, LAGGING, folds_of

Given = dict[str, Any]
READY_POLL_S = 0.02


class TellsReady(Service):  # type: ignore[misc]  # mode has no types
    """Says when the engine is ready, and with which partitions, each time either changes."""

    def __init__(self, meter: Meter, app: Any) -> None:
        super().__init__()
        self._meter, self._app = meter, app

    @Service.task  # type: ignore[untyped-decorator]
    async def _watch(self) -> None:
        before: list[int] | None = None
        while not self.should_stop:
            owned = sorted(folds_of(self._app)) if self._app.ready else None
            if owned is not None and owned != before:
                self._meter.say(ready=owned)
            before = owned
            await asyncio.sleep(READY_POLL_S)


async def bare(given: Given, fold: FoldFactory, meter: Meter) -> None:
    """The client's own limit: fetch, decode, fold; no state leaves, nothing is committed."""
    consumer = AIOKafkaConsumer(
        given["topic"], bootstrap_servers=given["bootstrap"], auto_offset_reset="earliest"
    )
    await consumer.start()
    folds: dict[int, PartitionFold] = {}
    uncut = 0
    while True:
        for tp, records in (await consumer.getmany(timeout_ms=200, max_records=AT_ONCE)).items():
            part = folds.get(tp.partition) or folds.setdefault(tp.partition, fold(tp.partition))
            part.fold(
                tp.topic,
                [Record(r.key, r.value, r.headers, r.partition, r.offset, r.timestamp) for r in records],
            )
            uncut += len(records)
        done = meter.folded >= given["events"]
        if given["system"] == "bare" and (done or uncut >= LAGGING * len(folds)):
            uncut = 0
            for part in folds.values():
                part.cut(0)
        if done:
            meter.say()
            await asyncio.sleep(0.2)


def main(given: Given) -> None:
    """Run one system until it is stopped."""
    configure("ERROR")
    meter = Meter()
    alone = given["system"] in ("bare", "keep")
    fold = factory(given["fold"], meter, durable=not alone)
    if alone:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        asyncio.run(bare(given, fold, meter))
        return
    plan = Plan(
        app_id=given["app_id"],
        bootstrap=given["bootstrap"],
        sources=(given["topic"], FORWARD),
        fold=fold,
        group="bench",
        partitions=given["partitions"],
        traits=detect(given["bootstrap"]),
        state_dir=Path(given["folder"]),
        poll_records=AT_ONCE,
        flush_records=LAGGING,
    )
    make = StockApp if given["system"] == "stock" else BatchApp
    sys.exit(serve(lambda: make(plan), lambda app: (TellsReady(meter, app),)))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
