"""A spell as its hospital tells it: status, stays, pending steps, discharge (domain 03 §3.1, domain 01 §1.15-1.16).

In: the distinct hospital facts on one spell id, of one or more sources. Out: a `Spell` without what the hub adds (`care.py`).
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, cast

import msgspec

from schemas.fact import Fact
from streams.core.codes import DESTINATION_GROUPS, DIED, Code, coded
from streams.core.config import CoreConfig
from streams.core.delays import Delay
from streams.core.location import NOWHERE, Location, location_of
from streams.core.readiness import Interval
from streams.core.select import Slot, by_partner, latest, place_in_order
from streams.core.stays import Course, Stay, course_of
from streams.core.visit import Visit, visit_of

Status = Literal["planned", "registered", "admitted", "discharged", "cancelled", "deleted"]
OPEN: frozenset[str] = frozenset({"planned", "registered", "admitted"})


class Pending(NamedTuple):
    """A step that was announced: `kind` is admission | transfer | discharge."""

    kind: str
    place: Location | None
    requested_at: int
    expected_at: int | None
    cancelled_at: int | None
    done_at: int | None


class Departure(NamedTuple):
    """The discharge that stands, as something people are told. `fact_id` names its run of assertions (see `Slot.epoch`)."""

    fact_id: str
    at: int
    late: bool
    """Heard of later than the notice horizon allows: nobody is told."""
    from_emergency: bool
    """An A03 with class E is an ED departure, not a discharge home."""


class Spell(msgspec.Struct, frozen=True):
    """One hospital provider spell. Times are µs UTC."""

    spell_id: str
    partner: str
    status: Status
    visit_number: str | None = None
    patient_class: Code | None = None
    admitted_at: int | None = None
    discharged_at: int | None = None
    expected_discharge_at: int | None = None
    location: Location = NOWHERE
    stays: tuple[Stay, ...] = ()
    pending: tuple[Pending, ...] = ()
    ready: tuple[Interval, ...] = ()
    discharge_ready_at: int | None = None
    pathway_expected: Code | None = None
    pathway_confirmed: Code | None = None
    delays: tuple[Delay, ...] = ()
    discharge_method: Code | None = None
    discharge_destination: Code | None = None
    discharge_group: str | None = None
    death_stated_at: int | None = None
    death_confirmed_at: int | None = None
    flags: frozenset[str] = frozenset()
    start: int = 0
    """When it began, as far as anything says: what hub rows without a visit number are attached by."""
    departure: Departure | None = None
    undone_at: int | None = None
    """When a discharge was taken back that stands no more."""

    @property
    def open(self) -> bool:
        """Planned, registered or in hospital."""
        return self.status in OPEN


class Account(NamedTuple):
    """A spell and the sources' accounts it was made from."""

    spell: Spell
    visits: tuple[Visit, ...]


def account_of(spell_id: str, facts: Sequence[Fact], config: CoreConfig) -> Account:
    """Make a spell from its hospital facts: the strongest source tells the course, an extract only fills what it leaves open."""
    visits = tuple(sorted(
        (visit_of(partner, said) for partner, said in by_partner(facts).items()),
        key=lambda visit: (visit.only_census, config.strength("spell", visit.partner)),
    ))
    main = visits[0]
    census = max(
        (fact for visit in visits if (fact := visit.censused.standing)),
        key=lambda fact: (fact.occurred_at, place_in_order(fact)), default=None,
    )
    admitted_at = _admitted_at(visits)
    left_at = _left_at(main)
    course = course_of(main, census, admitted_at, left_at)
    patient_class = _first_code("class", "patient_class", visits, config)
    status, inferred = _status(main, course, patient_class)
    flags = {*course.flags, *(flag for fact in _standing(main, census) for flag in fact.flags)}
    if census is not None and not course.admission_seen:
        flags.add("census")
    elif inferred:
        flags.add("inferred")
    spell = Spell(
        spell_id=spell_id, partner=main.partner, status=status,
        visit_number=cast("str | None", _first("visit_number", visits)), patient_class=patient_class,
        flags=frozenset(flags), start=_start(admitted_at, course, facts),
    )
    if status in ("planned", "cancelled"):
        return Account(msgspec.structs.replace(spell, pending=_pendings(main, None, None)), visits)
    return Account(_in_hospital(spell, main, course, admitted_at, config), visits)


def _in_hospital(spell: Spell, main: Visit, course: Course, admitted_at: int | None, config: CoreConfig) -> Spell:
    left = spell.status == "discharged"
    method, destination = _discharge_codes(main, config) if left else (None, None)
    last = next((stay.place for stay in reversed(course.stays) if stay.place), None)
    return msgspec.structs.replace(
        spell,
        admitted_at=admitted_at,
        discharged_at=course.discharged_at,
        location=last or NOWHERE,
        stays=tuple(course.stays),
        pending=_pendings(main, admitted_at if spell.status != "registered" else None, course.discharged_at),
        discharge_method=method,
        discharge_destination=destination,
        discharge_group=_group(method, destination),
        departure=_departure(spell, main, course, config) if left else None,
        undone_at=main.discharged.cancel.occurred_at if main.discharged.cancel else None,
    )


def _admitted_at(visits: Sequence[Visit]) -> int | None:
    """The visit's own admit time (PV1-44) as last recorded, else the event time of the admission."""
    for visit in visits:
        said = latest(visit.ordered, "admitted_at")
        if said is not None:
            return cast("int", said)
        if fact := visit.admitted.standing:
            return fact.occurred_at
    return None


def _since_cancel(slot: Slot, ordered: Sequence[Fact]) -> Sequence[Fact]:
    """Leave what was recorded after the newest cancel: a cancelled thing leaves no trace (law 3)."""
    if slot.last_cancel is None:
        return ordered
    return ordered[ordered.index(slot.last_cancel) + 1:]


def _left_at(main: Visit) -> int | None:
    """An amendment corrects the time of a discharge that stands; it never makes one (lessons.md §4.3)."""
    fact = main.discharged.standing
    if fact is None:
        return None
    corrections = [
        other for other in main.ordered
        if other.kind == "SpellAmended" and other.recorded_at >= fact.recorded_at and other.body.get("discharged_at")
    ]
    return cast("int", corrections[-1].body["discharged_at"]) if corrections else fact.occurred_at


def _status(main: Visit, course: Course, patient_class: Code | None) -> tuple[Status, bool]:
    """Say where a visit stands, and whether that is only implied by what came after."""
    base, inferred = _base_status(main, patient_class)
    if base in ("admitted", "registered") and course.discharged_at is not None:
        return "discharged", inferred
    return base, inferred


def _base_status(main: Visit, patient_class: Code | None) -> tuple[Status, bool]:
    emergency = patient_class is not None and patient_class.code == "E"
    if main.admitted.standing:
        return "admitted", False
    if main.registered.standing:
        moved_on = patient_class is not None and patient_class.code == "I" and _last_class_by_other(main)
        return ("admitted", True) if moved_on else ("registered", False)
    if main.admitted.cancel or main.registered.cancel:
        return "cancelled", False
    if not _implied(main):
        if main.planned.standing:
            return "planned", False
        if main.planned.cancel:
            return "cancelled", False
    return ("registered" if emergency else "admitted"), True


def _last_class_by_other(main: Visit) -> bool:
    said = [fact for fact in main.ordered if fact.body.get("patient_class")]
    return bool(said) and said[-1].kind != "SpellRegistered"


def _implied(main: Visit) -> bool:
    """Only someone in hospital is moved, discharged or counted."""
    return bool(main.moves or main.discharged.fact or main.discharged.cancel or main.censused.standing)


def _standing(main: Visit, census: Fact | None) -> list[Fact]:
    slots = [main.planned, main.registered, main.admitted, main.discharged, main.pending, *main.moves.values()]
    kept = [fact for slot in slots if (fact := slot.standing)]
    kept += [fact for fact in main.ordered if fact.kind == "SpellAmended"]
    return [*kept, census] if census else kept


def _start(admitted_at: int | None, course: Course, facts: Sequence[Fact]) -> int:
    if admitted_at is not None:
        return admitted_at
    first = course.stays[0].since if course.stays else None
    return first if first is not None else min(fact.occurred_at for fact in facts)


def _first(field: str, visits: Sequence[Visit]) -> object:
    return next((said for visit in visits if (said := latest(visit.ordered, field)) is not None), None)


def _first_code(field: str, name: str, visits: Sequence[Visit], config: CoreConfig) -> Code | None:
    for visit in visits:
        if code := coded(field, latest(visit.ordered, name), visit.partner, config):
            return code
    return None


def _pendings(main: Visit, admitted_at: int | None, discharged_at: int | None) -> tuple[Pending, ...]:
    slots = (("admission", main.planned, admitted_at), ("discharge", main.pending, discharged_at))
    return tuple(
        Pending(
            kind, location_of(slot.fact.body), slot.fact.occurred_at, slot.fact.body.get("expected_at"),
            slot.cancel.occurred_at if slot.cancel else None, None if slot.cancel else done_at,
        )
        for kind, slot, done_at in slots if slot.fact
    )


def _discharge_codes(main: Visit, config: CoreConfig) -> tuple[Code | None, Code | None]:
    said = _since_cancel(main.discharged, main.ordered)
    return (
        coded("discharge_method", latest(said, "discharge_method"), main.partner, config),
        coded("discharge_destination", latest(said, "discharge_destination"), main.partner, config),
    )


def _group(method: Code | None, destination: Code | None) -> str | None:
    if method and method.code in DIED:
        return "died"
    return DESTINATION_GROUPS.get(destination.code) if destination and destination.code else None


def _departure(spell: Spell, main: Visit, course: Course, config: CoreConfig) -> Departure | None:
    slot = main.discharged
    if slot.standing is None or course.discharged_at is None:
        return None
    late = all(fact.received_at - fact.occurred_at > config.notice_horizon_us for fact in slot.run)
    code = spell.patient_class.code if spell.patient_class else None
    fact_id = f"{main.partner}/{spell.spell_id}/SpellDischarged/{slot.epoch}"
    return Departure(fact_id, course.discharged_at, late, code == "E")
