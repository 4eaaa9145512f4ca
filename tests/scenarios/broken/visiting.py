"""Mutants of a visit's course: class, leave, plans, deletion."""

from __future__ import annotations

from typing import Any

from connectors.partners.hl7_adt import visits
from schemas.fact import Fact
from streams.core import account, pending, visit
from streams.core.location import Location
from tests.scenarios.broken.registry import Patch, mutant


@mutant("a person on leave has left")
def leave_is_departure(patch: Patch) -> None:
    real = account.course_of

    def course_of(main: visit.Visit, *said: Any) -> Any:
        course = real(main, *said)
        away = [slot.standing.occurred_at for slot in main.leave_starts.values() if slot.standing]
        if away:
            course.leave(max(away))
        return course

    patch.setattr(account, "course_of", course_of)


@mutant("any move fulfils a plan")
def any_move(patch: Patch) -> None:
    def leads(place: Location | None, wanted: Location | None) -> bool:
        return True

    patch.setattr(pending, "_leads", leads)


@mutant("an ED departure ends the spell")
def ed_departure_ends(patch: Patch) -> None:
    patch.setattr(visit.Visit, "departure", property(lambda self: self.discharged.standing))


@mutant("a deletion leaves what was said")
def deletion_leaves(patch: Patch) -> None:
    def delete(on: visit.Visit, deletion: Fact) -> None:
        on.deleted = deletion
        on.ordered.append(deletion)

    patch.setattr(visit, "_delete", delete)


@mutant("tracking moves the person")
def tracking_moves(patch: Patch) -> None:
    for trigger in ("A09", "A10"):
        patch.setitem(visits.FACTS, trigger, visits.FACTS["A02"])


@mutant("what is said by the way is lost")
def by_the_way_lost(patch: Patch) -> None:
    patch.setattr(visits, "_BY_THE_WAY", ())
