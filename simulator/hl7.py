"""HL7 v2.4 ADT text as a London trust's engine writes it. In: a person, a visit and times (UTC in winter).
Out: bytes, cp1252, CR-terminated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from simulator.people import Person

STRUCTURES = {
    "A04": "A01",
    "A08": "A01",
    "A13": "A01",
    "A28": "A05",
    "A31": "A05",
    "A25": "A21",
    "A11": "A09",
    "A12": "A09",
    "A40": "A39",
}


@dataclass(frozen=True)
class Visit:
    """One hospital visit as the engine's snapshot shows it."""

    number: str
    patient_class: str = "I"
    poc: str = ""
    room: str = ""
    bed: str = ""
    site: str = "RJZ30"
    specialty: str = "300"
    admitted_at: datetime | None = None
    discharged_at: datetime | None = None
    expected_discharge_at: datetime | None = None
    method: str = ""
    destination: str = ""
    prior: tuple[str, str, str] = ("", "", "")

    def at(self, poc: str, room: str, bed: str) -> Visit:
        """The same visit in another bed, remembering the one before."""
        return replace(self, poc=poc, room=room, bed=bed, prior=(self.poc, self.room, self.bed))


def stamp(at: datetime | None, form: str = "%Y%m%d%H%M%S") -> str:
    """HL7 time text, no zone (as the trust sends it)."""
    return at.strftime(form) if at else ""


def _pid(person: Person, with_number: bool, mrn: str, death: tuple[datetime, str] | None = None) -> str:
    ids = f"{mrn}^^^RJZ^MR" + (f"~{person.nhs}^^^NHS^NH" if with_number else "")
    fields = [""] * 33
    fields[0], fields[1], fields[3] = "PID", "1", ids
    fields[5] = f"{person.family}^{person.given}"
    fields[7], fields[8] = person.birth_date.strftime("%Y%m%d"), person.sex
    fields[11] = f"1 High Street^^Bromley^^{person.postcode}"
    if death:
        fields[29], fields[30] = stamp(death[0]), death[1]
    if with_number:
        fields[32] = "NSTS01"
    return "|".join(fields).rstrip("|")


def _pv1(visit: Visit) -> str:
    fields = [""] * 46
    fields[0], fields[1], fields[2] = "PV1", "1", visit.patient_class
    fields[3] = f"{visit.poc}^{visit.room}^{visit.bed}^{visit.site}"
    fields[4] = "21"
    if any(visit.prior):
        fields[6] = "^".join(visit.prior) + f"^{visit.site}"
    fields[10], fields[14] = visit.specialty, "19"
    fields[19] = f"{visit.number}^^^RJZ-VISIT"
    fields[36], fields[37] = visit.method, visit.destination
    fields[44], fields[45] = stamp(visit.admitted_at), stamp(visit.discharged_at)
    return "|".join(fields).rstrip("|")


def message(
    trigger: str,
    control_id: str,
    person: Person,
    visit: Visit | None,
    *,
    occurred: datetime,
    recorded: datetime,
    sent: datetime,
    with_number: bool = True,
    mrn: str = "",
    processing: str = "P",
    retired_mrn: str = "",
    death: tuple[datetime, str] | None = None,
) -> bytes:
    """One ADT message. EVN-6 to the minute, EVN-2 and MSH-7 to the second. `death`: PID-29 and PID-30."""
    structure = STRUCTURES.get(trigger, trigger)
    segments = [
        f"MSH|^~\\&|PAS|RJZ|ROUTE|ROUTE|{stamp(sent)}||ADT^{trigger}^ADT_{structure}|{control_id}|{processing}|2.4",
        f"EVN||{stamp(recorded)}||||{stamp(occurred, '%Y%m%d%H%M')}",
        _pid(person, with_number, mrn or person.mrn, death),
    ]
    if retired_mrn:
        segments.append(f"MRG|{retired_mrn}^^^RJZ^MR")
    if visit is not None:
        segments.append(_pv1(visit))
        if visit.expected_discharge_at:
            segments.append("PV2|||||||||" + stamp(visit.expected_discharge_at))
    return ("\r".join(segments) + "\r").encode("cp1252")


def requeued(body: bytes, control_id: str, sent: datetime) -> bytes:
    """The same message as an engine's re-queue sends it: new MSH-7 and MSH-10, the rest to the letter."""
    head, rest = body.split(b"\r", 1)
    fields = head.split(b"|")
    fields[6], fields[9] = stamp(sent).encode(), control_id.encode()
    return b"|".join(fields) + b"\r" + rest
