"""A fold for tests: it knows every event it has seen, so that loss, doubling and staleness all show.

A state is two lists, `seen` (own events) and `told` (events forwarded to this key), and `again`: how often
an event came that was already there. Every event owes one output; each fifth is forwarded over the internal
topic to another key, which owes one output in turn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from streams.engine.types import Flush, Output, Record

KEYS = 400


class Topics(NamedTuple):
    """The topics of one test: two sources, the internal one the fold also writes, the outputs."""

    events: str
    notes: str
    internal: str
    out: str

    @classmethod
    def of(cls, prefix: str) -> Topics:
        return cls(*(f"{prefix}.{name}" for name in cls._fields))

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.events, self.notes, self.internal)


def key_of(number: int) -> bytes:
    """The key of an event."""
    return b"k%d" % (number * 7919 % KEYS)


def target_of(number: int) -> bytes | None:
    """Whom an event is forwarded to, if anybody."""
    return b"k%d" % (number * 31 % KEYS) if number % 5 == 0 else None


class ToyState(msgspec.Struct, array_like=True):
    """All that is known of a key."""

    seen: list[int] = []
    told: list[int] = []
    again: int = 0


@dataclass
class ToyFold:
    """`PartitionFold` of the toy."""

    topics: Topics
    partition: int
    states: dict[bytes, ToyState] = field(default_factory=dict)
    dirty: set[bytes] = field(default_factory=set)
    owed: list[Output] = field(default_factory=list)
    restored_with: int = -1

    def restore(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        for key, value in records:
            if value is None:
                self.states.pop(key, None)
            else:
                self.states[key] = msgspec.msgpack.decode(value, type=ToyState)

    def restored(self) -> None:
        self.restored_with = len(self.states)

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        for record in records:
            number = int(record.value or b"-1")
            if number < 0:
                raise ValueError("a poisoned record")
            self._take(record.key or b"", number, forwarded=topic == self.topics.internal)

    def _take(self, key: bytes, number: int, *, forwarded: bool) -> None:
        state = self.states.setdefault(key, ToyState())
        known = state.told if forwarded else state.seen
        self.dirty.add(key)
        if number in known:
            state.again += 1
            return
        known.append(number)
        self.owed += self._told(key, number) if forwarded else self._seen(key, number)

    def cut(self, now_us: int) -> Flush:
        state = [(key, msgspec.msgpack.encode(self.states[key])) for key in self.dirty]
        owed, self.owed, self.dirty = self.owed, [], set()
        return Flush(state, owed)

    def republish(self, keys: Collection[bytes]) -> list[Output]:
        return [output for key in sorted(keys) for output in self._all(key, self.states[key])]

    def size(self) -> int:
        return len(self.states)

    def _seen(self, key: bytes, number: int) -> list[Output]:
        outputs = [Output(self.topics.out, key, b"s%d" % number, (("kind", b"seen"),), None)]
        target = target_of(number)
        if target is not None:
            outputs.append(Output(self.topics.internal, target, b"%d" % number, (), None))
        return outputs

    def _told(self, key: bytes, number: int) -> list[Output]:
        return [Output(self.topics.out, key, b"t%d" % number, (), None)]

    def _all(self, key: bytes, state: ToyState) -> Iterable[Output]:
        for number in state.seen:
            yield from self._seen(key, number)
        for number in state.told:
            yield from self._told(key, number)


def expected(numbers: Iterable[int]) -> dict[bytes, tuple[set[int], set[int]]]:
    """The plain fold: key -> (seen, told), by nothing but a loop over the events."""
    states: dict[bytes, tuple[set[int], set[int]]] = {}
    for number in numbers:
        states.setdefault(key_of(number), (set(), set()))[0].add(number)
        target = target_of(number)
        if target is not None:
            states.setdefault(target, (set(), set()))[1].add(number)
    return states


def expected_outputs(numbers: Iterable[int]) -> set[bytes]:
    """Ids of all outputs owed for these events."""
    ids = set()
    for number in numbers:
        ids.add(b"s%d" % number)
        if target_of(number) is not None:
            ids.add(b"t%d" % number)
    return ids
