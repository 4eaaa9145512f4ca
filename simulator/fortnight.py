"""Days on which things go wrong in the ordinary way: nobody refers, nobody answers, starts are not promised,
people come back. Alerts are expected from its ledger (domain 02 §2.4, domain 06 §6.2).

In: a seed, the first day, how many. Out: sends of hospital, hub, council and charity, with repeats, late ones
and disorder, and a ledger whose `words` say who said what of whom, and when it was received. Winter: UTC.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from simulator import community, courses, hl7
from simulator.courses import Course
from simulator.hub import HUB_COLUMNS
from simulator.ledger import Ledger, Send
from simulator.people import Population

MONDAY = datetime(2027, 1, 11)
LIST_EVERY = timedelta(minutes=30)
WARM_UP = timedelta(days=3)
LATE, REPEATED = 0.03, 25


@dataclass
class Fortnight:
    """What is sent, and the truth of it."""

    sends: list[Send] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)


def build(seed: int, start: datetime, days: int, a_day: int = 40) -> Fortnight:
    """So many days from `start`, `a_day` people admitted on each, after three days that fill the beds."""
    rng, out = random.Random(seed), Fortnight()
    end = start + timedelta(days=days)
    population = Population(rng, first_stem=999_300_100)
    first = start - WARM_UP
    minutes = round((end - first).total_seconds() / 60)
    all_of_them: list[Course] = []
    for number in range(a_day * (days + WARM_UP.days)):
        came = first + timedelta(minutes=rng.randrange(minutes))
        all_of_them += courses.of(rng, population.person(), number, came)
    for course in all_of_them:
        _hospital(rng, course, end, out)
        _partners(rng, course, end, out)
    _lists(all_of_them, first, end, out)
    repeated = [send for send in out.sends if send.wire == "mllp"][::REPEATED]
    out.sends += [replace(send, at=send.at + timedelta(minutes=2), label="repeat") for send in repeated]
    out.sends.sort(key=lambda send: (send.at, send.partner, send.message_id))
    out.ledger.words.sort(key=lambda word: (word["received"], word["pid"], word["what"]))
    return out


def _say(out: Fortnight, course: Course, send: Send, what: str, **said: Any) -> None:
    word = {"received": send.at.isoformat(), "pid": course.person.pid, "visit": course.visit.number}
    named = {name: at.isoformat() if isinstance(at, datetime) else at for name, at in said.items()}
    out.ledger.words.append(word | {"by": send.partner, "what": what} | named)
    out.sends.append(send)


def _received(rng: random.Random, written: datetime) -> datetime:
    """Some wires are late, so that words come out of order."""
    late = timedelta(minutes=rng.randrange(60, 300)) if rng.random() < LATE else timedelta(0)
    return written + late + timedelta(seconds=2)


def _hospital(rng: random.Random, course: Course, end: datetime, out: Fortnight) -> None:
    for number, step in enumerate(course.steps):
        written = step.at + timedelta(seconds=20 + number)
        at = _received(rng, written)
        if at >= end:
            continue
        visit = replace(course.visit, patient_class=step.patient_class, admitted_at=course.came)
        if step.trigger == "A03":
            visit = replace(visit, discharged_at=step.at, method=step.method, destination=step.destination)
        visit = replace(visit, expected_discharge_at=step.expected)
        control_id = f"{visit.number}-{number}"
        body = hl7.message(
            step.trigger, control_id, course.person, visit,
            occurred=step.at, recorded=written, sent=written, death=step.death,
        )  # fmt: skip
        send = Send(at, "pruh-adt", "mllp", body, control_id, {"accepted": 1}, label=step.trigger)
        _say(
            out, course, send, step.trigger, at=step.at, written=written, expected=step.expected,
            patient_class=step.patient_class, method=step.method, destination=step.destination,
            death=step.death[1] if step.death else None,
        )  # fmt: skip


def _partners(rng: random.Random, course: Course, end: datetime, out: Fortnight) -> None:
    for event in course.events:
        at = _received(rng, event.at + timedelta(seconds=18))
        if at >= end:
            continue
        if event.by == "lbb-webhook":
            send = community.package_event(
                course.person, event.ref, event.what, event.at, first_call=event.planned,
                service_type=event.service,
            )  # fmt: skip
        else:
            send = community.support_event(
                course.person, event.ref, event.what, event.at, planned=event.planned, traced=True
            )
        _say(
            out, course, replace(send, at=at), event.what, at=event.at, ref=event.ref, planned=event.planned,
            service=event.service,
        )  # fmt: skip


def _lists(all_of_them: list[Course], first: datetime, end: datetime, out: Fortnight) -> None:
    """The hub's list; only what is another than on the list before is a word."""
    before: dict[str, dict[str, str]] = {}
    at = first + timedelta(minutes=5)
    while at < end:
        shown = {c.visit.number: c for c in all_of_them if c.cells and c.cells[0][0] <= at < c.off_list}
        rows = {number: course.row(at) for number, course in shown.items()}
        lines = [",".join(HUB_COLUMNS)]
        lines += [",".join(row.get(column, "") for column in HUB_COLUMNS) for row in rows.values()]
        body = ("\r\n".join([*lines, f"#rows={len(rows)}"]) + "\r\n").encode()
        name = f"hublist-{at:%Y%m%dT%H%M%S}.csv"
        out.sends.append(Send(at, "hub-list", "file", body, name, {}, name=name, label="hub list"))
        for number, row in rows.items():
            if before.get(number) != row:
                word = {"received": at.isoformat(), "pid": shown[number].person.pid, "visit": number}
                out.ledger.words.append(word | {"by": "hub-list", "what": "row", "row": row})
        before = rows
        at += LIST_EVERY
