"""One source's account of one visit: which of its facts stand (design.md §4 Select, domain 03 §3.1).

In: the distinct hospital facts of one partner on one spell. Out: a `Visit` of slots. Never looks at
another source.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from schemas.fact import Fact
from streams.core.location import Location, location_of, prior_of
from streams.core.select import Slot, place_in_order

_SLOTS = {
    "SpellPlanned": "planned",
    "SpellPlanCancelled": "planned",
    "SpellRegistered": "registered",
    "SpellAdmitted": "admitted",
    "SpellDischarged": "discharged",
    "SpellDischargeCancelled": "discharged",
    "DischargePending": "pending",
    "DischargePendingCancelled": "pending",
    "SpellCensused": "censused",
}


class Visit(msgspec.Struct):
    """The slots of a visit after every fact of one source was taken in select order."""

    partner: str
    ordered: list[Fact] = []
    planned: Slot = msgspec.field(default_factory=Slot)
    registered: Slot = msgspec.field(default_factory=Slot)
    admitted: Slot = msgspec.field(default_factory=Slot)
    discharged: Slot = msgspec.field(default_factory=Slot)
    pending: Slot = msgspec.field(default_factory=Slot)
    censused: Slot = msgspec.field(default_factory=Slot)
    moves: dict[str, Slot] = {}
    """By instance: ZBE-1, else the event time."""
    placements: list[Fact] = []
    """Cancels and amendments that say where the person is."""

    @property
    def only_census(self) -> bool:
        """Nothing but a census extract knows this visit."""
        return all(fact.kind == "SpellCensused" for fact in self.ordered)

    @property
    def said(self) -> list[Fact]:
        """What counts as said of the visit: after an A11 that leaves a registration, not the admission."""
        if self.admitted.cancel is None or self.registered.standing is None:
            return self.ordered
        return [
            fact for fact in self.ordered if fact.kind not in ("SpellAdmitted", "SpellAdmissionCancelled")
        ]


def visit_of(partner: str, facts: Iterable[Fact]) -> Visit:
    """Take every fact of one source on one visit in select order."""
    visit = Visit(partner, sorted(facts, key=place_in_order))
    for fact in visit.ordered:
        kind = fact.kind
        if kind == "SpellTransferred":
            _slot(visit, fact.instance).claim(fact)
        elif kind == "SpellTransferCancelled":
            _cancel_move(visit, fact)
        elif kind == "SpellAdmissionCancelled":
            _cancel_visit(visit, fact)
        elif kind == "SpellAmended":
            _place(visit, fact)
        else:
            slot: Slot = getattr(visit, _SLOTS[kind])
            if kind.endswith("Cancelled"):
                slot.void(fact)
                _place(visit, fact)
            else:
                slot.claim(fact)
    return visit


def _slot(visit: Visit, instance: str) -> Slot:
    slot = visit.moves.get(instance)
    if slot is None:
        slot = visit.moves[instance] = Slot()
    return slot


def _place(visit: Visit, fact: Fact) -> None:
    if location_of(fact.body):
        visit.placements.append(fact)


def _cancel_visit(visit: Visit, cancel: Fact) -> None:
    """A11 takes back the admission.

    Where there is none, the registration (domain 03 §3.1: A01 and A04 are both reversed by A11).
    """
    if visit.admitted.fact is None and visit.registered.standing is not None:
        visit.registered.void(cancel)
    else:
        visit.admitted.void(cancel)


def _cancel_move(visit: Visit, cancel: Fact) -> None:
    _place(visit, cancel)
    if cancel.instance:
        _slot(visit, cancel.instance).void(cancel)
        return
    victim = _victim(visit, prior_of(cancel.body))
    if victim is not None:
        victim.void(cancel)


def _victim(visit: Visit, cancelled_place: Location | None) -> Slot | None:
    """Find what a cancel that names no movement takes back.

    The newest movement by (occurred_at, recorded_at) recorded not after it, to the place it says was
    cancelled, if it says.
    """
    best: tuple[int, int, str] | None = None
    victim: Slot | None = None
    for instance, slot in visit.moves.items():
        move = slot.standing
        if move is None or (cancelled_place and _text(move) != cancelled_place.text):
            continue
        rank = (move.occurred_at, move.recorded_at, instance)
        if best is None or rank > best:
            best, victim = rank, slot
    return victim


def _text(fact: Fact) -> str | None:
    place = location_of(fact.body)
    return place.text if place else None
