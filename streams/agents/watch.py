"""The watch fold: the feeds, rejects, waiting matches and parked records of one partition, for the engine
(`streams/engine/types.py`, docs/adr/0019).

In: feed events, refusals, persons' views, what people say of alerts. Out: changelog records, alerts, and each
refusal once more under its partner's key, for the topic of refusals is keyed by the refusal. Views have no
time of their own that a wait could be counted from: when we first saw that somebody waits is noted at the
next cut and kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from schemas.catalogue import ALERT_COMMAND, FEED, INTERNAL_WATCH, QUARANTINE, VIEW_TRANSFER
from schemas.codec import decode
from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.holders import WATCH, subject_key
from schemas.reasons import Reason
from streams.agents.outputs import refused_of
from streams.agents.parking import Parking
from streams.agents.place_alerts import PlaceAlerts
from streams.core.alerts.places import PlaceRule
from streams.core.alerts.watched import MATCH, PARKED, WatchState, feed_fact, reject_fact, seen_fact
from streams.core.config import CoreConfig
from streams.core.views.waits import waits_of
from streams.engine.types import Flush, FoldFactory, Output, Record
from streams.rules.catalogue import WATCH_RULES

_FACT, _ALERTS, _OWED = "f", "a", "q"
SECOND_US = 1_000_000
_encode = msgspec.msgpack.Encoder().encode
_read_name = msgspec.msgpack.Decoder(tuple[str, str, str]).decode
_read_fact = msgspec.msgpack.Decoder(Fact).decode
_read_reject = msgspec.msgpack.Decoder(tuple[str, str, int]).decode


def watch_factory(config: CoreConfig) -> FoldFactory:
    """The factory the worker of the group `watch` gives to the engine."""
    parking = Parking(event="watch.parked")
    return lambda partition: WatchFold(config, parking)


class WatchFold:
    """`PartitionFold` of what is watched over. Changelog keys: msgpack of (f, subject, fact id), (a, subject,
    "") for its alerts and (q, partner, refusal) for one that is on its way to its partner's key.
    """

    def __init__(
        self, config: CoreConfig, parking: Parking | None = None, rules: Sequence[PlaceRule] = WATCH_RULES
    ) -> None:
        self._config = config
        self._alerts = PlaceAlerts(
            rules, config, parking or Parking(event="watch.parked"), WatchState, WATCH
        )
        self.parked: set[bytes] = set()
        self._waiting: dict[str, dict[str, str]] = {}
        """Person key -> subjects that wait, by our last word, with the kind of each."""
        self._seen: dict[str, dict[str, str]] = {}
        """Person key -> the same, by the views read since the last cut that knew the time."""
        self._owed: dict[bytes, bytes] = {}
        """Refusals on their way; they are let go of at the cut after the one that sent them."""
        self._sent: list[bytes] = []
        self._written: dict[bytes, bytes | None] = {}
        self._outputs: list[Output] = []
        self._subjects: set[str] = set()
        self._news = False
        """Whether anything was heard since the alerts were last looked at."""
        self._looked_at = 0

    # -- state

    def restore(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Apply changelog records."""
        for name, value in records:
            kind, subject, ident = _read_name(name)
            if kind == _OWED:
                _put(self._owed, name, value)
            elif kind == _ALERTS:
                self._alerts.restore(subject, value or b"")
            elif value is None:
                state = self._alerts.sweep(subject).state
                state.facts.pop(ident, None)
            else:
                self._alerts.known(_read_fact(value))
            self._subjects.add(subject)

    def restored(self) -> None:
        """Who waits by our last word; what was on its way goes with the next cut."""
        for subject in self._subjects:
            state = self._alerts.sweep(subject).state
            last = max(state.facts.values(), key=lambda fact: fact.occurred_at, default=None)
            if last is not None and last.body.get("waits"):
                self._waiting.setdefault(subject_key(subject), {})[subject] = last.kind
        self._sent = list(self._owed)

    def size(self) -> int:
        """How many subjects are held."""
        return len(self._subjects)

    # -- folding

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        """Take records; a refused one is owed to the quarantine at the next cut."""
        take = {
            FEED: self._feed, QUARANTINE: self._refusal, INTERNAL_WATCH: self._reject,
            VIEW_TRANSFER: self._view, ALERT_COMMAND: self._alerts.command,
        }[topic]  # fmt: skip
        self._outputs.extend(refused_of(topic, records, take))

    def _feed(self, key: bytes, value: bytes) -> None:
        fact = feed_fact(*decode(value))
        if fact.key.encode() != key:
            raise ContractViolation(Reason.BAD_VALUE, "/partner")
        self._hear(fact)

    def _refusal(self, _key: bytes, value: bytes) -> None:
        if not value:
            return  # it was redriven or discarded: it was refused all the same
        record = decode(value)[1]
        ident, partner = record["quarantine_id"], record["partner"]
        name = _encode((_OWED, partner, ident))
        self._owed[name] = self._written[name] = _encode((ident, partner, record["received_at"]))
        self._outputs.append(_forward(name, self._owed[name]))

    def _reject(self, _key: bytes, value: bytes) -> None:
        self._hear(reject_fact(*_read_reject(value)))

    def _view(self, key: bytes, value: bytes) -> None:
        person = key.decode("utf-8", "replace")
        record = decode(value)[1] if value else None
        waits = _subjects_of(person, record) if record else {}
        if waits or person in self._waiting:
            self._seen[person] = waits
        else:
            self._seen.pop(person, None)

    def _hear(self, fact: Fact) -> None:
        self._subjects.add(fact.key)
        if fact.id not in self._alerts.sweep(fact.key).state.facts:
            self._written[_encode((_FACT, fact.key, fact.id))] = _encode(fact)
            self._alerts.heard(fact)
            self._news = True

    # -- publishing

    def cut(self, now_us: int) -> Flush:
        """Sweep what was heard; note who waits; once nothing received before is unread, say what is due."""
        if now_us:
            self._note(now_us)
        outputs, self._outputs = self._outputs, []
        look = self._news or now_us - self._looked_at >= SECOND_US
        outputs.extend(self._alerts.cut(now_us if look else 0))
        self._looked_at = now_us if look and now_us else self._looked_at
        self._news = self._news and not now_us
        for subject, value in self._alerts.written():
            self._written[_encode((_ALERTS, subject, ""))] = value
        for subject, ident in self._alerts.pruned():
            self._written[_encode((_FACT, subject, ident))] = None
        for name in self._sent:
            self._owed.pop(name, None)
            self._written.setdefault(name, None)
        self._sent = list(self._owed)
        changelog, self._written = list(self._written.items()), {}
        return Flush(changelog, outputs)

    def _note(self, now_us: int) -> None:
        """Who waits that did not, and who waits no more."""
        for person, subjects in self._seen.items():
            before = self._waiting.get(person, {})
            for subject, kind in {**before, **subjects}.items():
                if (subject in before) != (subject in subjects):
                    self._hear(seen_fact(kind, subject, subject in subjects, now_us))
            if subjects:
                self._waiting[person] = subjects
            else:
                self._waiting.pop(person, None)
        self._seen = {}

    def republish(self, keys: Collection[bytes]) -> list[Output]:
        """What these changelog keys owe: refusals on their way at once, alerts at the next cut."""
        found = []
        for name in dict.fromkeys(keys):
            kind, subject, _ = _read_name(name)
            if kind == _OWED:
                if name in self._owed:
                    found.append(_forward(name, self._owed[name]))
            else:
                self._alerts.doubt(subject)
        return found


def _subjects_of(person: str, record: dict[str, Any]) -> dict[str, str]:
    """What waits about a person, by their view: subject -> kind."""
    return {
        f"{person}|{other}" if other else person: MATCH if other else PARKED
        for other in waits_of(record["status"], record["lines"], person)
    }


def _forward(name: bytes, value: bytes) -> Output:
    return Output(INTERNAL_WATCH, _read_name(name)[1].encode(), value, (), None)


def _put(table: dict[bytes, bytes], key: bytes, value: bytes | None) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
