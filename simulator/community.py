"""The hub's list, the council's packages and the charity's support: rows that change, webhooks that are signed.

In: the people in bed who will need help. Out: `Send`s on the wires `file` and `http`, with what must become of every row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.hospital import Stay
from simulator.ledger import Send
from simulator.people import Person

HUB_COLUMNS = ["MRN", "NHS No", "DOB", "Visit", "Ward", "Bed", "Meets CtR", "CtR reviewed", "Reviewer role", "Pathway exp", "Pathway conf", "EDD", "Delay reason", "Owner", "Task", "Task state", "Task changed", "Planned start"]


def uk(at: datetime | None) -> str:
    """A UK date and time, as these systems export it."""
    return at.strftime("%d/%m/%Y %H:%M") if at else ""


@dataclass
class HubRow:
    """One person's line on the hub's list: `changes` are (when, column, value), oldest first; gone after `gone_at`."""

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
        for when, column, value in self.changes:
            if when <= at:
                row[column] = value
        return row

    def plan(self, ready: datetime, reason: str, owner: str, accepted: bool) -> None:
        """The usual course: no longer meets the criteria, a pathway, a reason, a task that is accepted or not."""
        add = self.changes.append
        add((ready, "Meets CtR", "N"))
        add((ready, "CtR reviewed", uk(ready)))
        add((ready, "Reviewer role", "consultant"))
        add((ready, "Pathway exp", "1"))
        add((ready + timedelta(hours=1), "Delay reason", reason))
        add((ready + timedelta(hours=1), "Owner", owner))
        asked = ready + timedelta(hours=2)
        for column, value in (
            ("Task", "P1 reablement"),
            ("Task state", "requested"),
            ("Task changed", uk(asked)),
        ):
            add((asked, column, value))
        if accepted:
            taken = asked + timedelta(hours=3)
            for column, value in (
                ("Task state", "accepted"),
                ("Task changed", uk(taken)),
                ("Pathway conf", "1"),
            ):
                add((taken, column, value))
        self.changes.sort(key=lambda c: c[0])


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


def _person(person: Person, record: str, nhs: str | None, birth_date: str) -> dict[str, str]:
    body = {
        "id": record,
        "family": person.family,
        "given": person.given,
        "birth_date": birth_date,
        "postcode": person.postcode,
    }
    return body | ({"nhs_number": nhs} if nhs else {})


def package_event(
    person: Person,
    package: str,
    event: str,
    at: datetime,
    *,
    first_call: datetime | None = None,
    provider: str = "",
    story: str = "",
) -> Send:
    """The council's webhook about one care package."""
    born = person.council_birth_date or person.birth_date
    body = {
        "event": f"package.{event}",
        "package_id": package,
        "person": _person(person, person.council_id, person.council_nhs or person.nhs, born.isoformat()),
        "occurred_at": at.isoformat() + "Z",
        "recorded_at": at.isoformat() + "Z",
        "service_type": "Short term support: ST-Max",
        "component": "Reablement",
        "provider": provider or "Oakfield Homecare",
        "units_per_week": 7,
    }
    if first_call:
        body["first_call_at"] = first_call.isoformat() + "Z"
    key = f"{package}-{event}-{at:%Y%m%d%H%M}"
    return Send(
        at + timedelta(seconds=20),
        "lbb-webhook",
        "http",
        json.dumps(body).encode(),
        key,
        {"accepted": 1},
        label=f"package {event}",
        story=story,
    )


def support_event(
    person: Person, support: str, event: str, at: datetime, *, consent: str = "given", story: str = ""
) -> Send:
    """The charity's webhook about one support offer: no NHS number."""
    body = {
        "event": f"support.{event}",
        "support_id": support,
        "person": _person(person, person.charity_id, None, person.birth_date.isoformat()),
        "service": "settle-in and heating",
        "planned_at": (at + timedelta(hours=5)).isoformat() + "Z",
        "consent": consent,
        "occurred_at": at.isoformat() + "Z",
        "recorded_at": at.isoformat() + "Z",
    }
    key = f"{support}-{event}-{at:%Y%m%d%H%M}"
    return Send(
        at + timedelta(seconds=20),
        "bwell-webhook",
        "http",
        json.dumps(body).encode(),
        key,
        {"accepted": 1},
        label=f"support {event}",
        story=story,
    )


def package_file(people: list[tuple[Person, str]], at: datetime, before: set[str]) -> Send:
    """The council's extract of open packages, a full file."""
    head = "Package ref,Person ID,NHS number,Surname,First name,Date of birth,Postcode,Status,Status date,Service type,Service component,Provider,First call,Hours per week"
    lines = [head]
    for p, ref in people:
        born = p.council_birth_date or p.birth_date
        lines.append(
            f"{ref},{p.council_id},{p.council_nhs or p.nhs},{p.family},{p.given},{born:%d/%m/%Y},{p.postcode},active,01/12/2026 09:00,"
            f"Long term support: Community,Home support or domiciliary care,Oakfield Homecare,01/12/2026 09:00,10"
        )
    lines.append(f"#rows={len(people)}")
    fresh = sum(1 for _, ref in people if ref not in before)
    name = f"packages-{at:%Y%m%dT%H%M}.csv"
    expect = {k: n for k, n in (("accepted", fresh), ("ignored:empty diff", len(people) - fresh)) if n}
    return Send(
        at,
        "lbb-csv",
        "file",
        ("\r\n".join(lines) + "\r\n").encode(),
        name,
        expect,
        name=name,
        label="packages file",
    )


def support_file(people: list[tuple[Person, str]], at: datetime) -> Send:
    """The charity's export: UK dates, no numbers, consent carried."""
    lines = [
        "Referral ID,Client ID,NHS Number,Surname,First Name,DOB,Post Code,Service,Status,Status Date,Visit Planned,Consent to share"
    ]
    for p, ref in people:
        lines.append(
            f"{ref},{p.charity_id},,{p.family},{p.given},{p.birth_date:%d/%m/%Y},{p.postcode},befriending,accepted,{uk(at)},,yes"
        )
    name = f"support-{at:%Y%m%dT%H%M}.csv"
    return Send(
        at,
        "bwell-csv",
        "file",
        ("\r\n".join(lines) + "\r\n").encode(),
        name,
        {"accepted": len(people)},
        name=name,
        label="support file",
    )
