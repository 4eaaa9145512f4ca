"""A charity's webhook about one offer of support (domain/03 §3.7), with the person's consent.

In: a JSON body. Out: one Support draft and, unless consent is refused, the person. Pure. Where it is refused
the fact still comes, flagged, under the charity's own id: nothing that could match it to anybody goes
further.
"""
from __future__ import annotations

from typing import Final

from connectors.message import Draft, RawMessage, Refusal, Translation
from connectors.partners.voluntary_webhook.model import SupportEvent
from connectors.people import CONSENT_REFUSED, anonymous, identified, subject
from connectors.webhook_body import content, doubts, fields, message_id, moments, read_body
from runtime.place import Partner
from schemas import ids
from schemas.reasons import Reason

KINDS: Final = {
    "support.requested": "SupportRequested", "support.accepted": "SupportAccepted",
    "support.visit_done": "SupportVisitDone", "support.closed": "SupportClosed",
}


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """Raises Refusal: NOT_JSON, FIELD_MISSING, UNKNOWN_EVENT_TYPE, BAD_VALUE, BAD_DATE, BAD_DATE_OF_BIRTH,
    NO_IDENTIFIER.
    """
    body = read_body(SupportEvent, raw)
    refused = body.consent == "refused"
    person = subject(dialect, "LOCAL", body.person.said())
    person = anonymous(person) if refused else person
    when = moments(body, ("occurred_at", "recorded_at", "planned_at"), dialect)
    occurred = when["occurred_at"]
    if occurred is None:
        raise Refusal(Reason.FIELD_MISSING, "/occurred_at")
    recorded = when.get("recorded_at") or occurred
    support = ids.support_id(dialect.identifiers.default_authority, body.support_id)
    said = fields(body, ("service",)) | {"consent": body.consent, "record_ref": body.support_id}
    if "planned_at" in when:
        planned = when["planned_at"]
        said["planned_at"] = planned.us if planned else None
    flags = doubts(*when.values()) | ({CONSENT_REFUSED} if refused else set())
    draft = Draft(
        KINDS[body.event], support, person, support, occurred.us, recorded.us,
        flags=tuple(sorted(flags)), fields=said,
    )
    drafts = (draft,) if refused else (draft, identified(person, occurred.us, recorded.us))
    return Translation(message_id(raw), drafts, content=content(body))
