"""The council's packages and the charity's support: signed webhooks and full files.

In: people who will need help. Out: `Send`s on the wires `http` and `file`, with what becomes of every row.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from simulator.hub import uk
from simulator.ledger import Send
from simulator.people import Person

PACKAGE_COLUMNS = (
    "Package ref", "Person ID", "NHS number", "Surname", "First name", "Date of birth", "Postcode", "Status",
    "Status date",    "Service type", "Service component", "Provider", "First call", "Hours per week",
)  # fmt: skip
SUPPORT_COLUMNS = (
    "Referral ID", "Client ID", "NHS Number", "Surname", "First Name", "DOB", "Post Code", "Service",
    "Status",     "Status Date",    "Visit Planned", "Consent to share",
)  # fmt: skip


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
    service_type: str = "Short term support: ST-Max",
) -> Send:
    """The council's webhook about one care package."""
    born = person.council_birth_date or person.birth_date
    body = {
        "event": f"package.{event}",
        "package_id": package,
        "person": _person(person, person.council_id, person.council_nhs or person.nhs, born.isoformat()),
        "occurred_at": at.isoformat() + "Z",
        "recorded_at": at.isoformat() + "Z",
        "service_type": service_type,
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
    person: Person, support: str, event: str, at: datetime, *, consent: str = "given", story: str = "",
    planned: datetime | None = None, traced: bool = False,
) -> Send:  # fmt: skip
    """The charity's webhook about one support offer: no NHS number, unless the charity traces them."""
    number = person.nhs if traced else None
    visit = planned if traced else at + timedelta(hours=5)
    body = {
        "event": f"support.{event}",
        "support_id": support,
        "person": _person(person, person.charity_id, number, person.birth_date.isoformat()),
        "service": "settle-in and heating",
        **({"planned_at": visit.isoformat() + "Z"} if visit else {}),
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
    lines = [",".join(PACKAGE_COLUMNS)]
    for p, ref in people:
        born = p.council_birth_date or p.birth_date
        lines.append(
            f"{ref},{p.council_id},{p.council_nhs or p.nhs},{p.family},{p.given},{born:%d/%m/%Y},"
            f"{p.postcode},"
            "active,01/12/2026 09:00,Long term support: Community,Home support or domiciliary care,"
            "Oakfield Homecare,01/12/2026 09:00,10"
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
    lines = [",".join(SUPPORT_COLUMNS)]
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
