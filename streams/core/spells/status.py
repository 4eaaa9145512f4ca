"""Where a visit stands: planned, registered, admitted, discharged, cancelled or deleted (domain 03 §3.1).

In: which facts of the visit stand, and its course. Out: the status, and whether it is only implied.
"""

from __future__ import annotations

from streams.core.codes import Code
from streams.core.spells.spell import Status
from streams.core.spells.stays import Course
from streams.core.spells.visit import Visit


def status_of(main: Visit, course: Course, patient_class: Code | None) -> tuple[Status, bool]:
    """Say where a visit stands, and whether that is only implied by what came after."""
    base, inferred = _base_status(main, patient_class)
    if base in ("admitted", "registered") and course.discharged_at is not None:
        return "discharged", inferred
    return base, inferred


def _base_status(main: Visit, patient_class: Code | None) -> tuple[Status, bool]:
    emergency = patient_class is not None and patient_class.code == "E"
    if main.deleted:
        return "deleted", False
    if main.admission:
        return "admitted", False
    if main.changed.standing:
        return "registered", False  # A07: no longer an inpatient
    if main.registered.standing:
        inpatient = patient_class is not None and patient_class.code == "I"
        return ("admitted", True) if inpatient and _classed_since(main) else ("registered", False)
    if main.admitted.called_off or main.registered.called_off or main.changed.called_off:
        return "cancelled", False
    if not _implied(main):
        if main.planned.standing:
            return "planned", False
        if main.planned.called_off:
            return "cancelled", False
    return ("registered" if emergency else "admitted"), True


def _classed_since(main: Visit) -> bool:
    """Whether something later than the registration said the class: an admission that was not heard."""
    said = [fact for fact in main.said if fact.body.get("patient_class")]
    return bool(said) and said[-1].kind != "SpellRegistered"


def _implied(main: Visit) -> bool:
    """Only someone in hospital is moved, discharged or counted."""
    slots = (main.discharged, *main.moves.values(), *main.leave_starts.values(), *main.leave_ends.values())
    return bool(main.censused.standing or any(slot.fact or slot.called_off for slot in slots))
