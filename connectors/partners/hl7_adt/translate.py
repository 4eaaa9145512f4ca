"""HL7 v2 ADT to drafts: the pure translator of the kind `hl7_adt`.

In: one raw message and its dialect. Out: a `Translation`, or a `Refusal` with a reason and a place. No clock,
no I/O, no memory: the same bytes and dialect give the same drafts, in whatever order messages come. MSH-9
decides the event; EVN-1 is not read, because live feeds leave it empty or wrong (lfh corpus: 34 of 60
disagree).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from connectors.message import Draft, RawMessage, Refusal, Subject, Translation
from connectors.partners.hl7_adt import filings, merges, movements, visits
from connectors.partners.hl7_adt.context import Context, at, context_of, needed
from connectors.partners.hl7_adt.people import (
    describes,
    flag_fields,
    forgotten,
    identity_fields,
    subject_of,
)
from connectors.partners.hl7_adt.reading import ABSENT, Message, Segment, read
from runtime.place import Partner
from schemas.reasons import Reason

REVISION: Final = 1
"""Goes up when a change makes other facts of the same bytes (design.md §3 `translatorrev`)."""

PERSON_TRIGGERS: Final = frozenset({"A28", "A29", "A31"})
"""About a person, with or without a visit; they feed identity only."""
FORGET: Final = "A29"
SWAP: Final = "A17"
"""Two persons change beds: two transfers in one message."""
SUPPORTED: Final = (
    frozenset(visits.FACTS)
    | visits.QUIET
    | PERSON_TRIGGERS
    | merges.TRIGGERS
    | filings.TRIGGERS
    | {movements.CORRECTION}
)
_IDENTIFYING: Final = frozenset({"A01", "A04", "A05", "A06", "A08", "A14"}) | PERSON_TRIGGERS
EMPTY_DIFF: Final = "empty diff"


def _trigger(message: Message, dialect: Partner) -> str:
    """The event of MSH-9, as its ZBE has it. Test traffic is refused before anything else is judged
    (domain/03 §3.1 Policy).
    """
    header = message.header
    if header.text(11) != dialect.processing_id:
        raise Refusal(Reason.WRONG_PROCESSING_ID, "MSH-11")
    if not header.raw(9):
        raise Refusal(Reason.FIELD_MISSING, "MSH-9")
    trigger = header.text(9, 2)
    if header.text(9) != "ADT" or trigger not in SUPPORTED:
        raise Refusal(Reason.UNSUPPORTED_EVENT, "MSH-9")
    meant = movements.meant(trigger, at(message, "ZBE-4"), at(message, "ZBE-6"))
    if meant not in SUPPORTED - {movements.CORRECTION}:
        raise Refusal(Reason.UNSUPPORTED_EVENT, "ZBE-6")
    return meant


def message_id_of(message: Message, raw: RawMessage) -> str:
    """MSH-10, else the id the transport gave, else ""."""
    return message.header.text(10) or raw.message_id


def _death(context: Context, pid: Segment, subject: Subject, doubts: tuple[str, ...]) -> list[Draft]:
    """PID-29 and PID-30 as sent: a date may stand beside an indicator N, and what that means is the fold's to
    say.
    """
    died, flags = context.moment(pid, 29)
    said = {"death_at": died, "indicator": pid.value(30)}
    fields = {name: value for name, value in said.items() if value is not ABSENT}
    return (
        [context.draft("DeathRecorded", "PID-29", subject, fields, flags=(*doubts, *flags))] if fields else []
    )


def _person_drafts(context: Context, pid: Segment, subject: Subject, doubts: tuple[str, ...]) -> list[Draft]:
    drafts = []
    if flags := flag_fields(context.message, pid, context.dialect):
        drafts.append(context.draft("PersonFlagged", "PID", subject, flags, flags=doubts))
    return drafts + _death(context, pid, subject, doubts)


def _about_one(context: Context) -> tuple[list[Draft], str]:
    """Drafts of a message about one person, and the cause where nothing tracked was said."""
    pid = needed(context.message, "PID")
    subject, doubts = subject_of(pid, context.message, context.dialect)
    drafts = [] if context.trigger in PERSON_TRIGGERS else visits.visit_drafts(context, subject, doubts)
    if context.trigger in filings.RENUMBERS:
        drafts += filings.merged_visit(context, subject)
    if context.trigger == FORGET:
        return [context.draft("PersonIdentified", "PID", *forgotten(subject))], ""
    drafts += _person_drafts(context, pid, subject, doubts)
    nothing = EMPTY_DIFF if context.trigger in visits.QUIET and not drafts else ""
    if context.trigger in _IDENTIFYING and (describes(pid) or context.trigger in PERSON_TRIGGERS):
        drafts.append(context.draft("PersonIdentified", "PID", subject, identity_fields(pid), flags=doubts))
    return drafts, nothing


def _swapped(context: Context) -> tuple[list[Draft], tuple[Refusal, ...]]:
    """Both transfers of a swap; one that cannot be read is refused alone. Raises where neither can, or where
    the message has no second person (EMAP: two patients in one message).
    """
    parts = context.message.people()
    if len(parts) < 2:
        raise Refusal(Reason.FIELD_MISSING, f"PID[{len(parts) + 1}]")
    drafts: list[Draft] = []
    refusals: list[Refusal] = []
    for number, message in enumerate(parts, 1):
        part = f"[{number}]" if number > 1 else ""
        try:
            drafts += _about_one(replace(context, message=message, part=part))[0]
        except Refusal as refusal:
            where = f"{refusal.where[:3]}[{number}]{refusal.where[3:]}"
            refusals.append(Refusal(refusal.reason, where))
    if refusals and not drafts:
        raise refusals[0]
    return drafts, tuple(refusals)


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """Translate one message.

    An A08 (or a tracking message) without a tracked field is `no_change = "empty diff"`; who it is about
    still goes to the identity topic, so drafts may stand beside it.

    Raises Refusal: UNREADABLE, BAD_CHARSET, WRONG_PROCESSING_ID, UNSUPPORTED_EVENT, FIELD_MISSING,
    NO_IDENTIFIER, BAD_DATE or SELF_MERGE.
    """
    message = read(raw.body, dialect.charset, dialect.honour_msh18)
    trigger = _trigger(message, dialect)
    message_id = message_id_of(message, raw)
    if not message_id:
        raise Refusal(Reason.FIELD_MISSING, "MSH-10")
    context = context_of(message, dialect, trigger)
    refusals: tuple[Refusal, ...] = ()
    nothing = ""
    if trigger in merges.TRIGGERS:
        drafts, refusals = merges.merge_drafts(context)
        if trigger in filings.RENUMBERS:
            drafts += filings.merged_visit(context, subject_of(needed(message, "PID"), message, dialect)[0])
    elif trigger in filings.TRIGGERS:
        drafts = filings.filing_drafts(context)
        nothing = "" if drafts else EMPTY_DIFF
    elif trigger == SWAP:
        drafts, refusals = _swapped(context)
    else:
        drafts, nothing = _about_one(context)
    content = f"{trigger}\r{message.content(dialect.duplicate_fields)}".encode()
    return Translation(message_id, tuple(drafts), nothing, content, refusals)
