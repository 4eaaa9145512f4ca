"""Visits that are part of others or belong to another person: A35, A36, A41, A42, A44, A45, and the old visit
number of an A06 (domain/03 §3.1, lessons.md §4.6).

In: PID, PV1 and MRG. Out: `SpellMerged` and `SpellReassigned` drafts. Visits are what is tracked: a merge of
accounts (PID-18, MRG-3) that names no visit changes nothing we hold.
"""

from __future__ import annotations

from typing import Final

from connectors.message import Draft, Refusal, Subject
from connectors.partners.hl7_adt.context import Context, needed
from connectors.partners.hl7_adt.people import identifiers, identity_fields, subject_of
from connectors.partners.hl7_adt.reading import Segment
from connectors.partners.hl7_adt.visits import common_of, visit_id
from schemas.reasons import Reason

MERGES: Final = frozenset({"A35", "A41", "A42"})
"""Of one person: accounts (A35, A41) or visits (A42)."""
MOVES: Final = frozenset({"A44", "A45"})
"""To another person: the visits of an account, or one visit."""
TRIGGERS: Final = MERGES | MOVES
RENUMBERS: Final = frozenset({"A06", "A07", "A36"})
"""These may say by the way, in MRG-5, that the visit had another number."""


def _numbers(context: Context, merge: Segment) -> tuple[tuple[str, str], tuple[str, str]]:
    """(number, authority) of the visit before and after; each stands for the other where only one is said."""
    visit = context.message.first("PV1")
    new = (visit.text(19), visit.text(19, 4)) if visit else ("", "")
    old = (merge.text(5), merge.text(5, 4))
    return (old if old[0] else new), (new if new[0] else old)


def merged_visit(context: Context, subject: Subject) -> list[Draft]:
    """The visit in MRG-5 is part of the one in PV1-19; nothing where the two are one, or one is not said."""
    merge, visit = context.message.first("MRG"), context.message.first("PV1")
    if merge is None or visit is None or not (merge.text(5) and visit.text(19)):
        return []
    old, new = _numbers(context, merge)
    holder = Subject(ids=tuple(identifiers(merge, 1, context.dialect))).local or subject.local
    part = visit_id(context, *old, holder)
    whole = visit_id(context, *new, subject.local)
    if part == whole:
        return []
    fields = common_of(context)[0] | {"into_spell": whole}
    return [context.draft("SpellMerged", part, subject, fields, thing=part)]


def _moved(context: Context, subject: Subject, merge: Segment) -> list[Draft]:
    old, new = _numbers(context, merge)
    if not old[0]:
        raise Refusal(Reason.FIELD_MISSING, "MRG[1]-5")
    retired = Subject(ids=tuple(identifiers(merge, 1, context.dialect))).local
    owner = subject.local or subject.ids[0]
    if retired is None:
        raise Refusal(Reason.NO_IDENTIFIER, "MRG[1]-1")
    if (retired.authority, retired.value) == (owner.authority, owner.value):
        if old == new:
            raise Refusal(Reason.SELF_MERGE, "MRG[1]-1")
        return []
    thing = visit_id(context, *old, retired)
    fields = common_of(context)[0] | {"visit_number": old[0]}
    source, target = Subject(ids=(retired,)), Subject(ids=(owner,))
    return [context.draft("SpellReassigned", thing, source, fields, thing=thing, other=target)]


def filing_drafts(context: Context) -> list[Draft]:
    """Drafts of a message about where visits belong; none where no visit is named. Raises FIELD_MISSING,
    NO_IDENTIFIER or SELF_MERGE.
    """
    pid, merge = needed(context.message, "PID"), needed(context.message, "MRG")
    subject, flags = subject_of(pid, context.message, context.dialect)
    drafts = _moved(context, subject, merge) if context.trigger in MOVES else []
    drafts += merged_visit(context, subject)
    if context.trigger == "A42" and not drafts:
        raise Refusal(Reason.FIELD_MISSING, "MRG[1]-5")
    if drafts:
        fields = identity_fields(pid)
        drafts.append(context.draft("PersonIdentified", "PID", subject, fields, flags=flags))
    return drafts
