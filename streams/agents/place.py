"""The place fold: all sites, providers and care homes of one partition, for the engine
(`streams/engine/types.py`).

In: figures from outside, the claims of persons on a place's things, and the actions of its calls. Out:
changelog records, measures, alerts, the action log, refusals. A place is small and lies here decoded.
Measures of figures follow the figures; what is counted is as at now, at most once a second, and said again
where it differs or a quarter of an hour passed. What does not decode is quarantined with its place in the
log; a place whose measures fail keeps those it shows, is said on the log, and delays nobody (design.md §4 law
8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from schemas.catalogue import ACTION, ALERT_COMMAND, INTERNAL_PLACE, VIEW_PRESSURE
from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.figures import decode_figure
from schemas.holders import PLACE
from schemas.reasons import Reason
from streams.agents.actions_out import ActionsOut
from streams.agents.outputs import measure_output, refused_of, tombstone_output
from streams.agents.parking import Parking
from streams.agents.place_alerts import PlaceAlerts
from streams.core.alerts.places import PlaceRule
from streams.core.config import CoreConfig
from streams.core.pressure.contributions import decode
from streams.core.pressure.lines import measure_line
from streams.core.pressure.measures import Measure
from streams.core.pressure.place_state import GONE, PlaceState
from streams.engine.types import Flush, FoldFactory, Output, Record
from streams.rules.catalogue import PLACE_RULES

_FACT, _ROW, _SHOWN, _ALERTS, _ACTION = "f", "r", "s", "a", "t"
_FIGURE, _COUNTED = "f", "c"
"""Begin what is noted of a measure shown: made of figures, or counted."""
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
QUARTER_US = 15 * MINUTE_US
_encode = msgspec.msgpack.Encoder().encode
_read_name = msgspec.msgpack.Decoder(tuple[str, str, str]).decode
_read_fact = msgspec.msgpack.Decoder(Fact).decode
_read_shown = msgspec.msgpack.Decoder(dict[str, str]).decode


def place_factory(config: CoreConfig) -> FoldFactory:
    """The factory the worker of the group `place` gives to the engine."""
    parking = Parking(event="place.parked")
    return lambda partition: PlaceFold(config, parking)


class PlaceFold:
    """`PartitionFold` of places. Changelog keys: msgpack of (f, site, fact id), (r, site, thing|holder),
    (s, site, "") for what is shown, (a, site, "") for its alerts, (t, site, fact id or "") for its actions.
    """

    def __init__(
        self, config: CoreConfig, parking: Parking | None = None, rules: Sequence[PlaceRule] = PLACE_RULES
    ) -> None:
        self._config, self._parking = config, parking or Parking(event="place.parked")
        self.parked: set[bytes] = set()
        """Places whose measures cannot be made now."""
        self._places: dict[str, PlaceState] = {}
        self._dirty: dict[str, None] = {}
        """Places whose figures changed."""
        self._uncounted: dict[str, None] = {}
        """Places whose things changed since they were counted."""
        self._counted_at = 0
        self._written: dict[bytes, bytes | None] = {}
        self._refused: list[Output] = []
        self._alerts = PlaceAlerts(rules, config, self._parking, PlaceState, PLACE)
        self._actions = ActionsOut()

    # -- state

    def restore(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Apply changelog records."""
        for name, value in records:
            kind, site, part = _read_name(name)
            state = self.state(site)
            if kind == _SHOWN:
                state.shown = _read_shown(value) if value is not None else {}
            elif kind == _ROW:
                thing, _, holder = part.rpartition("|")
                state.release(thing, holder)
                if value is not None:
                    state.claim(decode(value))
            elif kind == _ACTION:
                self._actions.restore(site, part, value)
            elif kind == _ALERTS:
                self._alerts.restore(site, value or b"")
            elif value is None:
                state.drop(part)
            else:
                fact = _read_fact(value)
                state.take(fact)
                self._alerts.known(fact)

    def restored(self) -> None:
        """Nothing more to do: what is shown of figures stands until it changes; the first count is of all."""

    def size(self) -> int:
        """How many places are held."""
        return len(self._places)

    def state(self, site: str) -> PlaceState:
        """The state of a place as it is now."""
        if site not in self._places:
            self._places[site] = PlaceState(site)
        return self._places[site]

    # -- folding

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        """Take records; a refused one is owed to the quarantine at the next cut."""
        others = {
            INTERNAL_PLACE: self._claim, ACTION: self._action, ALERT_COMMAND: self._alerts.command,
        }  # fmt: skip
        take = others.get(topic, self._figure)
        self._refused.extend(refused_of(topic, records, take))

    def _action(self, key: bytes, value: bytes) -> None:
        self._actions.take(_keyed(decode_figure(value), key))

    def _figure(self, key: bytes, value: bytes) -> None:
        fact = _keyed(decode_figure(value), key)
        state = self.state(fact.key)
        if state.take(fact):
            self._dirty[fact.key] = None
            self._written[_name(_FACT, fact.key, fact.id)] = _encode(state.facts[fact.id])
            self._alerts.heard(state.facts[fact.id])

    def _claim(self, key: bytes, value: bytes) -> None:
        said, site = decode(value), key.decode("utf-8", "replace")
        if self.state(site).claim(said):
            self._uncounted[site] = None
            self._written[_name(_ROW, site, f"{said.thing}|{said.holder}")] = value

    # -- publishing

    def cut(self, now_us: int) -> Flush:
        """Make the measures of every place that changed since the last cut; only what differs is said.

        Nothing is counted before the log was once read to its end: what is not known is not said.
        """
        outputs, self._refused = self._refused, []
        count = self._due(now_us)
        for site in {**self._dirty, **(self._uncounted if count else {})}:
            outputs.extend(self._published(self._places[site], now_us))
        if count:
            self._uncounted, self._counted_at = {}, now_us
        outputs.extend(self._alerts.cut(now_us if count or self._dirty else 0))
        outputs.extend(self._actions.cut())
        self._written |= {_name(_ALERTS, site, ""): value for site, value in self._alerts.written()}
        self._written |= {_name(_ACTION, site, part): value for site, part, value in self._actions.written()}
        changelog, self._written, self._dirty = list(self._written.items()), {}, {}
        return Flush(changelog, outputs)

    def _due(self, now_us: int) -> bool:
        """Whether it is time to count; at each quarter of an hour all of them, and what is old is left."""
        if now_us // QUARTER_US != self._counted_at // QUARTER_US and now_us:
            for site, state in self._places.items():
                for thing, holder in state.outdated(now_us):
                    state.release(thing, holder)
                    self._written[_name(_ROW, site, f"{thing}|{holder}")] = None
                if state.rows:
                    self._uncounted[site] = None
            return True
        return bool(now_us) and now_us - self._counted_at >= SECOND_US

    def _published(self, state: PlaceState, now_us: int) -> list[Output]:
        before = state.shown
        try:
            for gone in state.prune(self._config):
                self._written[_name(_FACT, state.key, gone)] = None
            outputs = list(self._news(state, now_us))
        except Exception as failure:  # noqa: BLE001  # one place's figures never stop the others'
            self.parked.add(state.key.encode())
            self._parking.tell(failure)
            return []
        self.parked.discard(state.key.encode())
        if outputs or state.shown != before:
            self._written[_name(_SHOWN, state.key, "")] = _encode(state.shown)
        return outputs

    def _news(self, state: PlaceState, now_us: int) -> Iterator[Output]:
        shown: dict[str, str] = {}
        if not now_us:
            shown |= {key: said for key, said in state.shown.items() if said.startswith(_COUNTED)}
        for key, one, kind in self._measures(state, now_us):
            line = measure_line(one)
            shown[key] = kind + sha256(_dated(line, one, kind)).hexdigest()[:16]
            if state.shown.get(key) != shown[key]:
                yield measure_output(key, one, line)
        for key, said in state.shown.items():
            if key not in shown and said != GONE:
                yield tombstone_output(VIEW_PRESSURE, key)
                shown[key] = GONE  # until the next look, which comes once this cut is acknowledged
        state.shown = shown

    def _measures(self, state: PlaceState, now_us: int) -> Iterator[tuple[str, Measure, str]]:
        yield from ((key, one, _FIGURE) for key, one in state.measures(self._config))
        if now_us:
            at = now_us - now_us % MINUTE_US
            yield from ((key, one, _COUNTED) for key, one in state.counted(self._config, at))

    def republish(self, keys: Collection[bytes]) -> list[Output]:
        """What the places of these changelog keys show is said again at the next cut, gone measures too."""
        for site in dict.fromkeys(_read_name(name)[1] for name in keys):
            state = self.state(site)
            doubtful = ((key, said.replace(GONE, _FIGURE)[:1]) for key, said in state.shown.items())
            state.shown = dict(doubtful)
            self._written[_name(_SHOWN, site, "")] = _encode(state.shown)
            self._dirty[site] = None
            self._alerts.doubt(site)
            self._actions.doubt(site)
        return []


def _keyed(fact: Fact, key: bytes) -> Fact:
    if fact.key.encode() != key:
        raise ContractViolation(Reason.BAD_VALUE, "/site")
    return fact


def _name(kind: str, site: str, part: str) -> bytes:
    return _encode((kind, site, part))


def _dated(line: bytes, one: Measure, kind: str) -> bytes:
    """What must differ for a measure to be said again: of what is counted not the minute, but the quarter."""
    if kind == _FIGURE:
        return line
    quarter = (one.as_at or 0) // QUARTER_US * QUARTER_US
    return measure_line(replace(one, as_at=quarter, known_at=quarter))
