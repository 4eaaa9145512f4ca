"""A provider's webhook with figures as at a time (domain 02 §2.3, domain 08 "Capacity").

In: a JSON body. Out: one draft about nobody. Pure. Signature and time window are the transport's.
"""
from __future__ import annotations

from typing import Any, Final

from connectors.cells import code
from connectors.figures import METRIC_WORDS, figure, says_a_figure
from connectors.message import RawMessage, Refusal, Translation
from connectors.partners.capacity_webhook.model import CapacityEvent
from connectors.webhook_body import content, doubts, message_id, moments, read_body
from runtime.place import Partner
from schemas.figures import figure_fields
from schemas.reasons import Reason

KINDS: Final = {
    "beds.reported": "BedCapacityReported", "service.reported": "ServiceCapacityReported",
    "care_home.reported": "CareHomeCapacityReported", "care_home.status": "CareHomeStatusChanged",
    "metric.reported": "PressureMetricReported",
}
NAMES_IT: Final = {"care_home.status": "admissions", "metric.reported": "metric"}
"""Event -> the field it cannot do without."""
_METRIC: Final = code("metric", METRIC_WORDS)


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """Raises Refusal: NOT_JSON, FIELD_MISSING, UNKNOWN_EVENT_TYPE, BAD_VALUE, BAD_DATE."""
    body = read_body(CapacityEvent, raw)
    when = moments(body, ("as_at", "recorded_at", "until_at"), dialect)
    at, recorded = when["as_at"], when["recorded_at"]
    if at is None or recorded is None:
        raise Refusal(Reason.FIELD_MISSING, "/as_at" if at is None else "/recorded_at")
    until = when.get("until_at")
    kind = KINDS[body.event]
    said: dict[str, Any] = {
        name: getattr(body, name) for name in figure_fields(kind) if name in body.model_fields_set
    }
    if "until_at" in said:
        said["until_at"] = until.us if until else None
    needed = NAMES_IT.get(body.event)
    if needed and not said.get(needed):
        raise Refusal(Reason.FIELD_MISSING, f"/{needed}")
    if not says_a_figure(said):
        raise Refusal(Reason.FIELD_MISSING, "/value" if kind == "PressureMetricReported" else "/beds_open")
    if needed == "metric":
        said["metric"] = _metric(said["metric"], dialect)
    try:
        draft = figure(
            kind, (body.site, body.part or ""), at.us, recorded.us, said, flags=doubts(*when.values())
        )
    except Refusal as refusal:
        raise Refusal(refusal.reason, "/site") from None
    return Translation(message_id(raw), (draft,), content=content(body))


def _metric(word: str, dialect: Partner) -> str:
    try:
        return str(_METRIC(word, dialect))
    except Refusal as refusal:
        raise Refusal(refusal.reason, "/metric") from None
