"""A trust's days, as its partners send them: who came, stopped to need a hospital, waited for what, and left.
Made for any days, those of a change of the clocks too; returns are recounted from its ledger.

In: a seed, the days. Out: sends of the hospital and the hub, and a ledger whose `stays` say the truth (times
UTC) and, of what a list shows, when it was first listed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from simulator import hl7
from simulator.hub import HUB_COLUMNS
from simulator.ledger import Ledger, Send
from simulator.people import Person, Population

LONDON = ZoneInfo("Europe/London")
COLUMNS = [*HUB_COLUMNS, "Council", "Destination"]
"""Columns of the list; a place that reads the last two names them in its column map."""
OWN_COUNCIL, OTHER_COUNCIL = "E09000006", "E09000008"
REASONS = ("HP5", "IF1", "CA10", "WB1", "CTH2", "IF12", "HP5;IF1", "No Plan", "waiting for a taxi")
DESTINATIONS = ("D1", "D2", "D3", "D6", "D7", "home, probably")
LIST_EVERY = timedelta(hours=2)
Said = list[tuple[datetime, str]]


@dataclass
class Patient:
    """One stay in truth; times UTC. `words`: (written down, left then; None = taken back)."""

    person: Person
    visit: hl7.Visit
    came: datetime
    words: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    findings: list[tuple[datetime, bool]] = field(default_factory=list)
    cells: dict[str, Said] = field(default_factory=dict)
    """Column -> (since when, what the hub knows)."""
    method: str = "1"

    @property
    def left(self) -> datetime | None:
        """When they left in the end."""
        return self.words[-1][1] if self.words else None


@dataclass
class Days:
    """What is sent, and the truth of it."""

    sends: list[Send]
    ledger: Ledger


def utc(day: date, clock: str) -> datetime:
    """A time of a day by the clock in England, the first one where there are two."""
    hour, minute = map(int, clock.split(":"))
    return datetime.combine(day, time(hour, minute), LONDON).astimezone(UTC)


def local(at: datetime) -> datetime:
    """What a clock in England shows, as systems write it: without a zone."""
    return at.astimezone(LONDON).replace(tzinfo=None)


def build(seed: int, day: date, people: int = 60) -> Days:
    """The three days around `day`."""
    rng = random.Random(seed)
    population = Population(rng, first_stem=999_200_100)
    patients = [_patient(rng, population, number, day) for number in range(people)]
    _edges(patients, day)
    ledger = Ledger()
    sends = [send for patient in patients for send in _adt(patient)]
    shown: dict[str, list[tuple[str, str, str]]] = {patient.visit.number: [] for patient in patients}
    sends += _lists(patients, day, shown)
    sends.sort(key=lambda send: (send.at, send.partner, send.message_id))
    ledger.stays = [_truth(patient, shown[patient.visit.number]) for patient in patients]
    ledger.book(sends)
    return Days(sends, ledger)


def _patient(rng: random.Random, population: Population, number: int, day: date) -> Patient:
    """Somebody at random: came within the last month, is assessed or not, leaves or not."""
    start, length = utc(day, "00:00") - timedelta(days=1), 3 * 24 * 60
    long_ago = start - timedelta(minutes=rng.randrange(30 * 24 * 60))
    came = long_ago if number % 5 else _minute(rng, start, length)
    ward = hl7.Visit(f"T{number:06d}", poc=f"M{number % 9}", room="B1", bed=f"{number:02d}")
    visit = replace(ward, specialty=rng.choice(("300", "430", "110")), admitted_at=local(_plain(came)))
    one = Patient(population.person(), visit, _plain(came))
    _assess(rng, one, max(one.came, start - timedelta(days=3)))
    for column, values, share in (
        ("Pathway conf", ("0", "1", "2", "3"), 0.7), ("Delay reason", REASONS, 0.8),
        ("Destination", DESTINATIONS, 0.7), ("Council", (OWN_COUNCIL, OWN_COUNCIL, OTHER_COUNCIL), 0.8),
    ):  # fmt: skip
        if one.findings and rng.random() < share:
            times = sorted(_minute(rng, one.findings[0][0], length) for _ in range(rng.randrange(1, 3)))
            one.cells[column] = [(at, rng.choice(values)) for at in times]
    if rng.random() < 0.6:
        left = _plain(max(_minute(rng, start, length), one.came + timedelta(hours=3)))
        one.words = [(left + timedelta(seconds=40), left)]
    return one


def _assess(rng: random.Random, one: Patient, since: datetime) -> None:
    """A clinician's results, far enough apart for each to be on a list; some met the criteria again."""
    if rng.random() < 0.25:
        return
    at = _plain(since + timedelta(minutes=rng.randrange(3 * 24 * 60)))
    one.findings = [(at, rng.random() < 0.9)]
    for _ in range(rng.choice((0, 0, 1, 2))):
        at = _plain(at + timedelta(minutes=rng.randrange(180, 20 * 60)))
        one.findings.append((at, not one.findings[-1][1]))


def _edges(patients: list[Patient], day: date) -> None:
    """What must happen on the day itself, whatever chance brings."""
    ready, early = utc(day, "08:30"), utc(day - timedelta(days=1), "09:30")
    edges = ("17:00", "17:01", "23:59", "00:30", "12:00", "16:59", "15:00", "14:00")
    for one, clock in zip(patients[1:], edges, strict=False):
        left = utc(day, clock)
        one.came = min(one.came, early - timedelta(days=8))
        one.visit = replace(one.visit, admitted_at=local(one.came))
        one.findings, one.words = [(early, True)], [(left + timedelta(seconds=40), left)]
        one.cells["Council"] = [(early, OTHER_COUNCIL if clock in ("17:00", "23:59") else OWN_COUNCIL)]
        one.cells["Pathway conf"] = [(early, "1")]
    late, back, died, newborn = patients[5], patients[6], patients[7], patients[8]
    late.words = [(utc(day + timedelta(days=1), "11:00"), utc(day, "12:00"))]
    back.words.append((utc(day, "18:20"), None))
    died.method = "4"
    newborn.visit = replace(newborn.visit, specialty="501")
    again, waits = patients[11], patients[12]
    for one, nights in ((again, 7), (waits, 14), (patients[13], 21)):
        one.came = utc(day - timedelta(days=nights), "23:30")
        one.visit = replace(one.visit, admitted_at=local(one.came))
        one.words, one.findings = [], [(early, True)]
        one.cells["Delay reason"] = [(early, "HP5")]
    again.findings.append((utc(day, "13:00"), False))
    waits.cells["Delay reason"].append((ready, "IF1"))
    patients[13].cells["Delay reason"] = [(early, "IF1"), (ready, "HP5;IF1")]


def _minute(rng: random.Random, since: datetime, minutes: int) -> datetime:
    return _plain(since + timedelta(minutes=rng.randrange(minutes)))


def _plain(at: datetime) -> datetime:
    """The same minute, unless a clock shows it for the second time: nobody can write that down."""
    at = at.replace(second=0, microsecond=0)
    return at + timedelta(hours=1) if at.astimezone(LONDON).fold else at


def _adt(one: Patient) -> list[Send]:
    """A01, and A03 and A13 as they were written down."""
    sends = [_message("A01", one, one.visit, one.came, one.came + timedelta(seconds=30))]
    last = one.came
    for written, left in one.words:
        visit = one.visit
        if left:
            visit = replace(visit, discharged_at=local(left), method=one.method, destination="19")
        sends.append(_message("A03" if left else "A13", one, visit, left or last, written))
        last = left or last
    return sends


def _message(trigger: str, one: Patient, visit: hl7.Visit, at: datetime, written: datetime) -> Send:
    control_id = f"{visit.number}-{trigger}-{written:%d%H%M}"
    occurred, recorded = local(at), local(written)
    body = hl7.message(
        trigger, control_id, one.person, visit, occurred=occurred, recorded=recorded, sent=recorded
    )
    at_wire = written.replace(tzinfo=None)
    return Send(at_wire, "pruh-adt", "mllp", body, control_id, {"accepted": 1}, label=trigger)


def _lists(patients: list[Patient], day: date, shown: dict[str, list[tuple[str, str, str]]]) -> list[Send]:
    """The hub's list every two hours; `shown` notes what is on it anew: (listed, column, value)."""
    sends, before = [], dict[str, dict[str, str]]()
    at = utc(day, "00:00").replace(hour=0, minute=5) - timedelta(days=2)
    while at < utc(day, "00:00") + timedelta(days=3):
        rows = {one.visit.number: _row(one, at) for one in patients if _listed(one, at)}
        for number, row in rows.items():
            old = before.get(number, {})
            new = ((column, value) for column, value in row.items() if value and old.get(column) != value)
            shown[number] += [(at.isoformat(), column, value) for column, value in new]
        sends.append(_file(rows, at))
        before = rows
        at += LIST_EVERY
    return sends


def _listed(one: Patient, at: datetime) -> bool:
    known = bool(one.findings) and one.findings[0][0] <= at
    return known and one.came <= at and (one.left is None or at < one.left)


def _row(one: Patient, at: datetime) -> dict[str, str]:
    person, visit = one.person, one.visit
    row = {"MRN": person.mrn, "NHS No": person.nhs, "DOB": f"{person.birth_date:%d/%m/%Y}"}
    row |= {"Visit": visit.number, "Ward": visit.poc, "Bed": visit.bed}
    reviewed, is_ready = [finding for finding in one.findings if finding[0] <= at][-1]
    row |= {"CtR reviewed": _written(reviewed), "Meets CtR": "N" if is_ready else "Y"}
    for column, said in one.cells.items():
        known = [value for since, value in said if since <= at]
        row |= {column: known[-1]} if known else {}
    return row


def _written(at: datetime) -> str:
    return f"{local(at):%d/%m/%Y %H:%M}"


def _file(rows: dict[str, dict[str, str]], at: datetime) -> Send:
    lines = [",".join(COLUMNS)]
    lines += [",".join(f'"{row.get(column, "")}"' for column in COLUMNS) for row in rows.values()]
    lines.append(f"#rows={len(rows)}")
    name = f"hublist-{local(at):%Y%m%dT%H%M%S}.csv"
    body = ("\r\n".join(lines) + "\r\n").encode()
    return Send(at.replace(tzinfo=None), "hub-list", "file", body, name, {}, name=name, label="hub list")


def _truth(one: Patient, shown: list[tuple[str, str, str]]) -> dict[str, Any]:
    reviewed = {value: listed for listed, column, value in shown if column == "CtR reviewed"}
    first = {at: reviewed.get(_written(at)) for at, _ in one.findings}
    return {
        "visit": one.visit.number, "came": one.came.isoformat(), "specialty": one.visit.specialty,
        "method": one.method, "known": (one.came + timedelta(seconds=30)).isoformat(),
        "words": [(written.isoformat(), left.isoformat() if left else None) for written, left in one.words],
        "findings": [(at.isoformat(), is_ready, first[at]) for at, is_ready in one.findings if first[at]],
        "listed": [row for row in shown if row[1] in one.cells],
    }  # fmt: skip
