"""The person fold: all keys of one partition, for the engine (`streams/engine/types.py`).

In: records of the person topics and of the internal topic. Out: changelog records, views, forwards, notices
owed, refusals. States lie here as bytes; a bounded number is kept decoded. What does not decode is
quarantined with its place in the log, whoever does not reduce is parked: neither delays anybody.
"""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from schemas.catalogue import FORWARD
from schemas.codec import decode_fact
from schemas.errors import ContractViolation
from schemas.holders import of_person, record_key
from schemas.reasons import Reason
from streams.agents.alerts import alert_outputs
from streams.agents.claims_out import ClaimsOut
from streams.agents.outputs import published_outputs, refused_of
from streams.agents.parking import Parking
from streams.agents.tidying import DueTimes, due_of, tidy_due, tidy_grown
from streams.core.alerts.book import AT_ONCE
from streams.core.alerts.judging import judge, promised
from streams.core.alerts.sweep import Rule
from streams.core.config import CoreConfig
from streams.core.identity import messages
from streams.core.reduce import Picture, reduce_person
from streams.core.state.codec import Chunks, decode, encode, next_due
from streams.core.state.memo import Memo
from streams.core.state.person import PersonState
from streams.core.state.publish import publish
from streams.core.views.view import Reduce
from streams.engine.types import Flush, FoldFactory, Output, Record
from streams.rules.catalogue import RULES

DECODED = 4_000
"""Decoded states kept per partition between cuts: more than a place's people in hospital or just home on one
partition, at 8 to 21 KB each.
"""
_HEAD, _PARKED, _CLAIMED = b"h", b"p", b"c"
K = TypeVar("K")


class Kept(NamedTuple):
    """A decoded state, the open end of its journal, and what was worked out of it so far."""

    state: PersonState
    chunks: Chunks
    memo: Memo | None


def fold_factory(config: CoreConfig) -> FoldFactory:
    """The factory the worker gives to the engine."""
    parking = Parking()
    return lambda partition: PersonFold(config, parking=parking)


class PersonFold:
    """`PartitionFold` of persons. Changelog keys: `<person key>/h`, `<person key>/<number of the chunk>`, and
    `<person key>/p` while the person is parked, `<person key>/c` for what sites were told.
    """

    def __init__(
        self, config: CoreConfig, reduce: Reduce = reduce_person, decoded: int = DECODED,
        parking: Parking | None = None, rules: Sequence[Rule] = RULES,
    ) -> None:
        self._config, self._reduce, self._decoded, self._rules = config, reduce, decoded, rules
        self._parking = parking or Parking()
        self._ruling = Parking(event="alert.rule_failed")
        self.parked: set[bytes] = set()
        """Keys of persons that do not reduce now (design.md §4 law 8)."""
        self._heads: dict[bytes, bytes] = {}
        self._chunks: dict[bytes, dict[int, bytes]] = {}
        self._live: OrderedDict[bytes, Kept] = OrderedDict()
        self._dirty: dict[bytes, None] = {}
        self._refused: list[Output] = []
        self._due = DueTimes()
        self._claims = ClaimsOut()

    # -- state

    def restore(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Apply changelog records without decoding any."""
        for name, value in records:
            key, _, part = name.rpartition(b"/")
            if part == _HEAD:
                _put(self._heads, key, value)
            elif part == _PARKED:
                self._park(key, value is not None)
            elif part == _CLAIMED:
                self._claims.restore(key, value)
            else:
                _put(self._chunks.setdefault(key, {}), int(part), value)

    def restored(self) -> None:
        """Nothing is decoded before it is needed; due times are read where they stand."""
        self._due.read(self._heads)

    def size(self) -> int:
        """How many keys have a state."""
        return len(self._heads.keys() | self._live.keys())

    def state(self, key: bytes) -> PersonState:
        """The state of a key as it is now, for tests and `homeward doctor`."""
        return self._kept(key).state

    def _kept(self, key: bytes) -> Kept:
        kept = self._live.get(key)
        if kept is None:
            head = self._heads.get(key)
            if head is None:
                found = PersonState(key.decode()), Chunks()
            else:
                found = decode(head, self._chunks.get(key, {}))
            kept = Kept(*found, Memo() if self._reduce is reduce_person else None)
            self._live[key] = kept
        else:
            self._live.move_to_end(key)
        return kept

    # -- folding

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        """Take records; a refused one is owed to the quarantine at the next cut."""
        take = self._message if topic == FORWARD else self._fact
        self._refused.extend(refused_of(topic, records, take))

    def _fact(self, key: bytes, value: bytes) -> None:
        fact = decode_fact(value)
        if record_key(fact.key).encode() != key:
            raise ContractViolation(Reason.BAD_VALUE, "/person_key")
        if not of_person(fact.key):
            return  # a word on an alert that workers of another group hold
        if self._kept(key).state.take(fact):
            self._dirty[key] = None

    def _message(self, key: bytes, value: bytes) -> None:
        message = messages.decode(value)
        if self._kept(key).state.receive(message):
            self._dirty[key] = None

    # -- publishing

    def cut(self, now_us: int) -> Flush:
        """Reduce and write every key that changed since the last cut, or is due."""
        changelog: list[tuple[bytes, bytes | None]] = []
        outputs, self._refused = self._refused, []
        late = self._due.take(now_us, self._heads)
        for key in late:
            self._tidy(key, now_us)
        for key in self._dirty:
            kept = self._kept(key)
            if now_us:
                tidy_grown(kept.state, now_us, self._config)
            published = publish(kept.state, self._config, self._reduce, memo=kept.memo, until=now_us)
            outputs.extend(published_outputs(key, published))
            outputs.extend(self._alerts(key, kept.state, published.pictures, now_us))
            outputs.extend(self._claims.owed(key, kept.state, published))
            changelog.extend(self._write(key, kept))
            changelog.extend(self._parks(key, kept.state, published.failure))
        for key in late:
            if key not in self._dirty:
                outputs.extend(self._alerts(key, self._kept(key).state, {}, now_us))
                changelog.extend(self._write(key, self._kept(key)))
        self._dirty = {}
        while len(self._live) > self._decoded:
            self._live.popitem(last=False)
        return Flush(changelog, outputs, self._due.left(now_us, self._heads))

    def _alerts(
        self, key: bytes, state: PersonState, pictures: Mapping[int, Picture], now_us: int
    ) -> Iterable[Output]:
        """What is late, once nothing received before is unread."""
        if not now_us:
            state.alerts.due = AT_ONCE
            return []
        judged = judge(state, pictures, self._rules, self._config, now_us)
        for failure in judged.failures:
            self._ruling.tell(failure)
        return alert_outputs(key.decode(), judged)

    def _tidy(self, key: bytes, now_us: int) -> None:
        state = self._kept(key).state
        if not 0 < state.due <= now_us:
            return
        self._dirty[key] = None
        try:
            tidy_due(state, now_us, self._config)
        except Exception as failure:  # noqa: BLE001  # whoever does not reduce is parked by the look that follows
            self._parking.tell(failure)

    def _write(self, key: bytes, kept: Kept) -> Iterator[tuple[bytes, bytes | None]]:
        before = next_due(self._heads[key]) if key in self._heads else 0
        due = due_of(kept.state, self._config)
        head, chunks = encode(kept.state, kept.chunks, due)
        self._due.note(key, due, before)
        for number, chunk in chunks:
            self._chunks.setdefault(key, {})[number] = chunk
            yield b"%s/%d" % (key, number), chunk
        self._heads[key] = head
        yield b"%s/%s" % (key, _HEAD), head
        for sent in self._claims.written(key):
            yield b"%s/%s" % (key, _CLAIMED), sent
        for number in kept.chunks.dropped:
            self._chunks[key].pop(number, None)
            yield b"%s/%d" % (key, number), None
        kept.chunks.dropped.clear()

    def _parks(
        self, key: bytes, state: PersonState, failure: Exception | None
    ) -> Iterator[tuple[bytes, bytes | None]]:
        parked = state.shown.status == "parked"
        if failure is not None:
            self._parking.tell(failure)
        if parked != (key in self.parked):
            self._park(key, parked)
            yield b"%s/%s" % (key, _PARKED), b"1" if parked else None

    def _park(self, key: bytes, parked: bool) -> None:
        if parked:
            self.parked.add(key)
        else:
            self.parked.discard(key)

    def republish(self, keys: Collection[bytes]) -> list[Output]:
        """Everything the persons of these changelog keys owe; they are written again at the next cut."""
        owners = dict.fromkeys(name.rpartition(b"/")[0] for name in keys)
        outputs: list[Output] = []
        for key in owners:
            if key in self._heads:
                state = self._kept(key).state
                published = publish(state, self._config, self._reduce, total=True)
                self._claims.doubt(key)
                outputs.extend(published_outputs(key, published))
                outputs.extend(self._claims.owed(key, state, published))
                said = promised(state, self._rules, self._config)
                outputs.extend(alert_outputs(key.decode(), said))
                self._dirty[key] = None
        return outputs


def _put(table: dict[K, bytes], key: K, value: bytes | None) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
