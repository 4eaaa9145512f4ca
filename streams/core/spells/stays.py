"""Timeline of a visit: where the person was, by event time (design.md §4 Timeline).

In: the standing facts of one source, and a census that may fill what that source does not say. Out:
stays and what the walk met. Winners sort by (occurred_at, rank of the kind, recorded_at, fact key):
minute-precision ties are decided by rank, never by id.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

import msgspec

from schemas.fact import Fact
from streams.core.spells.location import Location, location_of, prior_of
from streams.core.spells.visit import Visit, admits


class Rank(IntEnum):
    """Which comes first when two facts name the same minute."""

    REGISTERED = 1
    ADMITTED = 2
    CENSUSED = 3
    MOVED = 4
    PLACED = 5
    """A cancel, an amendment or a return from leave says where the person is."""
    DISCHARGED = 9


class Stay(NamedTuple):
    """One stretch in one place; `inferred` where only implied."""

    since: int | None
    until: int | None
    place: Location | None
    inferred: bool


class Step(NamedTuple):
    """A standing fact in its place on the timeline."""

    at: int
    rank: Rank
    fact: Fact


class Course(msgspec.Struct):
    """What the walk along the timeline found."""

    stays: list[Stay] = []
    discharged_at: int | None = None
    """None after a later admission as well."""
    admission_seen: bool = False
    flags: set[str] = set()

    def enter(self, at: int | None, place: Location, *, inferred: bool) -> None:
        """Begin a stay, ending the one before; the same place goes on."""
        if self.stays and self.stays[-1].until is None:
            last = self.stays[-1]
            if _same(last.place, place):
                return
            if last.inferred and last.since == at:
                self.stays.pop()
            else:
                self.stays[-1] = last._replace(until=at)
        self.stays.append(Stay(at, None, place, inferred))

    def leave(self, at: int) -> None:
        """End the open stay."""
        self.discharged_at = at
        if self.stays and self.stays[-1].until is None:
            self.stays[-1] = self.stays[-1]._replace(until=at)


def course_of(visit: Visit, census: Fact | None, admitted_at: int | None, left_at: int | None) -> Course:
    """Walk the standing facts of a visit.

    `admitted_at` and `left_at` are the corrected times, where there are any.
    """
    course = Course()
    for step in sorted(_steps(visit, census, admitted_at, left_at), key=_position):
        if step.rank is Rank.DISCHARGED:
            _depart(course, step, admitted_at)
        elif course.discharged_at is None:
            _arrive(course, step, admitted_at)
        elif step.rank <= Rank.ADMITTED:
            course.discharged_at = None
            course.flags.add("readmitted")
            _arrive(course, step, admitted_at)
        elif step.rank is Rank.MOVED:
            course.flags.add("moved_after_discharge")
        elif step.rank is Rank.CENSUSED:
            course.flags.add("census_conflict")
    return course


def _steps(visit: Visit, census: Fact | None, admitted_at: int | None, left_at: int | None) -> Iterator[Step]:
    if fact := visit.registered.standing:
        yield _step(Rank.REGISTERED, fact)
    if fact := visit.admitted.standing:
        yield _step(
            Rank.ADMITTED, fact, _corrected(fact, admitted_at, moved=visit.registered.standing is None)
        )
    if fact := visit.changed.standing:
        yield _step(Rank.ADMITTED if admits(fact) else Rank.PLACED, fact)
    for slot in visit.moves.values():
        if fact := slot.standing:
            yield _step(Rank.MOVED, fact)
    for slot in visit.leave_ends.values():
        if fact := slot.standing:
            yield _step(Rank.PLACED, fact)
    for fact in visit.placements:
        yield _step(Rank.PLACED, fact)
    if fact := visit.departure:
        yield _step(Rank.DISCHARGED, fact, left_at)
    if census is not None:
        yield _step(Rank.CENSUSED, census)


def _step(rank: Rank, fact: Fact, at: int | None = None) -> Step:
    return Step(fact.occurred_at if at is None else at, rank, fact)


def _position(step: Step) -> tuple[int, int, int, str, str]:
    return (step.at, step.rank, step.fact.recorded_at, step.fact.instance, step.fact.id)


def _corrected(admission: Fact, admitted_at: int | None, *, moved: bool) -> int:
    """Move the admission where a later word on the visit's admit time differs from its own (a corrected
    PV1-44).
    """
    own = admission.body.get("admitted_at")
    said = admission.occurred_at if own is None else own
    return admitted_at if moved and admitted_at is not None and admitted_at != said else admission.occurred_at


def _depart(course: Course, step: Step, admitted_at: int | None) -> None:
    place = location_of(step.fact.body)
    if place:
        if not course.stays:
            course.enter(_not_after(admitted_at, step.at), place, inferred=True)
        elif not _same(course.stays[-1].place, place):
            course.flags.add("movement_missing")
    course.leave(step.at)


def _arrive(course: Course, step: Step, admitted_at: int | None) -> None:
    place = location_of(step.fact.body)
    course.admission_seen |= step.rank <= Rank.ADMITTED
    if step.rank is Rank.MOVED:
        _imply_prior(course, step, admitted_at)
    elif step.rank is Rank.CENSUSED and course.stays:
        return  # an extract never overrules the source's own movements
    if place is None:
        return
    # A dialect whose A08 moves a bed states the movement; a cancel and an extract only imply it.
    implied = step.rank in (Rank.CENSUSED, Rank.PLACED) and step.fact.kind != "SpellAmended"
    since = step.at if course.stays or not implied else _not_after(admitted_at, step.at)
    course.enter(since, place, inferred=implied)


def _imply_prior(course: Course, step: Step, admitted_at: int | None) -> None:
    """A movement that comes before any known place says where the person was until then (PV1-6)."""
    prior = prior_of(step.fact.body)
    if prior is None:
        return
    if not course.stays:
        course.enter(_not_after(admitted_at, step.at), prior, inferred=True)
    elif not _same(course.stays[-1].place, prior):
        course.flags.add("movement_missing")


def _same(one: Location | None, other: Location | None) -> bool:
    """Same ward, room and bed; a facility not given (PV1-6 often has none) says nothing."""
    if one is None or other is None:
        return one is other
    return one[:3] == other[:3] and (one[3] == other[3] or not one[3] or not other[3])


def _not_after(at: int | None, bound: int) -> int | None:
    return at if at is not None and at <= bound else None
