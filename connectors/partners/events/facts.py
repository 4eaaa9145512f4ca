"""Facts of the hub's desk and of services, as signed events: what a list cannot say, or says too late (domain
06 §6.1).

In: the data of one CloudEvent of a hub or task type. Out: one draft about a person who has a pseudonym
already. The fields are those of the schema, so that a field of the contract needs no second writing down;
three-state as bodies are. Pure.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors import times
from connectors.message import Draft, Identifier, Refusal, Subject
from connectors.partners.events.model import FactData
from connectors.times import Moment
from connectors.webhook_body import doubts, read_part
from runtime.place import Partner
from schemas.catalogue import BY_ID, ce_type
from schemas.reasons import Reason
from schemas.released import schema, specific_fields

TOLD_APART: Final = {
    "ChecklistItemDone": "item", "ChecklistItemFailed": "item", "ChecklistItemNotNeeded": "item",
    "PathwaySet": "stage", "PreferredPlaceRecorded": "purpose", "DocumentArrived": "document_ref",
}
"""Kind -> the field that tells its facts on one spell apart, and that it cannot do without: said again, such
a fact corrects the one before. Other facts of the hub are a history: their time tells them apart.
"""
OF_LISTS: Final = frozenset({"WorklistRowSeen", "WorklistRowGone"})
"""Only a file can say these."""
TASKS: Final = frozenset(BY_ID["task"].kinds)
KINDS: Final = {
    ce_type(kind): kind for kind in (*BY_ID["hub-worklist"].kinds, *TASKS) if kind not in OF_LISTS
}
"""CloudEvents type -> kind."""
MOST: Final = 400
"""Characters of a text, as in all bodies."""


def draft_of(kind: str, said: Mapping[str, Any], written: Moment | None, dialect: Partner) -> Draft:
    """The draft of a fact. Raises Refusal: FIELD_MISSING, BAD_VALUE, BAD_DATE, with the place under `/data`.
    """
    data = read_part(FactData, said, "/data")
    occurred = _moment(data.occurred_at, "occurred_at", dialect) if data.occurred_at else written
    if occurred is None:
        raise Refusal(Reason.FIELD_MISSING, "/data/occurred_at")
    fields, moments = _fields(kind, said, dialect)
    instance = _instance(kind, fields, occurred)
    return Draft(
        kind, f"{data.thing} {instance}".strip(), Subject((Identifier("KEY", "", data.person_key),)),
        data.thing, occurred.us, (written or occurred).us, instance=instance,
        flags=tuple(sorted(doubts(occurred, written, *moments))), fields=fields,
    )


def _instance(kind: str, fields: Mapping[str, Any], occurred: Moment) -> str:
    if kind in TASKS:
        return ""
    name = TOLD_APART.get(kind)
    if name is None:
        text = fields.get("reason") if kind.startswith("DelayReason") and kind != "DelayReasonSet" else None
        return f"{text} {occurred.us}" if text else str(occurred.us)
    if not fields.get(name):
        raise Refusal(Reason.FIELD_MISSING, f"/data/{name}")
    return str(fields[name])


def _fields(
    kind: str, said: Mapping[str, Any], dialect: Partner
) -> tuple[dict[str, Any], list[Moment | None]]:
    types = {field["name"]: field["type"][1] for field in schema(kind).document["fields"]
             if isinstance(field["type"], list)}
    out: dict[str, Any] = {}
    moments: list[Moment | None] = []
    for name in specific_fields(kind):
        if name in said:
            value = _value(types[name], said[name], name, dialect)
            if isinstance(value, Moment):
                moments.append(value)
            out[name] = value.us if isinstance(value, Moment) else value
    return out, moments


def _value(expected: Any, value: Any, name: str, dialect: Partner) -> Any:
    """A value as its schema has it; null and "" are deletions."""
    if value is None or value == "":
        return None
    if isinstance(expected, dict):
        if value in expected["symbols"] and value != expected["default"]:
            return value
    elif expected == "boolean":
        if isinstance(value, bool):
            return value
    elif isinstance(value, str) and len(value) <= MOST:
        return _moment(value, name, dialect) if expected == "long" else value.strip() or None
    raise Refusal(Reason.BAD_VALUE, f"/data/{name}")


def _moment(text: str, name: str, dialect: Partner) -> Moment:
    return times.required(text, f"/data/{name}", dialect.time_zone)
