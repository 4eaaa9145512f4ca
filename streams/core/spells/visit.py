"""One source's account of one visit: which of its facts stand (design.md §4 Select, domain 03 §3.1).

In: the distinct hospital facts of one partner on one spell. Out: a `Visit` of slots. Never looks at
another source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from schemas.fact import Fact
from streams.core.facts.filing import MERGED, REASSIGNED
from streams.core.facts.select import DELETION, Slot, place_in_order
from streams.core.spells.location import Location, location_of, next_of, prior_of

_SLOTS: Final = {
    "SpellPlanned": "planned",
    "SpellPlanCancelled": "planned",
    "SpellRegistered": "registered",
    "SpellAdmitted": "admitted",
    "SpellDischarged": "discharged",
    "SpellDischargeCancelled": "discharged",
    "DischargePending": "pending",
    "DischargePendingCancelled": "pending",
    "SpellCensused": "censused",
    "SpellClassChanged": "changed",
}
_TABLES: Final = {
    "SpellTransferred": "moves",
    "SpellTransferCancelled": "moves",
    "SpellLeaveStarted": "leave_starts",
    "SpellLeaveStartCancelled": "leave_starts",
    "SpellLeaveEnded": "leave_ends",
    "SpellLeaveEndCancelled": "leave_ends",
    "TransferPending": "pending_moves",
    "TransferPendingCancelled": "pending_moves",
}
_BEGINS: Final = frozenset({"SpellPlanned", "SpellRegistered", "SpellAdmitted", "SpellClassChanged"})
"""What makes a deleted visit live again: the source opens it anew."""
_OUTSIDE: Final = frozenset({"E", "O"})
"""Classes of people who attend without being admitted: emergency, outpatient."""

Table = dict[str, Slot]
"""By instance: ZBE-1, else the event time."""


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
    changed: Slot = msgspec.field(default_factory=Slot)
    """A06 and A07: one reverses the other, so the newest stands."""
    moves: Table = {}
    leave_starts: Table = {}
    leave_ends: Table = {}
    pending_moves: Table = {}
    placements: list[Fact] = []
    """Cancels and amendments that say where the person is."""
    deleted: Fact | None = None
    """A23 in force."""
    moved: list[Fact] = []
    """To and from other records (A44, A45), whatever else was said of the visit."""
    merged: Fact | None = None
    """The newest word that it is part of another visit."""

    @property
    def only_census(self) -> bool:
        """Nothing but a census extract knows this visit."""
        return all(fact.kind == "SpellCensused" for fact in self.ordered)

    @property
    def admission(self) -> Fact | None:
        """What admits the person: an A01, or the A06 of an attendance; None where the newest word (A07) is
        that they attend only.
        """
        change, admission = self.changed.standing, self.admitted.standing
        if change is None or (admission and place_in_order(admission) > place_in_order(change)):
            return admission
        return change if admits(change) else None

    @property
    def departure(self) -> Fact | None:
        """The discharge that ends the visit. Of someone admitted, an A03 of class E only says they left the
        emergency department (domain 03 §3.1): one journey, not two.
        """
        fact = self.discharged.standing
        if fact is None or fact.body.get("patient_class") != "E":
            return fact
        admission = self.admission
        return fact if admission is None or admission.body.get("patient_class") == "E" else None

    @property
    def said(self) -> list[Fact]:
        """What counts as said of the visit: after an A11 that leaves a registration, not the admission; of
        someone admitted, not the A03 of the emergency department.
        """
        out: set[str] = set()
        if self.registered.standing is not None:
            if self.admitted.cancel is not None:
                out = {"SpellAdmitted", "SpellAdmissionCancelled"}
            if self.changed.cancel is not None:
                out |= {"SpellClassChanged", "SpellAdmissionCancelled"}
        left = self.discharged.standing if self.departure is None else None
        if not out and left is None:
            return self.ordered
        return [fact for fact in self.ordered if fact.kind not in out and fact is not left]

    def slots(self) -> Iterator[Slot]:
        """Every slot there is."""
        yield from (self.planned, self.registered, self.admitted, self.changed, self.discharged)
        yield from (self.pending, self.censused)
        for table in (self.moves, self.leave_starts, self.leave_ends, self.pending_moves):
            yield from table.values()


def admits(change: Fact) -> bool:
    """Whether a class change makes an inpatient (A06) rather than somebody who attends (A07)."""
    return change.body.get("patient_class") not in _OUTSIDE


def visit_of(partner: str, facts: Iterable[Fact]) -> Visit:
    """Take every fact of one source on one visit in select order."""
    visit = Visit(partner, sorted(facts, key=place_in_order))
    ordered, visit.ordered = visit.ordered, []
    for fact in ordered:
        if fact.kind == REASSIGNED:
            visit.moved.append(fact)
        if fact.kind == DELETION:
            _delete(visit, fact)
        elif visit.deleted is None or fact.kind in _BEGINS:
            visit.deleted = None
            visit.ordered.append(fact)
            _take(visit, fact)
    return visit


def _take(visit: Visit, fact: Fact) -> None:
    kind = fact.kind
    if kind == "SpellAmended":
        _place(visit, fact)
        return
    cancels = kind.endswith("Cancelled")
    if kind in _TABLES:
        table: Table = getattr(visit, _TABLES[kind])
        if cancels:
            _cancel_one(visit, table, fact)
        else:
            _slot(table, fact.instance).claim(fact)
    elif kind == "SpellAdmissionCancelled":
        _cancel_visit(visit, fact)
    elif kind == MERGED:
        visit.merged = fact
    elif kind != REASSIGNED:
        slot: Slot = getattr(visit, _SLOTS[kind])
        if cancels:
            slot.void(fact)
            _place(visit, fact)
        else:
            slot.claim(fact)


def _delete(visit: Visit, deletion: Fact) -> None:
    for slot in visit.slots():
        slot.erase(deletion)
    visit.placements.clear()
    visit.deleted, visit.ordered, visit.merged = deletion, [deletion], None


def _slot(table: Table, instance: str) -> Slot:
    slot = table.get(instance)
    if slot is None:
        slot = table[instance] = Slot()
    return slot


def _place(visit: Visit, fact: Fact) -> None:
    if location_of(fact.body):
        visit.placements.append(fact)


def _cancel_visit(visit: Visit, cancel: Fact) -> None:
    """A11 takes back the admission, be it an A01 or the A06 of an attendance.

    Where there is none, the registration (domain 03 §3.1: A01 and A04 are both reversed by A11).
    """
    change = visit.changed.standing
    if visit.admitted.fact is not None:
        visit.admitted.void(cancel)
    elif change is not None and admits(change):
        visit.changed.void(cancel)
    elif visit.registered.standing is not None:
        visit.registered.void(cancel)
    else:
        visit.admitted.void(cancel)


def _cancel_one(visit: Visit, table: Table, cancel: Fact) -> None:
    if cancel.kind == "SpellTransferCancelled":
        _place(visit, cancel)
    if cancel.instance:
        _slot(table, cancel.instance).void(cancel)
        return
    victim = _victim(table, prior_of(cancel.body) or next_of(cancel.body))
    if victim is not None:
        victim.void(cancel)


def _victim(table: Table, cancelled_place: Location | None) -> Slot | None:
    """Find what a cancel that names no movement takes back.

    The newest movement (or leave, or plan) by (occurred_at, recorded_at) recorded not after it, to the place
    it says was cancelled, if it says.
    """
    best: tuple[int, int, str] | None = None
    victim: Slot | None = None
    for instance, slot in table.items():
        move = slot.standing
        if move is None or (cancelled_place and _text(move) != cancelled_place.text):
            continue
        rank = (move.occurred_at, move.recorded_at, instance)
        if best is None or rank > best:
            best, victim = rank, slot
    return victim


def _text(fact: Fact) -> str | None:
    place = next_of(fact.body) if fact.kind == "TransferPending" else location_of(fact.body)
    return place.text if place else None
