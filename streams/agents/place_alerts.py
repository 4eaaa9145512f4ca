"""The alerts of the subjects of one partition, places or whatever else is watched over: swept as facts
arrive, said where they differ.

In: facts that are news, what people say of alerts, the engine's clock. Out: alert views and steps, and
changelog records a subject: where the sweep stands, what was said and published (docs/adr/0013).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from schemas.codec import decode_fact
from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.holders import PLACE, record_key
from schemas.reasons import Reason
from streams.agents.alerts import alert_outputs
from streams.agents.parking import Parking
from streams.core.alerts.book import Said, Where
from streams.core.alerts.judging import Judged, mark_of, step_mark
from streams.core.alerts.life import Step
from streams.core.alerts.place_lives import lives, plain
from streams.core.alerts.places import PlaceRule, PlaceSweep, Stretch, Subject
from streams.core.alerts.rows import Row
from streams.core.alerts.sweep import Swept
from streams.core.config import CoreConfig
from streams.engine.types import Output


class Kept(msgspec.Struct, array_like=True):
    """What the changelog holds of a subject's alerts."""

    swept: Swept
    spans: dict[str, tuple[str, Stretch]] = {}
    said: dict[str, Said] = {}
    words: dict[str, Fact] = {}


_write = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(Kept).decode


class PlaceAlerts:
    """All sweeps of a partition, by subject. `holder` begins the names of those who hold the alerts."""

    def __init__(
        self, rules: Sequence[PlaceRule], config: CoreConfig, parking: Parking,
        subject: Callable[[str], Subject], holder: str,
    ) -> None:
        self._rules, self._config, self._parking = rules, config, parking
        self._subject, self._holder = subject, holder
        self._named = plain(rules)
        self._sweeps: dict[str, PlaceSweep] = {}
        self._said: dict[str, dict[str, Said]] = {}
        self._heard: dict[str, list[Fact]] = {}
        self._unwritten: dict[str, None] = {}

    # -- state

    def known(self, fact: Fact) -> None:
        """A fact that was swept before a restart."""
        self.sweep(fact.key).state.take(fact)

    def restore(self, key: str, value: bytes) -> None:
        """Apply a changelog record."""
        kept, sweep = _read(value), self.sweep(key)
        sweep.swept, sweep.spans, sweep.words = kept.swept, kept.spans, kept.words
        self._said[key] = kept.said

    def doubt(self, key: str) -> None:
        """Nobody knows whether what was said got through: views and steps are said again."""
        for said in self._said.get(key, {}).values():
            said.mark, said.steps = -1, []
        self._unwritten[key] = None  # the next cut may not know what time it is, and be the last

    def written(self) -> Iterator[tuple[str, bytes]]:
        """The changelog records that are new, by subject."""
        for key in self._unwritten:
            sweep = self.sweep(key)
            yield key, _write(Kept(sweep.swept, sweep.spans, self._said.get(key, {}), sweep.words))
        self._unwritten = {}

    def sweep(self, key: str) -> PlaceSweep:
        """The sweep of a subject."""
        if key not in self._sweeps:
            self._sweeps[key] = PlaceSweep(self._rules, self._config, self._subject(key))
        return self._sweeps[key]

    def pruned(self) -> Iterator[tuple[str, str]]:
        """Facts no rule looks at any more, as (subject, id), each once."""
        for key, sweep in self._sweeps.items():
            yield from ((key, ident) for ident in sweep.pruned)
            sweep.pruned = []

    # -- sweeping

    def heard(self, fact: Fact) -> None:
        """A fact that is news."""
        self._heard.setdefault(fact.key, []).append(fact)

    def command(self, key: bytes, value: bytes) -> None:
        """Somebody's word on an alert; those on alerts that others hold are theirs. Raises as a decoder does,
        and BAD_VALUE where it lies under another key than its holder's.
        """
        fact = decode_fact(value)
        if record_key(fact.key).encode() != key:
            raise ContractViolation(Reason.BAD_VALUE, "/person_key")
        if fact.key.startswith(self._holder):
            subject = fact.key.removeprefix(self._holder)
            if self.sweep(subject).hear(fact):
                self._unwritten[subject] = None

    def cut(self, now_us: int) -> Iterator[Output]:
        """Sweep what was heard; once nothing received before is unread, say what differs at that moment."""
        for key, facts in self._heard.items():
            self._unwritten[key] = None
            try:
                self.sweep(key).take(facts)
            except Exception as failure:  # noqa: BLE001  # the clocks of what was known run on (law 8)
                self._parking.tell(failure)
        self._heard = {}
        for key, sweep in self._sweeps.items() if now_us else ():
            judged = self._news(key, sweep, now_us)
            if judged != Judged():
                self._unwritten[key] = None
                yield from alert_outputs(self._holder + key, judged)

    def _site(self, key: str) -> str | None:
        return key if self._holder == PLACE else None

    def _news(self, key: str, sweep: PlaceSweep, now_us: int) -> Judged:
        rows, steps = list[Row](), list[tuple[Row, Step]]()
        said = self._said.setdefault(key, {})
        for row, through in lives(sweep, self._named, Where(None, self._site(key), None), now_us):
            ident, mark = row.alert.alert_id, mark_of(row)
            before = said.get(ident)
            told = before.steps if before is not None else []
            fresh = [step for step in through if step_mark(step) not in told]
            changed = before is None or before.mark != mark
            if changed:
                rows.append(row)
            if fresh or changed:
                marks = [*told, *map(step_mark, fresh)]
                said[ident] = Said(row.alert, mark, marks, row.life.active)
            steps += [(row, step) for step in fresh]
        return Judged(tuple(rows), (), tuple(steps))
