"""Mutants of a visit's course: class, leave, plans, deletion."""

from __future__ import annotations

from typing import Any

from connectors.partners.hl7_adt import filings, movements, scoping, visits
from connectors.partners.hl7_adt import translate as hl7
from schemas import ids
from schemas.fact import Fact
from streams.core.identity import refiling
from streams.core.spells import absorbing, account, joining, pending, visit
from streams.core.spells.location import Location
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


@mutant("a swap moves only the first")
def swap_moves_one(patch: Patch) -> None:
    real = hl7._swapped
    patch.setattr(hl7, "_swapped", lambda context: (real(context)[0][:1], ()))


@mutant("a movement is never corrected")
def movement_never_corrected(patch: Patch) -> None:
    patch.setattr(movements, "meant", lambda trigger, action, first: trigger)


@mutant("a corrected movement happened when it was corrected")
def corrected_when_written(patch: Patch) -> None:
    patch.setattr(movements, "UPDATE", "NEVER")


@mutant("an A07 is judged by the class it leads to")
def judged_by_new_class(patch: Patch) -> None:
    patch.setattr(scoping, "_INPATIENT", "O")


@mutant("a move out of our sites is not heard")
def move_out_unheard(patch: Patch) -> None:
    patch.setattr(scoping, "_MOVES", frozenset())


@mutant("visits of two hospitals share a number")
def shared_number(patch: Patch) -> None:
    real = ids.spell_id
    patch.setattr(ids, "spell_id", lambda authority, *rest: real("RJZ-VISIT", *rest))


@mutant("a move to the lounge is a discharge")
def lounge_is_departure(patch: Patch) -> None:
    real = account.course_of

    def course_of(main: visit.Visit, *said: Any) -> Any:
        course = real(main, *said)
        for stay in course.stays:
            if stay.place and stay.place.poc == "LOUNGE" and stay.since is not None:
                course.leave(stay.since)
        return course

    patch.setattr(account, "course_of", course_of)


@mutant("what is said by the way is lost")
def by_the_way_lost(patch: Patch) -> None:
    patch.setattr(visits, "_BY_THE_WAY", ())


@mutant("a merged visit stays a visit")
def merged_stays(patch: Patch) -> None:
    patch.setattr(joining, "roots", lambda parts: {})


@mutant("a part's departure ends the whole")
def part_ends_whole(patch: Patch) -> None:
    ed_departure_ends(patch)
    retired_discharge_counts(patch)


@mutant("a retired visit's discharge counts")
def retired_discharge_counts(patch: Patch) -> None:
    patch.setattr(absorbing, "_STEPS", (*absorbing._STEPS, "discharged"))


@mutant("a moved visit stays where it was")
def moved_stays(patch: Patch) -> None:
    patch.setattr(account, "gone", lambda moves: False)


@mutant("what comes late stays with the wrong person")
def late_stays(patch: Patch) -> None:
    def about(fact: Fact, thing: str) -> bool:
        return fact.thing == thing and fact.body.get("poc") != "BIRCH"

    patch.setattr(refiling, "_about", about)


@mutant("merged accounts leave their visits")
def accounts_merge_alone(patch: Patch) -> None:
    real = filings.merged_visit

    def merged_visit(context: Any, subject: Any) -> Any:
        return [] if context.trigger in ("A35", "A41") else real(context, subject)

    patch.setattr(filings, "merged_visit", merged_visit)


@mutant("an account's visit stays behind")
def account_moves_alone(patch: Patch) -> None:
    real = filings._moved

    def moved(context: Any, *said: Any) -> Any:
        return [] if context.trigger == "A44" else real(context, *said)

    patch.setattr(filings, "_moved", moved)


@mutant("what comes late under a retired number is lost")
def late_under_retired(patch: Patch) -> None:
    def absorbed(own: visit.Visit, other: visit.Visit) -> visit.Visit:
        until = other.merged.recorded_at if other.merged else 0
        known = [fact for fact in other.ordered if fact.recorded_at <= until]
        return absorbing.absorbed(own, visit.visit_of(other.partner, known))

    patch.setattr(account, "absorbed", absorbed)
