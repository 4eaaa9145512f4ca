"""One system folding the bench's backlog in this process: `python -m bench.engine_run <json>`, JSON on
stdout.

Systems: `batch` (our engine), `stock` (ENGINE=stock), `bare` (aiokafka getmany, decode, fold in memory;
nothing durable). Folds: `facts` (decode the fact, one state of raw bytes a person), `person` (the real
one). What is measured is the steady part: from `warm` events on, until all are folded or the time is up.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer

from runtime.brokers.detect import detect
from runtime.logging import configure
from runtime.place import load_place
from schemas.catalogue import FORWARD, VIEW_TRANSFER
from schemas.codec import decode_fact
from streams.agents.config import core_config
from streams.agents.person import fold_factory
from streams.engine.app import BatchApp
from streams.engine.plan import Plan
from streams.engine.process import serve
from streams.engine.stock import StockApp
from streams.engine.types import Flush, FoldFactory, Output, PartitionFold, Record
from streams.worker import AT_ONCE, LAGGING

Given = dict[str, Any]


class FactsFold:
    """A stand-in of the real fold's data flow: decode once, keep raw events by person, write dirty persons
    at the cut.
    """

    def __init__(self) -> None:
        self.states: dict[bytes, list[bytes]] = defaultdict(list)
        self.dirty: set[bytes] = set()

    def restore(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        for key, value in records:
            self.states[key] = msgspec.msgpack.decode(value or b"\x90", type=list[bytes])

    def restored(self) -> None: ...

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        for record in records:
            fact = decode_fact(record.value or b"")
            key = fact.key.encode()
            self.states[key].append(record.value or b"")
            self.dirty.add(key)

    def cut(self, now_us: int) -> Flush:
        dirty, self.dirty = self.dirty, set()
        return Flush([(key, msgspec.msgpack.encode(self.states[key])) for key in dirty], [])

    def republish(self, keys: Collection[bytes]) -> list[Output]:
        return []

    def size(self) -> int:
        return len(self.states)


class EchoFold(FactsFold):
    """One state and one output an event, for latency: the output's value is the event's."""

    def __init__(self, topic: str) -> None:
        super().__init__()
        self._topic = topic
        self._owed: list[Output] = []

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        for record in records:
            key, value = record.key or b"", record.value or b""
            self.states[key] = [value]
            self.dirty.add(key)
            self._owed.append(Output(self._topic, key, value, (), None))

    def cut(self, now_us: int) -> Flush:
        owed, self._owed = self._owed, []
        return Flush(super().cut(now_us).changelog, owed)


class Meter:
    """Counts events over all partitions. A durable system's events count once the flush that holds them is
    acknowledged: when the next cut of their partition begins.
    """

    def __init__(self, given: Given) -> None:
        self.total, self.warm, self.seconds = given["events"], given["warm"], given["seconds"]
        self.folded = self.covered = 0
        self.began: tuple[int, float, float] | None = None
        self._done = threading.Lock()

    def cover(self, count: int) -> None:
        """So many more are done; ends the process when all are folded."""
        self.covered += count
        if self.began is None and self.covered >= self.warm:
            self.began = (self.covered, time.monotonic(), time.process_time())
            timer = threading.Timer(self.seconds, self.end)
            timer.daemon = True
            timer.start()
        if self.folded >= self.total:
            self.end()

    def end(self) -> None:
        """Say the result and leave."""
        if self.began is None or not self._done.acquire(blocking=False):
            return
        events, wall_s = self.covered - self.began[0], time.monotonic() - self.began[1]
        cpu_s = time.process_time() - self.began[2]
        result = {"events": events, "wall_s": wall_s, "cpu_s": cpu_s, "peak_kb": _peak_kb()}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()
        os._exit(0)


def _peak_kb() -> int:
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


class Metered:
    """A fold that tells the meter."""

    def __init__(self, inner: PartitionFold, meter: Meter, durable: bool) -> None:
        self._inner, self._meter, self._durable = inner, meter, durable
        self._fresh = self._sent = 0
        self.restore, self.restored = inner.restore, inner.restored
        self.republish, self.size = inner.republish, inner.size

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        self._inner.fold(topic, records)
        if topic == FORWARD:
            return
        self._meter.folded += len(records)
        self._fresh += len(records)
        if not self._durable:
            self._meter.cover(len(records))

    def cut(self, now_us: int) -> Flush:
        self._meter.cover(self._sent)
        self._sent, self._fresh = self._fresh, 0
        return self._inner.cut(now_us)


def factory(given: Given, meter: Meter) -> FoldFactory:
    """The fold asked for, metered."""
    person = fold_factory(core_config(load_place("bromley")))
    makers: dict[str, FoldFactory] = {
        "facts": lambda _partition: FactsFold(),
        "person": person,
        "echo": lambda _partition: EchoFold(VIEW_TRANSFER),
    }
    make = makers[given["fold"]]
    durable = given["system"] != "bare"
    return lambda partition: Metered(make(partition), meter, durable)


async def bare(given: Given, fold: FoldFactory) -> None:
    """The client's own limit: fetch, decode, fold; no state leaves, nothing is committed."""
    consumer = AIOKafkaConsumer(
        given["topic"], bootstrap_servers=given["bootstrap"], auto_offset_reset="earliest"
    )
    await consumer.start()
    folds: dict[int, PartitionFold] = {}
    while True:
        for tp, records in (await consumer.getmany(timeout_ms=200, max_records=4000)).items():
            part = folds.setdefault(tp.partition, fold(tp.partition))
            part.fold(
                tp.topic,
                [Record(r.key, r.value, r.headers, r.partition, r.offset, r.timestamp) for r in records],
            )


def main(given: Given) -> None:
    """Run one system until the meter ends the process."""
    configure("ERROR")
    fold = factory(given, Meter(given))
    if given["system"] == "bare":
        asyncio.run(bare(given, fold))
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
    serve(lambda: make(plan))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
