"""The alerts of the places of one partition: swept as figures arrive, said where they differ.

In: figures that are news, the engine's clock. Out: alert views and steps, and one changelog record a place
that says where the sweep stands and what was published. Nobody can acknowledge one yet: what people say is
keyed otherwise than figures are, and lies with other partitions (docs/adr/0013).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zlib import crc32

import msgspec

from schemas.fact import Fact
from streams.agents.alerts import PLACE, alert_outputs
from streams.agents.parking import Parking
from streams.core.alerts.book import Said, Where
from streams.core.alerts.desks import ALWAYS
from streams.core.alerts.judging import Judged, Row
from streams.core.alerts.life import Life, Step, lived
from streams.core.alerts.places import PlaceRule, PlaceSweep, Stretch
from streams.core.alerts.sweep import Alert, Rule, Swept
from streams.core.config import CoreConfig
from streams.engine.types import Output


class Kept(msgspec.Struct, array_like=True):
    """What the changelog holds of a place's alerts."""

    swept: Swept
    spans: dict[str, tuple[str, Stretch]] = {}
    said: dict[str, Said] = {}


_write = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(Kept).decode


class PlaceAlerts:
    """All sweeps of a partition, by site."""

    def __init__(self, rules: Sequence[PlaceRule], config: CoreConfig, parking: Parking) -> None:
        self._rules, self._config, self._parking = rules, config, parking
        self._named = {rule.name: Rule(rule.name, rule.title, rule.who, rule.high, _none) for rule in rules}
        self._sweeps: dict[str, PlaceSweep] = {}
        self._said: dict[str, dict[str, Said]] = {}
        self._heard: dict[str, list[Fact]] = {}
        self._unwritten: dict[str, None] = {}

    # -- state

    def known(self, fact: Fact) -> None:
        """A figure that was swept before a restart."""
        self._sweep(fact.key).state.take(fact)

    def restore(self, site: str, value: bytes) -> None:
        """Apply a changelog record."""
        kept, sweep = _read(value), self._sweep(site)
        sweep.swept, sweep.spans = kept.swept, kept.spans
        self._said[site] = kept.said

    def doubt(self, site: str) -> None:
        """Nobody knows whether what was said got through: views and steps are said again."""
        for said in self._said.get(site, {}).values():
            said.mark, said.steps = -1, []
        self._unwritten[site] = None  # the next cut may not know what time it is, and be the last

    def written(self) -> Iterator[tuple[str, bytes]]:
        """The changelog records that are new, by site."""
        for site in self._unwritten:
            sweep = self._sweep(site)
            yield site, _write(Kept(sweep.swept, sweep.spans, self._said.get(site, {})))
        self._unwritten = {}

    # -- sweeping

    def heard(self, fact: Fact) -> None:
        """A figure that is news."""
        self._heard.setdefault(fact.key, []).append(fact)

    def cut(self, now_us: int) -> Iterator[Output]:
        """Sweep what was heard; once nothing received before is unread, say what differs at that moment."""
        for site, facts in self._heard.items():
            self._unwritten[site] = None
            try:
                self._sweep(site).take(facts)
            except Exception as failure:  # noqa: BLE001  # the clocks of what was known run on (law 8)
                self._parking.tell(failure)
        self._heard = {}
        for site, sweep in self._sweeps.items() if now_us else ():
            judged = self._news(site, sweep, now_us)
            if judged != Judged():
                self._unwritten[site] = None
                yield from alert_outputs(PLACE + site, judged)

    def _sweep(self, site: str) -> PlaceSweep:
        if site not in self._sweeps:
            self._sweeps[site] = PlaceSweep(self._rules, self._config, site)
        return self._sweeps[site]

    def _news(self, site: str, sweep: PlaceSweep, now_us: int) -> Judged:
        rows, steps = list[Row](), list[tuple[Row, Step]]()
        said = self._said.setdefault(site, {})
        for alert in sweep.alerts(now_us):
            life, through = lived(alert.history, (), ALWAYS, now_us)
            row = Row(alert, self._named[alert.rule], life, Where(None, site, None), None)
            before, mark = said.get(alert.alert_id), _mark(alert, life)
            told = before.steps if before is not None else []
            fresh = [step for step in through if _step(step) not in told]
            if before is None or before.mark != mark:
                rows.append(row)
            if fresh or before is None or before.mark != mark:
                marks = [*told, *(_step(step) for step in fresh)]
                said[alert.alert_id] = Said(alert, mark, marks, life.active)
            steps += [(row, step) for step in fresh]
        return Judged(tuple(rows), (), tuple(steps))


def _none(*_: object) -> tuple[()]:
    return ()


def _mark(alert: Alert, life: Life) -> int:
    return crc32(repr((alert, life)).encode())


def _step(step: Step) -> int:
    return crc32(f"{step.at} {step.name}".encode())
