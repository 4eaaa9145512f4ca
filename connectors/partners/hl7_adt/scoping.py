"""What scope needs of an ADT message: MSH, PV1 and PID-7, nothing else of it (design.md §7 "Scope before
persist").

In: raw bytes and the dialect. Out: the message id and `ScopeFacts`. Raises Refusal UNREADABLE or BAD_CHARSET.
"""

from __future__ import annotations

from typing import Final

from connectors import times
from connectors.message import RawMessage
from connectors.partners.hl7_adt.filings import TRIGGERS as FILINGS
from connectors.partners.hl7_adt.merges import TRIGGERS as MERGES
from connectors.partners.hl7_adt.reading import Message, Segment, read
from connectors.partners.hl7_adt.translate import PERSON_TRIGGERS, SWAP, message_id_of
from connectors.scope import ScopeFacts, out_of_scope
from runtime.place import Partner

_INPATIENT: Final = "I"
"""Who an A07 is about was an inpatient until then, whatever class the visit goes on in."""
_MOVES: Final = frozenset({"A02", "A12"})


def _sent_at(header: Segment, raw: RawMessage, zone: str) -> int:
    sent = times.moment(header.text(7), zone) if header.text(7) else None
    return sent.us if sent else raw.received_at


def _births(message: Message) -> tuple[str, ...]:
    read_dates = (times.birth_date(s.text(7)) for s in message.segments if s.name == "PID")
    return tuple(born for born in read_dates if born)


def _visit_facts(message: Message, raw: RawMessage, dialect: Partner) -> ScopeFacts:
    header, visit = message.header, message.first("PV1")
    trigger, sender = header.text(9, 2), header.text(4)
    code, site = (visit.text(2), visit.text(3, 4)) if visit else ("", "")
    if visit and trigger in _MOVES and site not in dialect.scope.sites:
        # Somebody who moves to a site we may not hear of has left the one we may.
        site = visit.text(6, 4) if visit.text(6, 4) in dialect.scope.sites else site
    return ScopeFacts(
        sender=sender,
        person_event=trigger in PERSON_TRIGGERS | MERGES | FILINGS,
        has_visit=visit is not None,
        patient_class=_INPATIENT if trigger == "A07" else dialect.codes.get("class", {}).get(code, code),
        site=(site or sender) if visit else "",
        specialty=visit.text(10) if visit else "",
        birth_dates=_births(message),
        at=_sent_at(header, raw, dialect.time_zone),
    )


def scope_of(raw: RawMessage, dialect: Partner) -> tuple[str, ScopeFacts]:
    """Give the message id and what scope is judged on.

    Of a swap (A17) the first visit that is out of scope, else the first: the bytes hold both persons.
    """
    message = read(raw.body, dialect.charset, dialect.honour_msh18)
    parts = message.people() if message.header.text(9, 2) == SWAP else [message]
    judged = [_visit_facts(part, raw, dialect) for part in parts or [message]]
    closed = (facts for facts in judged if out_of_scope(facts, dialect.scope))
    return message_id_of(message, raw), next(closed, judged[0])
