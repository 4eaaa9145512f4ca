"""The courses of people through a hospital and out again, each going wrong in its own way or not at all.

In: a seeded generator, a person, when they come. Out: `Course`s: what the hospital, the hub, the council and
the charity each come to know of it. Shares are invented: a day brings a hub some twenty
referrals, of which one in six is late somewhere.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.hl7 import Visit
from simulator.hub import uk
from simulator.people import Person

REASONS = ("HP5", "IF1", "CA1", "CTH2", "WB1", "HP5", "IF1", "CA1", "CTH2", "IF4")
"""IF4 says that the person may have no home."""
HOME, CARE_HOME, DIED = "19", "65", "79"
COMMUNITY, RESIDENTIAL = "Long term support: Community", "Long term support: Residential Care"


@dataclass(frozen=True)
class Step:
    """One ADT message's truth."""

    at: datetime
    trigger: str
    patient_class: str = "I"
    expected: datetime | None = None
    method: str = ""
    destination: str = ""
    death: tuple[datetime, str] | None = None


@dataclass(frozen=True)
class Event:
    """One webhook's truth; `planned`: the first call, or the visit."""

    at: datetime
    by: str
    what: str
    ref: str
    planned: datetime | None = None
    service: str = ""


@dataclass
class Course:
    """One stay, and what everybody does about it."""

    person: Person
    visit: Visit
    came: datetime
    left: datetime
    steps: list[Step] = field(default_factory=list)
    cells: list[tuple[datetime, str, str]] = field(default_factory=list)
    """(Since, column, value) of the hub's list."""
    events: list[Event] = field(default_factory=list)

    @property
    def off_list(self) -> datetime:
        """When the row goes."""
        return self.left + timedelta(minutes=10)

    def row(self, at: datetime) -> dict[str, str]:
        """The row as the list shows it at a time."""
        person, visit = self.person, self.visit
        row = {"MRN": person.mrn, "NHS No": person.nhs, "DOB": f"{person.birth_date:%d/%m/%Y}"}
        row |= {"Visit": visit.number, "Ward": visit.poc, "Bed": visit.bed}
        return row | {column: value for since, column, value in self.cells if since <= at and value}


def of(rng: random.Random, person: Person, number: int, came: datetime) -> list[Course]:
    """The stay of a person, and for some another soon after."""
    one = _stay(rng, person, f"F{number:05d}", came)
    person.council_id, person.charity_id = f"LBB{20000 + person.pid}", f"BW{20000 + person.pid}"
    helped = rng.random() < 0.55 and one.steps[0].patient_class == "I"
    old = rng.random() < 0.3
    if old:
        _old_package(rng, one)
    if helped:
        _hub(rng, one, with_package=not old)
    if helped and rng.random() < 0.3:
        _charity(rng, one)
    if one.steps[-1].method != "1" or rng.random() > 0.06:
        return [one]
    again = _stay(rng, person, f"G{number:05d}", _minute(one.left + _hours(rng, 8, 60)))
    return [one, again]


def _stay(rng: random.Random, person: Person, number: str, came: datetime) -> Course:
    visit = Visit(number, poc=f"M{rng.randrange(9)}", room="B1", bed=f"{rng.randrange(30):02d}")
    stays = rng.randrange(300, 390) if rng.random() < 0.04 else rng.randrange(20, 170)
    left = _minute(came + timedelta(hours=stays))
    one = Course(person, visit, came, left)
    if rng.random() < 0.06:
        one.left = came + timedelta(hours=5)
        one.steps = [Step(came, "A04", "E"), Step(one.left, "A03", "E", method="1", destination=HOME)]
        return one
    expected = left.replace(minute=0) + timedelta(hours=rng.choice((-20, 0, 1, 2, 30)))
    one.steps = [Step(came, "A01"), Step(came + timedelta(hours=6), "A08", expected=expected)]
    if rng.random() < 0.3:
        moved = _minute(came + (left - came) * rng.uniform(0.4, 0.9))
        one.steps.append(Step(moved, "A08", expected=expected + timedelta(hours=rng.choice((-24, 24, 48)))))
    fate = rng.random()
    if fate < 0.03:
        stated = left - timedelta(hours=rng.randrange(1, 6))
        if rng.random() < 0.6:
            one.steps.append(Step(stated, "A08", death=(stated, "N")))
        one.steps.append(Step(left, "A03", method="4", destination=DIED, death=(left, "Y")))
        return one
    if fate < 0.09:
        first = left - timedelta(hours=rng.randrange(3, 15))
        one.steps.append(Step(first, "A03", method="1", destination=HOME))
        one.steps.append(Step(first + timedelta(minutes=rng.randrange(20, 90)), "A13"))
    where = CARE_HOME if rng.random() < 0.1 else HOME
    one.steps.append(Step(left, "A03", method="1", destination=where))
    one.steps.sort(key=lambda step: step.at)
    return one


def _hub(rng: random.Random, one: Course, *, with_package: bool) -> None:
    """Ready, a pathway, a referral, an owner, a reason: each in time, or not."""
    ready = _minute(max(one.came + timedelta(hours=7), one.left - _hours(rng, 5, 70)))
    add = one.cells.append

    def assessed(at: datetime, result: str) -> None:
        add((at, "Meets CtR", result))
        add((at, "CtR reviewed", uk(at)))

    assessed(ready, "N")
    if rng.random() < 0.08:
        assessed(ready + timedelta(hours=9), "Y")
        assessed(ready + timedelta(hours=21), "N")
    add((_minute(ready + _often(rng, 0.8, 0, 0.3, 2, 9)), "Pathway exp", rng.choice("11112230")))
    asked = _minute(ready + _often(rng, 0.85, 0.2, 3, 5, 20))
    kind = "fast-track" if rng.random() < 0.08 else "hub trigger"
    heard = _minute(asked + _often(rng, 0.85, 0.1, 0.45, 0.7, 5))
    taken = _minute(heard + _hours(rng, 1, 4))
    begun = _minute(taken + _often(rng, 0.7, 10, 40, 50, 80))
    for at, state in ((asked, "requested"), (heard, "acknowledged"), (taken, "accepted"), (begun, "started")):
        for column, value in (("Task", kind), ("Task state", state), ("Task changed", uk(at))):
            add((at, column, value))
    named = _minute(asked + _often(rng, 0.8, 0, 2, 5, 30))
    add((named, "Owner", rng.choice(("hub", "council", "community"))))
    since = _minute(asked + _hours(rng, 1, 3))
    while since < one.left:
        add((since, "Delay reason", rng.choice(REASONS)))
        since = _minute(since + _often(rng, 0.7, 8, 30, 50, 90))
    one.cells.sort()
    if with_package and rng.random() < 0.8:
        _new_package(rng, one, asked)


def _new_package(rng: random.Random, one: Course, asked: datetime) -> None:
    ref = f"FP-{one.visit.number}"
    _package(one, _minute(asked + _hours(rng, 0.5, 2)), "requested", ref)
    approved = _minute(asked + _hours(rng, 6, 40))
    call = one.left.replace(minute=30) + timedelta(hours=rng.choice((-30, -6, 2, 4, 20)))
    if rng.random() < 0.9 and approved < call:
        _package(one, approved, "approved", ref, planned=call)
        if call > one.left and rng.random() < 0.9:
            _package(one, call, "started", ref, planned=call)


def _old_package(rng: random.Random, one: Course) -> None:
    ref, service = f"FP-{one.person.pid}", RESIDENTIAL if rng.random() < 0.2 else COMMUNITY
    _package(one, _minute(one.came - timedelta(hours=rng.randrange(2, 90))), "started", ref, service=service)
    if rng.random() < 0.3:
        _package(one, _minute(one.came + _hours(rng, 5, 20)), "suspended", ref, service=service)
        if rng.random() < 0.7:
            _package(one, _minute(one.left + _hours(rng, 1, 9)), "restarted", ref, service=service)


def _package(
    one: Course, at: datetime, what: str, ref: str, *,
    planned: datetime | None = None, service: str = COMMUNITY,
) -> None:  # fmt: skip
    one.events.append(Event(at, "lbb-webhook", what, ref, planned, service))


def _charity(rng: random.Random, one: Course) -> None:
    ref, asked = f"FS-{one.visit.number}", _minute(one.left - _hours(rng, 10, 60))
    visit = one.left.replace(minute=15) + timedelta(hours=rng.choice((-20, -4, 8, 24, 70)))
    taken = _minute(asked + _often(rng, 0.8, 1, 9, 25, 40))
    for at, what, planned in ((asked, "requested", None), (taken, "accepted", visit)):
        one.events.append(Event(at, "bwell-webhook", what, ref, planned))
    if visit > max(one.left, taken) and rng.random() < 0.85:
        one.events.append(Event(visit, "bwell-webhook", "visit_done", ref, visit))


def _often(
    rng: random.Random, share: float, least: float, most: float, late: float, latest: float
) -> timedelta:
    """Mostly in time, else late; hours."""
    return _hours(rng, least, most) if rng.random() < share else _hours(rng, late, latest)


def _hours(rng: random.Random, least: float, most: float) -> timedelta:
    return timedelta(minutes=round(rng.uniform(least, most) * 60))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
