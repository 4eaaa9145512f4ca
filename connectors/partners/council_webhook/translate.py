"""A council's webhook about one care package (domain/03 §3.6): the event it names, as said.

In: a JSON body. Out: one CarePackage draft and the person. Pure. Signature and time window are the
transport's.
"""
from __future__ import annotations

from typing import Final

from connectors.message import Draft, RawMessage, Refusal, Translation
from connectors.partners.council_webhook.model import PackageEvent
from connectors.people import identified, subject
from connectors.webhook_body import content, doubts, fields, message_id, moments, read_body
from runtime.place import Partner
from schemas import ids
from schemas.reasons import Reason

KINDS: Final = {
    "package.requested": "CarePackageRequested", "package.proposed": "CarePackageProposed",
    "package.approved": "CarePackageApproved", "package.started": "CarePackageStarted",
    "package.suspended": "CarePackageSuspended", "package.lapsed": "CarePackageLapsed",
    "package.restarted": "CarePackageRestarted", "package.changed": "CarePackageChanged",
    "package.ended": "CarePackageEnded", "package.entered_in_error": "CarePackageEnteredInError",
}
SAID: Final = ("service_type", "component", "provider", "reason")


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """Raises Refusal: NOT_JSON, FIELD_MISSING, UNKNOWN_EVENT_TYPE, BAD_VALUE, BAD_DATE, BAD_DATE_OF_BIRTH,
    NO_IDENTIFIER.
    """
    body = read_body(PackageEvent, raw)
    person = subject(dialect, "SOCIAL_CARE", body.person.said())
    when = moments(body, ("occurred_at", "recorded_at", "first_call_at"), dialect)
    occurred = when["occurred_at"]
    if occurred is None:
        raise Refusal(Reason.FIELD_MISSING, "/occurred_at")
    recorded = when.get("recorded_at") or occurred
    package = ids.package_id(dialect.identifiers.default_authority, body.package_id)
    said = fields(body, SAID) | {"record_ref": body.package_id}
    if "units_per_week" in body.model_fields_set:
        said["units_per_week"] = body.units_per_week
    if "first_call_at" in when:
        first_call = when["first_call_at"]
        said["first_call_at"] = first_call.us if first_call else None
    drafts = (
        Draft(KINDS[body.event], package, person, package, occurred.us, recorded.us,
              flags=tuple(sorted(doubts(*when.values()))), fields=said),
        identified(person, occurred.us, recorded.us),
    )
    return Translation(message_id(raw), drafts, content=content(body))
