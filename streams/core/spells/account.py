"""A spell as its hospital tells it: status, stays, pending steps, discharge (domain 03 §3.1).

In: the distinct hospital facts on one spell id, of one or more sources. Out: a `Spell` without what the hub
adds (`care.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import msgspec

from schemas.fact import Fact
from streams.core.codes import DESTINATION_GROUPS, DIED, Code, coded
from streams.core.config import CoreConfig
from streams.core.facts.filing import gone, times_filed
from streams.core.facts.select import Slot, by_partner, in_time, latest
from streams.core.spells.absorbing import absorbed
from streams.core.spells.leave import leave_of
from streams.core.spells.location import NOWHERE
from streams.core.spells.pending import pendings
from streams.core.spells.spell import Departure, Spell
from streams.core.spells.status import status_of
from streams.core.spells.stays import Course, course_of
from streams.core.spells.visit import Visit, visit_of


class Account(NamedTuple):
    """A spell and the sources' accounts it was made from."""

    spell: Spell
    visits: tuple[Visit, ...]
    merged: Fact | None = None
    """The word that it is part of another visit."""
    gone: bool = False
    """It belongs to another record now (A44, A45)."""


def account_of(
    spell_id: str, facts: Sequence[Fact], config: CoreConfig, parts: Sequence[Sequence[Fact]] = ()
) -> Account:
    """Make a spell from its hospital facts, and those of the visits that are part of it.

    The strongest source tells the course, an extract only fills what it leaves open.
    """
    told = {partner: visit_of(partner, said) for partner, said in by_partner(facts).items()}
    for part in parts:
        for partner, said in by_partner(part).items():
            told[partner] = absorbed(told.get(partner) or Visit(partner), visit_of(partner, said))
    visits = tuple(
        sorted(
            told.values(),
            key=lambda visit: (visit.only_census, config.strength("spell", visit.partner)),
        )
    )
    main = visits[0]
    census = max(
        (fact for visit in visits if (fact := visit.censused.standing)), key=in_time, default=None
    )
    admitted_at = _admitted_at(visits)
    left_at = _left_at(main)
    course = course_of(main, census, admitted_at, left_at)
    patient_class = _first_code("class", "patient_class", visits, config)
    status, inferred = status_of(main, course, patient_class)
    flags = _flags(main, census, course, inferred=inferred)
    spell = Spell(
        spell_id=spell_id,
        partner=main.partner,
        status=status,
        visit_number=cast("str | None", _first("visit_number", visits)),
        patient_class=patient_class,
        flags=flags,
        start=_start(admitted_at, course, [*facts, *(fact for part in parts for fact in part)]),
    )
    if status in ("planned", "cancelled", "deleted"):
        spell = msgspec.structs.replace(spell, pending=pendings(main, None, None))
    else:
        spell = _in_hospital(spell, main, course, admitted_at, config)
    return Account(spell, visits, main.merged, gone(main.moved))


def _in_hospital(
    spell: Spell, main: Visit, course: Course, admitted_at: int | None, config: CoreConfig
) -> Spell:
    left, undone = spell.status == "discharged", main.discharged.last_cancel
    method, destination = _discharge_codes(main, config) if left else (None, None)
    last = next((stay.place for stay in reversed(course.stays) if stay.place), None)
    return msgspec.structs.replace(
        spell,
        admitted_at=admitted_at,
        discharged_at=course.discharged_at,
        location=last or NOWHERE,
        stays=tuple(course.stays),
        pending=pendings(main, admitted_at if spell.status != "registered" else None, course.discharged_at),
        leave=leave_of(main, course.discharged_at),
        discharge_method=method,
        discharge_destination=destination,
        discharge_group=_group(method, destination),
        departure=_departure(spell, main, course, config) if left else None,
        undone_at=undone.occurred_at if undone else None,
    )


def _admitted_at(visits: Sequence[Visit]) -> int | None:
    """The visit's own admit time (PV1-44) as last recorded, else the event time of the admission."""
    for visit in visits:
        said = latest(visit.said, "admitted_at")
        if said is not None:
            return cast("int", said)
        if admission := visit.admission:
            # An A06 after an A01 says again that the person is in, not since when.
            return (visit.admitted.standing or admission).occurred_at
    return None


def _since_cancel(slot: Slot, ordered: Sequence[Fact]) -> Sequence[Fact]:
    """Leave what was recorded after the newest cancel: a cancelled thing leaves no trace (law 3)."""
    if slot.last_cancel is None:
        return ordered
    return ordered[ordered.index(slot.last_cancel) + 1 :]


def _left_at(main: Visit) -> int | None:
    """An amendment corrects the time of a discharge that stands; it never makes one (lessons.md §4.3)."""
    fact = main.departure
    if fact is None:
        return None
    corrections = [
        other
        for other in main.ordered
        if other.kind == "SpellAmended"
        and other.recorded_at >= fact.recorded_at
        and other.body.get("discharged_at")
    ]
    return cast("int", corrections[-1].body["discharged_at"]) if corrections else fact.occurred_at


def _flags(main: Visit, census: Fact | None, course: Course, *, inferred: bool) -> frozenset[str]:
    """Doubts about the facts that stand, and about the course; an extract counts until an admission is heard.
    """
    if main.deleted is not None:
        return frozenset(main.deleted.flags) | ({"census_conflict"} if census is not None else set())
    flags = set(course.flags)
    for fact in main.ordered:
        if fact.flags and (fact.kind == "SpellAmended" or _stands(main, fact)):
            flags.update(fact.flags)
    if census is not None and not course.admission_seen:
        flags |= {"census", *census.flags}
    elif inferred:
        flags.add("inferred")
    return frozenset(flags)


def _stands(main: Visit, fact: Fact) -> bool:
    return any(slot.standing is fact for slot in main.slots() if slot is not main.censused)


def _start(admitted_at: int | None, course: Course, facts: Sequence[Fact]) -> int:
    if admitted_at is not None:
        return admitted_at
    first = course.stays[0].since if course.stays else None
    return first if first is not None else min(fact.occurred_at for fact in facts)


def _first(field: str, visits: Sequence[Visit]) -> object:
    return next((said for visit in visits if (said := latest(visit.said, field)) is not None), None)


def _first_code(field: str, name: str, visits: Sequence[Visit], config: CoreConfig) -> Code | None:
    for visit in visits:
        if code := coded(field, latest(visit.said, name), visit.partner, config):
            return code
    return None


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
    if main.departure is None or course.discharged_at is None:
        return None
    late = all(fact.received_at - fact.occurred_at > config.notice_horizon_us for fact in slot.run)
    code = spell.patient_class.code if spell.patient_class else None
    fact_id = f"{main.partner}/{spell.spell_id}/SpellDischarged/{slot.epoch}"
    if filed := times_filed(main.moved):
        fact_id = f"{fact_id}/{filed}"  # told of another person before: this is another thing to tell
    return Departure(fact_id, course.discharged_at, late, code == "E")
