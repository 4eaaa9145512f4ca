"""A small town of the simulator, with a few messages more of which the truth is known: a restricted person, a
stay that began in summer time, a message that leaves fields out, one under a number that was merged away.

In: the seed of the demo. Out: the town with everything in its ledger, and the truth of what was added. Knows
no model of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from simulator import hl7
from simulator.hospital import PARTNER
from simulator.ledger import Send
from simulator.people import Person
from simulator.story import DAY
from simulator.town import Town, build

SCALE = 0.2
MORNING = DAY + timedelta(hours=9)


@dataclass(frozen=True)
class Added:
    """Visits of the added messages, and what must be shown of them."""

    restricted: str
    summer: str
    summer_admitted: str
    partial: str
    merged: str
    expected_discharge: str


def small_town() -> tuple[Town, Added]:
    """The town, built small, with what is added."""
    town = build(scale=SCALE)
    people = town.ledger.people
    plain = [row for row in people if row["visit"] in town.ledger.beds and row["route"] == "number"]
    plain = [row for row in plain if row["visit"] not in (town.edith_visit, town.edna_visit)]
    merged = next(row for row in people if row["route"] == "merge")
    restricted, summer, partial = plain[:3]
    expected = DAY + timedelta(days=8, hours=10)
    adds = [
        _amended(town, restricted, 1, pv1={16: "Y"}),
        _amended(town, summer, 2, pv1={44: "20261020143000"}),
        _amended(town, partial, 3, pv2=f"PV2|||||||||{hl7.stamp(expected)}"),
        _amended(town, partial, 4, pv2="PV2|||ward round"),
        _amended(town, merged, 5, mrn=merged["temporary_mrn"], pv2=f"PV2|||||||||{hl7.stamp(expected)}"),
    ]
    town.sends.extend(adds)
    town.sends.sort(key=lambda send: (send.at, send.partner, send.message_id))
    town.ledger.book(adds)
    one, two, three, four = (row["visit"] for row in (restricted, summer, partial, merged))
    # Half past two in the afternoon of 20 October is half past one UTC.
    return town, Added(one, two, "2026-10-20T13:30:00Z", three, four, "2027-01-20T10:00:00Z")


def _amended(
    town: Town,
    row: dict[str, Any],
    number: int,
    *,
    mrn: str = "",
    pv1: dict[int, str] | None = None,
    pv2: str = "",
) -> Send:
    """An A08 about somebody in bed, with fields the simulator itself never sends."""
    at = MORNING + timedelta(minutes=number)
    person = Person(**{field.name: row[field.name] for field in fields(Person)})
    poc, room, bed = town.ledger.beds[row["visit"]].split("^")
    visit = hl7.Visit(row["visit"], "I", poc, room, bed)
    name = f"ADD{number:04d}"
    body = hl7.message(
        "A08", name, person, visit, occurred=at, recorded=at, sent=at, with_number=not mrn, mrn=mrn
    )
    lines = body.decode("cp1252").split("\r")
    lines = [_with(line, pv1 or {}) if line.startswith("PV1") else line for line in lines]
    text = "\r".join([*lines[:-1], *([pv2] if pv2 else []), ""])
    return Send(at, PARTNER, "mllp", text.encode("cp1252"), name, {"accepted": 1}, label="added")


def _with(line: str, values: dict[int, str]) -> str:
    cells = line.split("|")
    for number, value in values.items():
        cells += [""] * (number + 1 - len(cells))
        cells[number] = value
    return "|".join(cells)
