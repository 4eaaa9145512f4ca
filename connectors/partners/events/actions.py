"""The action log of bed meetings as signed events: what, owner, due, done, which call (domain 02 §2.5).

In: the data of one CloudEvent of an action type. Out: one draft about a place and nobody; what can be said is
a code of a closed list, for a free text may say of whom (IG-03). Pure.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.figures import figure
from connectors.message import Draft, Refusal
from connectors.partners.events.model import ActionData, DoneData, LoggedData
from connectors.times import Moment
from connectors.webhook_body import doubts, fields, moments, read_part
from runtime.place import Partner
from schemas.actions import CALLS, WHATS
from schemas.catalogue import ce_type
from schemas.figures import ACTION_KINDS, figure_fields
from schemas.reasons import Reason

KINDS: Final = {ce_type(kind): kind for kind in ACTION_KINDS}
"""CloudEvents type -> kind."""
_MODELS: Final[Mapping[str, type[ActionData]]] = {"ActionLogged": LoggedData, "ActionDone": DoneData}
_LISTS: Final = {"what": WHATS, "call": CALLS}


def draft_of(kind: str, said: Mapping[str, Any], written: Moment | None, dialect: Partner) -> Draft:
    """The draft of an action. Raises Refusal: FIELD_MISSING, BAD_VALUE, BAD_DATE, with the place under
    `/data`.
    """
    data = read_part(_MODELS[kind], said, "/data")
    try:
        when = moments(data, ("occurred_at", "due_at"), dialect)
    except Refusal as refusal:
        raise Refusal(refusal.reason, f"/data{refusal.where}") from None
    occurred = when.get("occurred_at") or written
    if occurred is None:
        raise Refusal(Reason.FIELD_MISSING, "/data/occurred_at")
    out = fields(data, (name for name in figure_fields(kind) if name != "due_at"))
    if isinstance(data, DoneData):
        out["outcome"] = data.outcome
    for name, known in _LISTS.items():
        if name in out and out[name] not in known:
            raise Refusal(Reason.BAD_VALUE, f"/data/{name}")
    if (due := when.get("due_at")) is not None:
        out["due_at"] = due.us
    return figure(
        kind, (data.site, data.action_id), occurred.us, (written or occurred).us, out,
        flags=doubts(occurred, written, due),
    )
