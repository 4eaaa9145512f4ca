"""Steps that were announced: admission, transfer, discharge, and what became of them (A05, A14 to A16 and
their cancels; domain 03 §3.1).

In: the slots of a visit, and when it began and ended. Out: `Pending` steps, in that order, a cancelled one
with the time of its cancel.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.facts.select import Slot
from streams.core.spells.location import Location, location_of, next_of
from streams.core.spells.spell import Pending
from streams.core.spells.visit import Visit


def pendings(main: Visit, admitted_at: int | None, discharged_at: int | None) -> tuple[Pending, ...]:
    """The announced steps of a visit."""
    return tuple(_pendings(main, admitted_at, discharged_at))


def _pendings(main: Visit, admitted_at: int | None, discharged_at: int | None) -> Iterator[Pending]:
    if fact := main.planned.fact:
        yield _pending("admission", main.planned, location_of(fact.body), admitted_at)
    moves = [(slot.fact.occurred_at, name, slot) for name, slot in main.pending_moves.items() if slot.fact]
    for at, _, slot in sorted(moves, key=lambda move: move[:2]):
        place = next_of(slot.fact.body) if slot.fact else None
        yield _pending("transfer", slot, place, _moved(main, place, at))
    if main.pending.fact:
        # The place of an A16 is where the person is, not where they will go.
        yield _pending("discharge", main.pending, None, discharged_at)


def _pending(kind: str, slot: Slot, place: Location | None, done_at: int | None) -> Pending:
    assert slot.fact is not None
    return Pending(
        kind,
        place,
        slot.fact.occurred_at,
        slot.fact.body.get("expected_at"),
        slot.cancel.occurred_at if slot.cancel else None,
        None if slot.cancel else done_at,
    )


def _moved(main: Visit, wanted: Location | None, since: int) -> int | None:
    """When the first movement after the announcement went there; any one, where it named no place."""
    moves = (fact for slot in main.moves.values() if (fact := slot.standing) and fact.occurred_at >= since)
    return min((fact.occurred_at for fact in moves if _leads(location_of(fact.body), wanted)), default=None)


def _leads(place: Location | None, wanted: Location | None) -> bool:
    """Whether a movement goes where it was announced; a room or bed not announced says nothing."""
    if wanted is None:
        return True
    return place is not None and all(not w or w == p for w, p in zip(wanted[:3], place[:3], strict=True))
