"""The place fold: all sites, providers and care homes of one partition, for the engine
(`streams/engine/types.py`).

In: figures from outside. Out: changelog records, measures, refusals. A place is small and lies here decoded.
What does not decode is quarantined with its place in the log; a place whose measures fail keeps those it
shows, is said on the log, and delays nobody (design.md §4 law 8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256

import msgspec

from runtime.metrics import METER
from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.figures import decode_figure
from schemas.reasons import Reason
from streams.agents.outputs import measure_output, measure_tombstone, quarantined_output
from streams.agents.parking import Parking
from streams.core.config import CoreConfig
from streams.core.measure_lines import measure_line
from streams.core.place_state import GONE, PlaceState
from streams.engine.types import Flush, FoldFactory, Output, Record

_FACT, _SHOWN = "f", "s"
_encode = msgspec.msgpack.Encoder().encode
_read_name = msgspec.msgpack.Decoder(tuple[str, str, str]).decode
_read_fact = msgspec.msgpack.Decoder(Fact).decode
_read_shown = msgspec.msgpack.Decoder(dict[str, str]).decode


def place_factory(config: CoreConfig) -> FoldFactory:
    """The factory the worker of the group `place` gives to the engine."""
    parking = Parking(event="place.parked")
    return lambda partition: PlaceFold(config, parking)


class PlaceFold:
    """`PartitionFold` of places. Changelog keys: msgpack of (f, site, fact id), and of (s, site, "") for what
    is shown.
    """

    def __init__(self, config: CoreConfig, parking: Parking | None = None) -> None:
        self._config, self._parking = config, parking or Parking(event="place.parked")
        self.parked: set[bytes] = set()
        """Places whose measures cannot be made now."""
        self._places: dict[str, PlaceState] = {}
        self._dirty: dict[str, None] = {}
        self._written: dict[bytes, bytes | None] = {}
        self._refused: list[Output] = []

    # -- state

    def restore(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Apply changelog records."""
        for name, value in records:
            kind, site, part = _read_name(name)
            state = self.state(site)
            if kind == _SHOWN:
                state.shown = _read_shown(value) if value is not None else {}
            elif value is None:
                state.drop(part)
            else:
                state.take(_read_fact(value))

    def restored(self) -> None:
        """Nothing more to do: measures that are shown stand until something changes."""

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
        for record in records:
            try:
                self._figure(record.key or b"", record.value or b"")
            except ContractViolation as verdict:
                METER.count("toc_records_undecodable_total", topic=topic, reason=str(verdict.reason))
                self._refused.append(quarantined_output(topic, record, verdict))

    def _figure(self, key: bytes, value: bytes) -> None:
        fact = decode_figure(value)
        if fact.key.encode() != key:
            raise ContractViolation(Reason.BAD_VALUE, "/site")
        state = self.state(fact.key)
        if state.take(fact):
            self._dirty[fact.key] = None
            self._written[_name(_FACT, fact.key, fact.id)] = _encode(state.facts[fact.id])

    # -- publishing

    def cut(self, now_us: int) -> Flush:
        """Make the measures of every place that changed since the last cut; only what differs is said."""
        outputs, self._refused = self._refused, []
        for site in self._dirty:
            outputs.extend(self._published(self._places[site]))
        changelog, self._written, self._dirty = list(self._written.items()), {}, {}
        return Flush(changelog, outputs)

    def _published(self, state: PlaceState) -> list[Output]:
        before = state.shown
        try:
            for gone in state.prune(self._config):
                self._written[_name(_FACT, state.key, gone)] = None
            outputs = list(self._news(state))
        except Exception as failure:  # noqa: BLE001  # one place's figures never stop the others'
            self.parked.add(state.key.encode())
            self._parking.tell(failure)
            return []
        self.parked.discard(state.key.encode())
        if outputs or state.shown != before:
            self._written[_name(_SHOWN, state.key, "")] = _encode(state.shown)
        return outputs

    def _news(self, state: PlaceState) -> Iterator[Output]:
        shown: dict[str, str] = {}
        outputs = []
        for key, one in state.measures(self._config):
            line = measure_line(one)
            shown[key] = sha256(line).hexdigest()[:16]
            if state.shown.get(key) != shown[key]:
                outputs.append(measure_output(key, one, line))
        for key, said in state.shown.items():
            if key not in shown and said != GONE:
                outputs.append(measure_tombstone(key))
                shown[key] = GONE  # until the next cut, which comes once this one is acknowledged
        state.shown = shown
        return iter(outputs)

    def republish(self, keys: Collection[bytes]) -> list[Output]:
        """What the places of these changelog keys show is said again at the next cut, gone measures too."""
        for site in dict.fromkeys(_read_name(name)[1] for name in keys):
            state = self.state(site)
            state.shown = dict.fromkeys(state.shown, "")
            self._dirty[site] = None
        return []


def _name(kind: str, site: str, part: str) -> bytes:
    return _encode((kind, site, part))
