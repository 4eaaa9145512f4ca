"""Single messages over the wires of a place, written by hand, and what was answered.

Times are the place's simulated clock's; people are invented here, their NHS numbers of the 999 test range.
"""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import httpx

from runtime.place import Partner
from simulator import hl7
from simulator.people import Person
from simulator.wires import publish_file, sign
from tests.system.place import SystemPlace

START, END = b"\x0b", b"\x1c\r"
NUMBERS = itertools.count(1)


def nhs_number(serial: int) -> str:
    """A check-valid number of the test range; serials that have none are left out."""
    for nine in itertools.count(999_500_000 + serial * 3):
        check = 11 - sum(int(d) * (10 - n) for n, d in enumerate(str(nine))) % 11
        if check != 10:
            return f"{nine}{check % 11}"
    raise AssertionError


@dataclass(frozen=True)
class Answer:
    """What the other side said: MSA-1 or a status, the whole reply, and how long it took."""

    code: str
    text: str
    seconds: float


@dataclass
class Patient:
    """Somebody with a bed; every message of theirs is a minute after the one before."""

    person: Person
    visit: hl7.Visit
    at: datetime
    _number: int = field(default_factory=lambda: next(NUMBERS))

    def adt(self, trigger: str, *, processing: str = "P", retired_mrn: str = "", **shown: str) -> bytes:
        """One message; `shown` changes the visit first."""
        self.visit, self.at = replace(self.visit, **shown), self.at + timedelta(minutes=1)
        control = f"W{next(NUMBERS):06d}"
        visit = None if trigger in ("A28", "A31", "A40") else self.visit
        return hl7.message(
            trigger, control, self.person, visit, occurred=self.at, recorded=self.at, sent=self.at,
            processing=processing, retired_mrn=retired_mrn,
        )  # fmt: skip


def patient(place: SystemPlace, family: str = "Underhill", given: str = "Rose", serial: int = 0) -> Patient:
    """Somebody new, admitted an hour ago by the place's clock."""
    number = next(NUMBERS)
    hour_ago = utc(place) - timedelta(hours=1)
    who = Person(
        0, family, given, date(1941, 3, 1 + number % 28), "BR2 0AB", "2", nhs_number(serial or 1000 + number),
        f"W{number:06d}",
    )  # fmt: skip
    visit = hl7.Visit(f"WV{number:06d}", "I", "W1", "B1", f"{number:02d}", admitted_at=hour_ago)
    return Patient(who, visit, hour_ago)


def utc(place: SystemPlace) -> datetime:
    """The place's time, naive UTC, as the simulator writes it."""
    return datetime.fromtimestamp(place.clock.now() // 1_000_000, UTC).replace(tzinfo=None)


@contextmanager
def connected(place: SystemPlace, seconds: float = 20) -> Iterator[socket.socket]:
    """One MLLP connection."""
    with socket.create_connection(("127.0.0.1", place.ports["mllp"]), 10) as connection:
        connection.settimeout(seconds)
        yield connection


def ask(connection: socket.socket, body: bytes, *, framed: bool = True) -> Answer:
    """Send a message (or, unframed, any bytes) and read one answer."""
    began, reply = time.monotonic(), b""
    connection.sendall(START + body + END if framed else body)
    while not reply.endswith(END):
        part = connection.recv(65536)
        if not part:
            return Answer("", "", time.monotonic() - began)
        reply += part
    text = reply.decode("latin-1")
    code = next(line for line in text.split("\r") if line.startswith("MSA")).split("|")[1]
    return Answer(code, text, time.monotonic() - began)


def tell(place: SystemPlace, body: bytes) -> Answer:
    """One message on a connection of its own."""
    with connected(place) as connection:
        return ask(connection, body)


def post(
    place: SystemPlace, partner: str, body: Mapping[str, object] | bytes, *, key: str = "", secret: str = "",
    seconds_ago: int = 0, path: str = "",
) -> Answer:  # fmt: skip
    """One signed webhook."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = place.clock.now() // 1_000_000 - seconds_ago
    headers = {
        "Homeward-Timestamp": str(stamp), "Content-Type": "application/json",
        "Homeward-Signature": sign(secret or place.secret(partner), stamp, raw),
    } | ({"Idempotency-Key": key} if key else {})  # fmt: skip
    began = time.monotonic()
    url = f"{place.intake_url}{path or f'/v1/webhooks/{partner}'}"
    said = httpx.post(url, content=raw, headers=headers, timeout=30)
    return Answer(str(said.status_code), said.text, time.monotonic() - began)


def package(place: SystemPlace, who: Patient, ref: str, **more: object) -> dict[str, object]:
    """A council's event about somebody."""
    now = utc(place).replace(microsecond=0).isoformat() + "Z"
    person = {
        "id": f"LBB{who.person.mrn}", "nhs_number": who.person.nhs, "family": who.person.family,
        "given": who.person.given, "birth_date": who.person.birth_date.isoformat(),
        "postcode": who.person.postcode,
    }  # fmt: skip
    event = {"event": "package.requested", "package_id": ref, "person": person, "occurred_at": now}
    return event | {"recorded_at": now, "service_type": "Homecare"} | more


Rows = Sequence[Mapping[str, str]]


def table(partner: Partner, rows: Rows, *, drift: Mapping[str, str] | None = None) -> bytes:
    """A partner's CSV by its column map, with its trailer; `drift` gives headers other names."""
    heads = [(drift or {}).get(head, head) for head in partner.columns.values()]
    lines = [",".join(heads), *(",".join(row.get(name, "") for name in partner.columns) for row in rows)]
    return ("\n".join([*lines, f"#rows={len(rows)}"]) + "\n").encode("cp1252")


def drop(place: SystemPlace, partner: str, body: bytes, minutes_ago: int) -> str:
    """Publish a file whose name says when it was made; gives the name."""
    _, _, pattern = place.place.partners[partner].as_at.partition(":")
    name = (utc(place) - timedelta(minutes=minutes_ago)).strftime(pattern)
    publish_file(place.drop / partner, name, body)
    return name
