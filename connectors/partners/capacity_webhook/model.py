"""The body a provider posts with its figures as at a time (published as OpenAPI)."""
from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from connectors.webhook_body import Body, Quantity, Ref, Text, Time

FigureEventName = Literal[
    "beds.reported", "service.reported", "care_home.reported", "care_home.status", "metric.reported"
]
Count = Annotated[int, Field(ge=0, le=10**6, strict=True)]


class CapacityEvent(Body):
    """Figures of one site, service or care home. Leave out what you do not know: it is not zero; null says
    that a figure given before is not known any more.
    """

    event: FigureEventName
    site: Ref
    """Site, provider or care home; no slash in it."""
    part: Text | None = None
    """Ward or service of it."""
    as_at: Time
    recorded_at: Time
    """When it was written down: a later one restates the figures of the same as_at."""
    beds_open: Count | None = None
    beds_escalation: Count | None = None
    beds_occupied: Count | None = None
    beds_closed: Count | None = None
    beds_closed_infection: Count | None = None
    beds_closed_infection_empty: Count | None = None
    beds_total: Count | None = None
    beds_available: Count | None = None
    service_type: (
        Literal["virtual_ward", "pathway_1", "pathway_2", "pathway_3", "hospice", "other"] | None
    ) = None
    capacity: Count | None = None
    occupied: Count | None = None
    available: Count | None = None
    waiting: Count | None = None
    admissions: Literal["open", "closed"] | None = None
    reason: Literal["infection_control", "staffing", "building", "safeguarding", "other"] | None = None
    metric: Text | None = None
    """A name of the list in docs/capacity.md, or one the dialect maps to it."""
    until_at: Time | None = None
    """Of figures about the hours to come: up to when."""
    value: Quantity | None = None
    numerator: Quantity | None = None
    denominator: Quantity | None = None
