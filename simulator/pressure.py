"""The site's figures of the afternoon, and a council feed that stops and comes back.

In: packages the council knows. Out: `Send`s: a situation report at 13:50 and another when the handover has
got worse, the council's words until its feed stops, and those that waited until it is back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from simulator import community
from simulator.hub import uk
from simulator.ledger import Send
from simulator.people import Person

DAY = datetime(2027, 1, 12)
SITE = "RJZ30"
COLUMNS = (
    "Site", "Ward", "As at", "Open", "Escalation", "Occupied", "Closed", "Closed IPC",
    "Closed IPC empty", "Metric", "By", "Value",
)  # fmt: skip
HANDOVER_BEFORE, HANDOVER_AFTER = 41, 58
FIGURES = {
    "ambulance_handover_minutes": HANDOVER_BEFORE, "ed_4h_percent": 58, "ed_majors_resus_percent": 112,
    "ed_over_12h_percent": 8, "no_longer_meets_percent": 18.5, "decision_to_admit": 14,
}  # fmt: skip
"""One of the scheme's eight parameters is left out, the time to treatment: nobody knows it today."""
DISCHARGES = {"discharges_confirmed": 11, "discharges_possible": 4}
LAST_WORD, BACK = DAY.replace(hour=14, minute=30), DAY.replace(hour=15, minute=12)
HELD_AT = (DAY.replace(hour=14, minute=47), DAY.replace(hour=14, minute=58), DAY.replace(hour=15, minute=6))


def situation() -> list[Send]:
    """Beds, emergency department and discharges as at 13:50; the handover again as at 15:18."""
    at, later = DAY.replace(hour=13, minute=50), DAY.replace(hour=15, minute=18)
    beds = [SITE, "", uk(at), "520", "26", "505", "4", "2", "1", "", "", ""]
    by = uk(DAY.replace(hour=17))
    rows = [beds, *(_figure(at, name, value) for name, value in FIGURES.items())]
    rows += [_figure(at, name, value, by) for name, value in DISCHARGES.items()]
    again = [_figure(later, "ambulance_handover_minutes", HANDOVER_AFTER)]
    return [_file(at, rows, ""), _file(later, again, "F12a")]


def council(packages: list[tuple[Person, str]]) -> list[Send]:
    """A word every six minutes until the feed stops; three that happened meanwhile come when it is back."""
    minutes = range(3, 31, 6)
    known = packages[: len(minutes) + len(HELD_AT)]
    heard = [
        community.package_event(person, ref, "changed", DAY.replace(hour=14, minute=minute))
        for (person, ref), minute in zip(known, minutes, strict=False)
    ]
    held = [
        replace(community.package_event(person, ref, "changed", at), at=BACK + timedelta(seconds=number))
        for number, ((person, ref), at) in enumerate(zip(known[len(minutes) :], HELD_AT, strict=False))
    ]
    return [*heard, *held]


def _figure(at: datetime, name: str, value: float, by: str = "") -> list[str]:
    return [SITE, "", uk(at), "", "", "", "", "", "", name, by, f"{value:g}"]


def _file(at: datetime, rows: list[list[str]], story: str) -> Send:
    lines = [",".join(COLUMNS), *(",".join(row) for row in rows)]
    name = f"sitrep-{at + timedelta(minutes=1):%Y%m%dT%H%M}.csv"
    return Send(
        at + timedelta(minutes=2), "pruh-sitrep", "file", ("\n".join(lines) + "\n").encode(), name,
        {"accepted": len(rows)}, name=name, label="situation report", story=story,
    )  # fmt: skip
