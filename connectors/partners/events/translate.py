"""Our own events: what became of notices, what humans decided about matches, facts of the hub's desk,
actions of a call (design.md §5, domain/01 §1.14, domain/02 §2.5, domain/06 §6.1).

In: a structured CloudEvent. Out: one draft whose subject is a pseudonym already (`Identifier` of system KEY):
sealing publishes under it and tells a decision to the second key as well. Pure.
"""
from __future__ import annotations

from typing import Any, Final

from connectors.message import Draft, Identifier, RawMessage, Refusal, Subject, Translation
from connectors.partners.events import actions, facts
from connectors.partners.events.model import (
    ClearedData,
    CloudEvent,
    CommandedData,
    ErasedData,
    MatchDecidedData,
    MatchUndoneData,
    NoticeData,
)
from connectors.times import Moment
from connectors.webhook_body import content, doubts, fields, moments, read_body, read_part
from runtime.place import Partner
from schemas.catalogue import BY_ID, ce_type
from schemas.reasons import Reason

_SAID: Final = {ce_type(kind): kind for topic in ("notice", "match") for kind in BY_ID[topic].kinds}
_ERASED: Final = "PersonErased"
_COMMANDED: Final = "AlertCommanded"
_FLAGGED: Final = "PersonFlagged"
CLEARED_BY_HUMAN: Final = "CLEARED_BY_HUMAN"
"""Flag of the fact: without it, it would be one more source's word (streams/core/identity/restriction.py)."""
KINDS: Final = _SAID | {ce_type(kind): kind for kind in (_ERASED, _FLAGGED, _COMMANDED)}
"""CloudEvents type -> event. What the fold says itself (notices owed, views) may not come this way."""
_MATCHES: Final[dict[str, type[MatchUndoneData]]] = {
    "MatchDecided": MatchDecidedData, "MatchUndone": MatchUndoneData,
}
_NOTICE: Final = ("recipient", "fact", "about", "fact_id", "retracts", "how", "told_by")
_MATCH: Final = ("other_key", "decision", "survivor_key", "decided_by")
_FIELDS: Final = {
    NoticeData: _NOTICE, MatchUndoneData: _MATCH, MatchDecidedData: _MATCH,
    ErasedData: ("ordered_by", "reference"), CommandedData: ("verb", "actor", "reason"),
}
Data = NoticeData | MatchUndoneData | ErasedData | ClearedData | CommandedData


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """Raises Refusal: NOT_JSON, UNKNOWN_EVENT_TYPE, FIELD_MISSING, BAD_VALUE, BAD_DATE; SELF_MERGE of a
    record with itself.
    """
    event = read_body(CloudEvent, raw)
    written = moments(event, ("time",), dialect).get("time")
    named = f"{event.source} {event.id}"
    if event.type in facts.KINDS:
        draft = facts.draft_of(facts.KINDS[event.type], event.data, written, dialect)
        return Translation(named, (draft,), content=content(event))
    if event.type in actions.KINDS:
        draft = actions.draft_of(actions.KINDS[event.type], event.data, written, dialect)
        return Translation(named, (draft,), content=content(event))
    kind = KINDS.get(event.type)
    if kind is None:
        raise Refusal(Reason.UNKNOWN_EVENT_TYPE, "/type")
    data = _data(kind, event)
    try:
        times = moments(data, ("occurred_at", "until_at"), dialect)
        occurred = times.get("occurred_at") or written
    except Refusal as refusal:
        raise Refusal(refusal.reason, f"/data{refusal.where}") from None
    if occurred is None:
        raise Refusal(Reason.FIELD_MISSING, "/data/occurred_at")
    thing = data.thing if isinstance(data, NoticeData | CommandedData) else "person"
    pair = _pair(data) if isinstance(data, MatchUndoneData) else ""
    draft = Draft(
        kind, pair or thing, Subject((Identifier("KEY", "", data.person_key),)), thing, occurred.us,
        (written or occurred).us, instance=pair,
        flags=tuple(sorted({*doubts(occurred, written), *_flags(data)})),
        fields=_said(data, times.get("until_at")),
    )
    return Translation(named, (draft,), content=content(event))


def _data(kind: str, event: CloudEvent) -> Data:
    if kind == _COMMANDED:
        return read_part(CommandedData, event.data, "/data")
    if kind == _FLAGGED:
        return read_part(ClearedData, event.data, "/data")
    if kind == _ERASED:
        return read_part(ErasedData, event.data, "/data")
    if kind in _MATCHES:
        return read_part(_MATCHES[kind], event.data, "/data")
    return read_part(NoticeData, event.data, "/data")


def _flags(data: object) -> tuple[str, ...]:
    return (CLEARED_BY_HUMAN,) if isinstance(data, ClearedData) else ()


def _said(data: Data, until: Moment | None) -> dict[str, Any]:
    if isinstance(data, ClearedData):
        return dict.fromkeys(data.cleared, False)
    said = fields(data, _FIELDS[type(data)])
    if isinstance(data, CommandedData):
        if data.verb == "snooze" and until is None:
            raise Refusal(Reason.FIELD_MISSING, "/data/until_at")
        said |= {} if until is None else {"until_at": until.us}
    return said


def _pair(data: MatchUndoneData) -> str:
    """Both keys in one order, so that a decision is the same fact whichever of the two it names first."""
    if data.person_key == data.other_key:
        raise Refusal(Reason.SELF_MERGE, "/data/other_key")
    survivor = getattr(data, "survivor_key", None)
    if survivor not in (None, data.person_key, data.other_key):
        raise Refusal(Reason.BAD_VALUE, "/data/survivor_key")
    return "|".join(sorted((data.person_key, data.other_key)))
