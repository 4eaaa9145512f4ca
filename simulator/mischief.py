"""What goes wrong on real wires: repeats, an engine that sends two days again, messages nobody may see, and
messages nobody can read.

In: the ordinary sends. Out: more `Send`s, each with what must become of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from simulator import hl7
from simulator.hospital import PARTNER, Hospital
from simulator.ledger import Send
from simulator.people import Person

SECRET_WORDS = ("Zebulonia", "Quillfeather")
"""Names that occur only in out-of-scope messages: the canary of the scope promise."""


def repeats(sends: list[Send], hospital: Hospital, every: int) -> list[Send]:
    """Every n-th message once more with the same id and bytes, as after a lost ack."""
    chosen = [s for s in sends if s.wire == "mllp" and not s.story][::every]
    return [
        replace(
            s, at=s.at + timedelta(minutes=2), expect={"duplicate:same id": 1}, label="repeat", effect=None
        )
        for s in chosen
    ]


def requeue(
    sends: list[Send], hospital: Hospital, since: datetime, until: datetime, at: datetime, seconds: int
) -> list[Send]:
    """The engine's re-queue: everything it sent in a span again, new MSH-10 and MSH-7, spread over `seconds`
    from `at`.
    """
    chosen = [
        s
        for s in sends
        if s.wire == "mllp" and s.partner == PARTNER and since <= s.at < until and s.expect == {"accepted": 1}
    ]
    again = []
    for number, send in enumerate(chosen):
        control_id, when = hospital.control_id(), at + timedelta(seconds=seconds * number / len(chosen))
        body = hl7.requeued(send.body, control_id, when)
        again.append(
            Send(when, PARTNER, "mllp", body, control_id, {"duplicate:requeued": 1}, label="re-queue")
        )
    return again


def out_of_scope(hospital: Hospital, start: datetime, count: int, span: timedelta) -> list[Send]:
    """Outpatients, children and another site: acked, counted by class, never stored."""
    sends = []
    for number in range(count):
        at = start + span * number / count
        person = Person(
            0,
            SECRET_WORDS[number % 2],
            f"Out{number}",
            date(1950, 5, 5),
            "BR1 1AA",
            "1",
            "9990000034",
            f"X{number}",
        )
        visit = hl7.Visit(f"X{number:05d}", "O", "OPD", "1", "1", admitted_at=at)
        if number % 3 == 1:
            person.birth_date, visit = date(2020, 2, 2), replace(visit, patient_class="I", poc="PAED")
        elif number % 3 == 2:
            visit = replace(visit, patient_class="I", site="RJZ01")
        control_id = hospital.control_id()
        body = hl7.message("A01", control_id, person, visit, occurred=at, recorded=at, sent=at)
        sends.append(
            Send(at, PARTNER, "mllp", body, control_id, {"ignored:out of scope": 1}, label="out of scope")
        )
    return sends


def unreadable(hospital: Hospital, person: Person, at: datetime) -> list[Send]:
    """One of each kind of bad message an engine sends sooner or later, and what each must become."""
    visit = hl7.Visit("V900001", "I", "M1", "B1", "01", admitted_at=at)

    def adt(
        trigger: str = "A01", shown: hl7.Visit = visit, processing: str = "P", retired_mrn: str = ""
    ) -> bytes:
        return hl7.message(
            trigger, hospital.control_id(), person, shown, occurred=at, recorded=at, sent=at,
            processing=processing, retired_mrn=retired_mrn,
        )  # fmt: skip

    bad: list[tuple[bytes, dict[str, int]]] = [
        (b"this is not HL7 at all", {"quarantined:UNREADABLE": 1}),
        (adt("A99"), {"quarantined:UNSUPPORTED_EVENT": 1}),
        (adt("A03", processing="T"), {"quarantined:WRONG_PROCESSING_ID": 1}),
        (adt(shown=replace(visit, number="")), {"quarantined:FIELD_MISSING": 1}),
        (adt("A40", retired_mrn=person.mrn), {"quarantined:SELF_MERGE": 1}),
    ]
    sends = []
    for number, (body, expect) in enumerate(bad):
        fields = body.split(b"|")
        control_id = fields[9].decode() if len(fields) > 9 else f"garbage-{number}"
        sends.append(
            Send(
                at + timedelta(seconds=number), PARTNER, "mllp", body, control_id, expect, label="bad message"
            )
        )
    return sends
