"""Edith's afternoon (Tuesday 12 January 2027): one person, four organisations, nobody sent to an empty house.

In: the hospital with Edith and Edna already in bed. Out: the story's own `Send`s, named so that the judge
can wait for them, and her hub row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from simulator import community, hl7
from simulator.hospital import PARTNER, Hospital, Stay
from simulator.hub import HubRow, uk
from simulator.ledger import Send

DAY = datetime(2027, 1, 12)
PLAY_START, PLAY_END = DAY.replace(hour=14), DAY.replace(hour=15, minute=30)
READY_SINCE = datetime(2027, 1, 10, 10, 20)
REFERRED, PASSED_ON = datetime(2027, 1, 10, 16, 20), datetime(2027, 1, 11, 11, 5)
"""The ward refers her to the hub; the hub passes her on to the council ("why 52 h?")."""
READY_BEFORE = ("letter", "family_told", "therapy_seen", "equipment", "restart_confirmed", "ward_contact")
READY_LAST = ("medicines", "transport_booked", "home_ready")
PACKAGE, SUPPORT = "LBB-P-0001", "BW-S-0001"


@dataclass
class Edith:
    """The two who must not be taken for one another, and what the ledger says of them."""

    stay: Stay
    other: Stay


def cast(hospital: Hospital, connected: datetime) -> Edith:
    """Put Edith and Edna Marlow to bed before the place is connected: same family name, date of birth and
    postcode, different people.
    """
    both = []
    for given, nhs, bed in (
        ("Edith", "9990000018", ("M4", "B1", "03")),
        ("Edna", "9990000026", ("M9", "B2", "07")),
    ):
        person = hospital.population.person(
            family="Marlow", given=given, nhs=nhs, birth_date=date(1942, 3, 14), postcode="BR2 9JX", sex="2"
        )
        hospital.free.remove(bed)
        visit = hospital.new_visit(bed, connected - timedelta(days=3 if given == "Edith" else 5))
        stay = Stay(person, visit, connected, held=True)
        hospital.stays[visit.number] = stay
        both.append(stay)
    edith, edna = both
    edith.person.council_id, edith.person.charity_id = "LBB90001", "BW90001"
    edith.person.route, edna.person.near_miss, edna.person.near_miss_of = "decision", "twin", edith.person.pid
    return Edith(edith, edna)


def hub_row(edith: Edith, connected: datetime) -> HubRow:
    """Ready since Sunday 10:20, referred that afternoon; on Monday the hub asks the council for a package."""
    row = HubRow(edith.stay, connected + timedelta(hours=1))
    said = (("Meets CtR", "N"), ("CtR reviewed", uk(READY_SINCE)), ("Reviewer role", "consultant"))
    row.changes += [(READY_SINCE, column, value) for column, value in said]
    row.task(REFERRED, "hub trigger", "requested")
    row.changes += [(REFERRED, "Pathway exp", "1"), (REFERRED, "Owner", "hub")]
    row.task(PASSED_ON, "hub trigger", "completed")
    said = (("Pathway conf", "1"), ("Delay reason", "IF1"), ("Owner", "council"))
    row.changes += [(PASSED_ON, column, value) for column, value in said]
    return row


def history(edith: Edith) -> list[Send]:
    """What the council said before the afternoon."""
    return [
        community.package_event(edith.stay.person, PACKAGE, "requested", PASSED_ON)
    ]


def afternoon(hospital: Hospital, edith: Edith) -> list[Send]:
    """The messages of 14:06 to 14:50, in order."""
    at = PLAY_START.replace
    person, visit = edith.stay.person, edith.stay.visit
    sends = [
        community.package_event(
            person, PACKAGE, "approved", at(minute=6), first_call=DAY.replace(hour=18), story="F1"
        ),
        community.support_event(person, SUPPORT, "accepted", at(minute=13), story="F3"),
    ]
    left = hospital.discharge(edith.stay, at(minute=32), story="F6")
    edith.stay.visit = visit
    back = hospital.send("A13", edith.stay, at(minute=41), story="F7")
    new_id = hospital.control_id()
    again = hl7.requeued(left.body, new_id, at(minute=51))
    repeats = [
        replace(
            left,
            at=at(minute=50),
            expect={"duplicate:same id": 1},
            label="A03 again, same id",
            story="F8a",
            effect=None,
        ),
        Send(
            at(minute=51),
            PARTNER,
            "mllp",
            again,
            new_id,
            {"duplicate:requeued": 1},
            label="A03 again, new id",
            story="F8b",
        ),
    ]
    hospital.sends = [s for s in hospital.sends if s is not left and s is not back]
    return [*sends, left, back, *repeats]
