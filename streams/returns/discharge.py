"""The acute discharge situation report of a trust for a day, as a draft (domain 01 §1.4).

In: the people of a trust as seen on the day, what was heard from the trust. Out: cells. Someone counts as no
longer meeting the criteria by the state they were in at the end of their day: when they left, else midnight
(or the moment asked for); so all = left by 17:00 + left later + remaining. Who met the criteria again by then
has a cell of their own, and so has everyone whom nobody assessed: never a zero. That reading is ours: nobody
has held it against the specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final, NamedTuple

import msgspec

from streams.core.config import CoreConfig
from streams.core.moments import local_date
from streams.core.spells.delay_codes import REASONS_2024
from streams.core.spells.delay_lists import ADSR_2022, ADSR_2024, LISTS, REASONS_2022
from streams.core.spells.destination_lists import BY_LIST
from streams.returns import who
from streams.returns.cells import DESTINATION, LEFT, PATHWAY, READINESS, REASON, THERE, Cell, Who, count
from streams.returns.day import Snapshot
from streams.returns.seen import OUT_OF_AREA, OWN, UNSAID, Seen, Unplaced

STAYS: Final = (7, 14, 21)
"""Lengths of stay, in days or over."""
RESIDENTS: Final = ("all", OWN, OUT_OF_AREA, UNSAID)
NO_LIST: Final = "no list of reasons and destinations is held for the day"
REASONS: Final = {
    ADSR_2024: tuple(reason.code for reason in REASONS_2024),
    ADSR_2022: tuple(reason.code for reason in REASONS_2022),
}
"""List -> its codes."""


class Heard(NamedTuple):
    """Of what time the trust's own messages speak, and when the newest was received; None = none was."""

    since: int | None
    through: int | None
    frozen: int = 0
    """People whose facts do not reduce now: in no cell."""
    lists: bool = True
    """Whether any hub's list was heard."""


def list_in_force(day: date) -> str | None:
    """The acute list of reasons and destinations of a day; None before the first that is held."""
    for name in (ADSR_2024, ADSR_2022):
        held = LISTS[name]
        if held.valid_from <= day.isoformat() and (held.valid_to is None or day.isoformat() <= held.valid_to):
            return name
    return None


def discharge_cells(
    people: Sequence[Seen | Unplaced], heard: Heard, snap: Snapshot, config: CoreConfig
) -> list[Cell]:
    """Every cell, for all and by whose people they are."""
    seen = [one for one in people if isinstance(one, Seen)]
    counted = [one for one in seen if one.excluded is None]
    cells: list[Cell] = []
    for residents in RESIDENTS:
        of = [one for one in counted if residents in ("all", one.residents)]
        page = _Page(of, heard, snap)
        cells += [msgspec.structs.replace(cell, residents=residents) for cell in page.cells()]
    everyone = _Page(seen, heard, snap)
    for one in config.exclusions:
        left_out = who.under(who.excluded_by, one.name)
        cells.append(everyone.cell(f"excluded.{one.name}", left_out, THERE | LEFT))
    return [*cells, _unplaced(people, heard)]


def _unplaced(people: Sequence[Seen | Unplaced], heard: Heard) -> Cell:
    if not heard.lists:
        return Cell("listed_without_hospital", None, complete=False, missing=("no list was heard",))
    found = [one for one in people if isinstance(one, Unplaced)]
    events = sorted({fact.id for one in found for fact in one.facts})
    things = tuple(sorted(one.thing for one in found))
    return Cell("listed_without_hospital", len(found), spells=things, events=tuple(events))


class _Page(NamedTuple):
    """The cells of some of a trust's people."""

    people: Sequence[Seen]
    heard: Heard
    snap: Snapshot

    def cells(self) -> Iterator[Cell]:
        yield from self._ready()
        yield from self._assessed()
        yield from self._bed_days()
        yield self.cell("discharged", who.left, LEFT)
        yield from self._split("", who.left, LEFT, None)
        for name, base in (("discharged", who.left), ("nctr.remaining", who.waits)):
            codes = (*who.PATHWAYS, who.UNKNOWN)
            yield from self._spread(name, base, who.way, codes, (who.UNKNOWN,), LEFT | PATHWAY)
        yield from self._by_list()
        yield self.cell("reason.disagrees", who.both(who.waits, who.disagrees), REASON, known=who.assessed)

    def cell(
        self,
        name: str,
        whom: Who,
        kinds: frozenset[str],
        *,
        until: int | None = None,
        of: Who | None = None,
        known: Who | None = None,
        weight: Callable[[Seen], int] | None = None,
    ) -> Cell:
        """One cell, counted up to `until` (the day's end). Of the people `of` it can be said of, those who
        are not `known` make it "at least"; none known: unknown.
        """
        lacks = self._lacks(self.snap.ends if until is None else until)
        about = [one for one in self.people if of is None or of(one)]
        doubtful = [one for one in about if known is not None and not known(one)]
        if doubtful:
            lacks.append(f"unknown of {len(doubtful)}")
        nothing = self.heard.since is None or self.heard.since >= self.snap.before
        unknown = nothing or (bool(doubtful) and len(doubtful) == len(about))
        return count(name, self.people, whom, kinds, weight=weight, lacks=lacks, unknown=unknown)

    def _ready(self) -> Iterator[Cell]:
        kinds = THERE | READINESS
        yield self.cell("nctr", who.ready, kinds, known=who.assessed)
        yield from self._split("nctr.", who.both(who.ready, who.left), READINESS | LEFT, who.assessed)
        yield self.cell("nctr.remaining", who.waits, kinds, known=who.assessed, of=who.stays)
        for days in STAYS:
            whom = who.both(who.waits, who.at_least(days))
            yield self.cell(f"nctr.remaining.los{days}", whom, kinds, known=_both_known, of=who.stays)
        yield self.cell("nctr.remaining.los_unknown", who.both(who.waits, who.undated), THERE)

    def _assessed(self) -> Iterator[Cell]:
        for name, there in (("remaining", who.stays), ("discharged", who.left)):
            kinds = THERE | LEFT
            yield self.cell(f"criteria.meets.{name}", who.both(who.meets, there), kinds | READINESS)
            yield self.cell(f"criteria.unknown.{name}", who.both(who.unassessed, there), kinds)
        again = who.both(who.meets, who.met_again)
        yield self.cell("criteria.met_again", again, READINESS, known=who.assessed)

    def _bed_days(self) -> Iterator[Cell]:
        for days in STAYS:
            whom, kinds = who.both(who.waits, who.at_least(days)), THERE | READINESS
            name, weight = f"bed_days.los{days}", partial(_waited, self.snap)
            yield self.cell(name, whom, kinds, known=_both_known, of=who.stays, weight=weight)

    def _split(self, before: str, base: Who, kinds: frozenset[str], known: Who | None) -> Iterator[Cell]:
        """Left by 17:00, and from 17:01 to 23:59; the second is unknown while its time has not come."""
        split = self.snap.split
        by, after = f"{before}discharged.by_1700", f"{before}discharged.after_1700"
        whom = who.both(base, who.before(split))
        yield self.cell(by, whom, kinds, until=split, of=who.before(split), known=known)
        if self.snap.before <= split:
            yield Cell(after, None, complete=False, missing=tuple(self._lacks(self.snap.ends)))
            return
        yield self.cell(after, who.both(base, who.since(split)), kinds, of=who.since(split), known=known)

    def _spread(
        self,
        name: str,
        base: Who,
        of: Callable[[Seen], str],
        codes: Sequence[str],
        doubts: Sequence[str],
        kinds: frozenset[str],
    ) -> Iterator[Cell]:
        """Some people by what they count under; while some count under a doubt, the rest is "at least"."""
        for code in codes:
            known = None if code in doubts else lambda seen: of(seen) not in doubts
            whom = who.both(base, who.under(of, code))
            yield self.cell(f"{name}.{code}", whom, kinds, of=base, known=known)

    def _by_list(self) -> Iterator[Cell]:
        """Destinations of those who left, reasons of those who wait: of the list in force that day."""
        held = list_in_force(self.snap.day)
        if held is None:
            for name in ("destination", "reason"):
                yield Cell(name, None, complete=False, missing=(NO_LIST,))
            return
        places = (*(row[0] for row in BY_LIST[held]), who.UNKNOWN)
        where, kinds = partial(who.where, held), LEFT | DESTINATION
        yield from self._spread("destination", who.left, where, places, (who.UNKNOWN,), kinds)
        doubts = (who.OTHER_LIST, who.NONE_GIVEN)
        for name, days in (("reason", 0), ("reason_los7", 7), ("reason_los14", 14)):
            base = who.both(who.waits, who.at_least(days)) if days else who.waits
            codes = (*REASONS[held], *doubts)
            yield from self._spread(name, base, partial(who.why, held), codes, doubts, READINESS | REASON)

    def _lacks(self, until: int) -> list[str]:
        """Why what is counted up to a moment may still grow."""
        heard, snap = self.heard, self.snap
        lacks = [] if snap.before >= until else ["the day is not over"]
        if heard.through is None or heard.through < min(until, snap.before) - 1:
            lacks.append("nothing heard since from the trust")
        if heard.since is None or heard.since > snap.starts:
            lacks.append("the trust was not connected when the day began")
        if heard.frozen:
            lacks.append(f"{heard.frozen} people are frozen")
        return lacks


def _both_known(seen: Seen) -> bool:
    """Assessed, and in hospital since a known day."""
    return seen.assessed and seen.days is not None


def _waited(snap: Snapshot, seen: Seen) -> int:
    """Days since they stopped to meet the criteria, by the clock in England."""
    since = local_date(seen.ready.since) if seen.ready else None
    return 0 if since is None else (snap.day - date.fromisoformat(since)).days
