"""Writes down who is who: the part of the ledger that joins and beds are judged by.

In: the people and stays of a town. Out: ledger rows.
"""

from __future__ import annotations

from dataclasses import asdict

from simulator import story
from simulator.hospital import Hospital, Stay
from simulator.ledger import Ledger
from simulator.people import Person


def write_truth(
    ledger: Ledger,
    hospital: Hospital,
    edith: story.Edith,
    known: list[Stay],
    arrived: list[Stay],
    near: list[Person],
) -> None:
    ledger.beds = hospital.beds()
    ledger.told = {visit: ["gp"] for visit in sorted(hospital.left)}
    ledger.taken_back = sorted(hospital.taken_back)
    for stay in [*known, *arrived, edith.stay, edith.other]:
        person = stay.person
        person.sectors |= {"hospital", "hub"} if stay is not edith.other else {"hospital"}
        person.sectors |= {"council"} if person.council_id else set()
        person.sectors |= {"voluntary"} if person.charity_id else set()
        row = asdict(person) | {"visit": stay.visit.number, "sectors": sorted(person.sectors)}
        row["package"] = (
            (story.PACKAGE if stay is edith.stay else f"LBB-P-{10000 + person.pid}")
            if person.council_id
            else ""
        )
        row["support"] = (
            (story.SUPPORT if stay is edith.stay else f"BW-S-{10000 + person.pid}")
            if person.charity_id
            else ""
        )
        ledger.people.append(row)
        if person.charity_id:
            ledger.decisions.append(
                {
                    "support": row["support"],
                    "visit": stay.visit.number,
                    "decision": "same",
                    "at": "14:20" if stay is edith.stay else "before",
                }
            )
    for person in near:
        ledger.people.append(
            asdict(person)
            | {"visit": "", "sectors": ["council"], "package": f"LBB-P-{10000 + person.pid}", "support": ""}
        )
    ledger.decisions.append(
        {"support": story.SUPPORT, "visit": edith.other.visit.number, "decision": "not_same", "at": "14:20"}
    )
