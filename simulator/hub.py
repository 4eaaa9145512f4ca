"""The transfer of care hub's list: a full file every few minutes, rows that change, rows that go.

In: stays on the list. Out: `Send`s on the wire `file`, with what must become of every row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.hospital import Stay
from simulator.ledger import Send

HUB_COLUMNS = [
    "MRN",
    "NHS No",
    "DOB",
    "Visit",
    "Ward",
    "Bed",
    "Meets CtR",
    "CtR reviewed",
    "Reviewer role",
    "Pathway exp",
    "Pathway conf",
    "EDD",
    "Delay reason",
    "Owner",
    "Task",
    "Task state",
    "Task changed",
    "Planned start",
]


def uk(at: datetime | None) -> str:
    """A UK date and time, as these systems export it."""
    return at.strftime("%d/%m/%Y %H:%M") if at else ""


@dataclass
class HubRow:
    """One person's line on the hub's list: `changes` are (when, column, value), oldest first; gone after
    `gone_at`.
    """

    stay: Stay
    since: datetime
    changes: list[tuple[datetime, str, str]] = field(default_factory=list)
    gone_at: datetime | None = None

    def values(self, at: datetime) -> dict[str, str]:
        """The row as the list shows it at a time."""
        p, v = self.stay.person, self.stay.visit
        row = {
            "MRN": p.mrn,
            "NHS No": p.nhs,
            "DOB": f"{p.birth_date:%d/%m/%Y}",
            "Visit": v.number,
            "Ward": v.poc,
            "Bed": v.bed,
        }
        if self.stay.person.number_on_adt == "absent":
            row["NHS No"] = ""
        return row | {column: value for when, column, value in self.changes if when <= at}

    def plan(self, ready: datetime, reason: str, owner: str, accepted: bool) -> None:
        """The usual course: no longer meets the criteria, a pathway, a reason, a task that is accepted or
        not.
        """
        add = self.changes.append
        add((ready, "Meets CtR", "N"))
        add((ready, "CtR reviewed", uk(ready)))
        add((ready, "Reviewer role", "consultant"))
        add((ready, "Pathway exp", "1"))
        add((ready + timedelta(hours=1), "Delay reason", reason))
        add((ready + timedelta(hours=1), "Owner", owner))
        asked = ready + timedelta(hours=2)
        self.task(asked, "P1 reablement", "requested")
        if accepted:
            taken = asked + timedelta(hours=3)
            self.task(taken, "P1 reablement", "accepted")
            add((taken, "Pathway conf", "1"))
        self.changes.sort(key=lambda c: c[0])

    def task(self, at: datetime, kind: str, state: str) -> None:
        """What the list says of the row's task from a time on."""
        for column, value in (("Task", kind), ("Task state", state), ("Task changed", uk(at))):
            self.changes.append((at, column, value))


def hub_files(rows: list[HubRow], times: list[datetime]) -> list[Send]:
    """One full file a time. A row that is new or changed is accepted, an unchanged one is an empty diff."""
    sends, before = [], dict[str, dict[str, str]]()
    for at in times:
        shown = {
            r.stay.visit.number: r.values(at)
            for r in rows
            if r.since <= at and (r.gone_at is None or at < r.gone_at)
        }
        changed = sum(1 for n, values in shown.items() if before.get(n) != values)
        lines = [",".join(HUB_COLUMNS)] + [
            ",".join(values.get(c, "") for c in HUB_COLUMNS) for values in shown.values()
        ]
        lines.append(f"#rows={len(shown)}")
        expect = {k: n for k, n in (("accepted", changed), ("ignored:empty diff", len(shown) - changed)) if n}
        name = f"hublist-{at:%Y%m%dT%H%M%S}.csv"
        sends.append(
            Send(
                at,
                "hub-list",
                "file",
                ("\r\n".join(lines) + "\r\n").encode(),
                name,
                expect,
                name=name,
                label="hub list",
            )
        )
        before = shown
    return sends
