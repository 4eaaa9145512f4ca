"""What scope needs of an ADT message: MSH, PV1 and PID-7, nothing else of it (design.md §7 "Scope before
persist").

In: raw bytes and the dialect. Out: the message id and `ScopeFacts`. Raises Refusal UNREADABLE or BAD_CHARSET.
"""

from __future__ import annotations

from connectors import times
from connectors.message import RawMessage
from connectors.partners.hl7_adt.merges import TRIGGERS as MERGES
from connectors.partners.hl7_adt.reading import Message, Segment, read
from connectors.partners.hl7_adt.translate import PERSON_TRIGGERS, message_id_of
from connectors.scope import ScopeFacts
from runtime.place import Partner


def _sent_at(header: Segment, raw: RawMessage, zone: str) -> int:
    sent = times.moment(header.text(7), zone) if header.text(7) else None
    return sent.us if sent else raw.received_at


def _births(message: Message) -> tuple[str, ...]:
    read_dates = (times.birth_date(s.text(7)) for s in message.segments if s.name == "PID")
    return tuple(born for born in read_dates if born)


def scope_of(raw: RawMessage, dialect: Partner) -> tuple[str, ScopeFacts]:
    """Give the message id and what scope is judged on."""
    message = read(raw.body, dialect.charset, dialect.honour_msh18)
    header, visit = message.header, message.first("PV1")
    sender, code = header.text(4), visit.text(2) if visit else ""
    facts = ScopeFacts(
        sender=sender,
        person_event=header.text(9, 2) in PERSON_TRIGGERS | MERGES,
        has_visit=visit is not None,
        patient_class=dialect.codes.get("class", {}).get(code, code),
        site=(visit.text(3, 4) or sender) if visit else "",
        specialty=visit.text(10) if visit else "",
        birth_dates=_births(message),
        at=_sent_at(header, raw, dialect.time_zone),
    )
    return message_id_of(message, raw), facts
