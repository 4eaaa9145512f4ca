"""Cells of a return: a figure with the spells and events behind it (issue 5 item 5).

In: people as seen on the day, who of them counts. Out: `Cell`s. Unknown is never zero: a cell nobody can fill
has no value and says what is missing; one that may still grow is not complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from schemas.fact import Fact
from streams.returns.seen import Seen

THERE: Final = frozenset({"SpellAdmitted", "SpellRegistered", "SpellClassChanged", "SpellCensused"})
LEFT: Final = frozenset({"SpellDischarged", "SpellDischargeCancelled"})
READINESS: Final = frozenset({"CriteriaToResideAssessed", "ClinicallyReadyAssessed"})
PATHWAY: Final = frozenset({"PathwaySet"})
DESTINATION: Final = frozenset({"DestinationSet"})
REASON: Final = frozenset({"DelayReasonSet", "DelayReasonOpened", "DelayReasonClosed"})
RESIDENCE: Final = frozenset({"ResponsibilitySet"})
_AMENDS: Final = {"discharged_at": LEFT, "medically_fit": READINESS, "medically_fit_at": READINESS}
"""A field of an amendment -> the kinds beside which it counts."""

Who = Callable[[Seen], bool]


class Cell(msgspec.Struct, frozen=True):
    """One figure. `residents` is all, own, out_of_area or unsaid (nobody said whose they are)."""

    name: str
    value: float | None
    residents: str = "all"
    complete: bool = True
    """False: at least so much, or unknown."""
    missing: tuple[str, ...] = ()
    spells: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    as_at: int | None = None
    """Of a figure from outside: when it holds."""


class Change(msgspec.Struct, frozen=True):
    """A cell as it is and as it was known before."""

    now: Cell
    was: Cell

    @property
    def difference(self) -> float | None:
        """None where either is unknown."""
        if self.now.value is None or self.was.value is None:
            return None
        return self.now.value - self.was.value


def count(
    name: str,
    people: Iterable[Seen],
    who: Who,
    kinds: frozenset[str],
    *,
    weight: Callable[[Seen], int] | None = None,
    lacks: Sequence[str] = (),
    unknown: bool = False,
) -> Cell:
    """Count those who belong, or add up what each weighs. `lacks`: why it may still grow; `unknown`: nothing
    can be said yet.
    """
    if unknown:
        return Cell(name, None, complete=False, missing=tuple(lacks))
    found = [one for one in people if who(one)]
    value = len(found) if weight is None else sum(map(weight, found))
    events = sorted({fact.id for one in found for fact in one.facts if _behind(fact, kinds | RESIDENCE)})
    spells = tuple(sorted(one.spell_id for one in found))
    return Cell(name, value, "all", not lacks, tuple(lacks), spells, tuple(events))


def _behind(fact: Fact, kinds: frozenset[str]) -> bool:
    if fact.kind == "SpellAmended":
        return any(field in fact.body and beside & kinds for field, beside in _AMENDS.items())
    return fact.kind in kinds


def compared(now: Iterable[Cell], was: Mapping[tuple[str, str], Cell]) -> list[Change]:
    """Each cell beside what it was; one that was not there then was unknown."""
    return [Change(cell, was.get((cell.residents, cell.name), _nothing(cell))) for cell in now]


def _nothing(cell: Cell) -> Cell:
    return Cell(cell.name, None, cell.residents, complete=False)


def by_name(cells: Iterable[Cell]) -> dict[tuple[str, str], Cell]:
    """Cells by residents and name."""
    return {(cell.residents, cell.name): cell for cell in cells}
