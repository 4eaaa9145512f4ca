"""Folds of the benches: the real one, a stand-in of its data flow, an echo; each metered.

In: what a run asks for. Out: samples on stdout, one JSON line each: how much is done at what time.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec

from runtime.place import load_place
from schemas.catalogue import FORWARD, VIEW_TRANSFER
from schemas.codec import decode_fact
from streams.agents.config import core_config
from streams.agents.person import fold_factory
from streams.engine.types import Flush, FoldFactory, Output, PartitionFold, Record

SAMPLE_S = 0.1


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
    """Counts over all partitions of a process, and says so. A durable system's events count once the flush
    that holds them is acknowledged: when the next cut of their partition begins.
    """

    def __init__(self) -> None:
        self.folded = self.covered = self.restored = 0
        self.folds: dict[int, PartitionFold] = {}
        self._said_at = 0.0

    def cover(self, count: int) -> None:
        """So many more are done."""
        self.covered += count
        if time.monotonic() - self._said_at >= SAMPLE_S:
            self.say()

    def say(self, **more: Any) -> None:
        """One sample."""
        self._said_at = time.monotonic()
        sample = {
            "t": self._said_at, "cpu": time.process_time(), "covered": self.covered, "folded": self.folded,
            "restored": self.restored, "peak_kb": _peak_kb(), "keys": self.keys(),
        }  # fmt: skip
        sys.stdout.write(json.dumps(sample | more) + "\n")
        sys.stdout.flush()

    def keys(self) -> int:
        """Keys held by the folds of this process."""
        return sum(fold.size() for fold in self.folds.values())


def _peak_kb() -> int:
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


class Metered:
    """A fold that tells the meter."""

    def __init__(self, inner: PartitionFold, meter: Meter, durable: bool) -> None:
        self._inner, self._meter, self._durable = inner, meter, durable
        self._fresh = self._sent = 0
        self.republish, self.size = inner.republish, inner.size

    def restore(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        if not self._meter.restored:
            self._meter.say(recovery="begun")
        self._inner.restore(records)
        self._meter.restored += len(records)

    def restored(self) -> None:
        self._inner.restored()
        if self._meter.restored:
            self._meter.say(recovery="ended")

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


def real() -> FoldFactory:
    """The person fold of the place Bromley."""
    return fold_factory(core_config(load_place("bromley")))


def factory(fold: str, meter: Meter, *, durable: bool) -> FoldFactory:
    """The fold asked for, metered."""
    makers: dict[str, Callable[[], FoldFactory]] = {
        "facts": lambda: lambda _partition: FactsFold(),
        "person": real,
        "echo": lambda: lambda _partition: EchoFold(VIEW_TRANSFER),
    }
    make = makers[fold]()

    def one(partition: int) -> PartitionFold:
        inner = meter.folds[partition] = make(partition)
        return Metered(inner, meter, durable)

    return one
