"""The body a council posts when a care package changes (published as OpenAPI)."""
from __future__ import annotations

from typing import Literal

from pydantic import Field

from connectors.webhook_body import Body, Person, Quantity, Ref, Text, Time

PackageEventName = Literal[
    "package.requested", "package.proposed", "package.approved", "package.started", "package.suspended",
    "package.lapsed", "package.restarted", "package.changed", "package.ended", "package.entered_in_error",
]


class PackageEvent(Body):
    """One thing that happened to one care package. Leave out what you do not know; null says it no longer
    holds.
    """

    event: PackageEventName
    package_id: Ref
    person: Person = Field(repr=False)
    occurred_at: Time
    recorded_at: Time | None = None
    """When it was written down; `occurred_at` where missing. A later one corrects an earlier one of the same
    event.
    """
    service_type: Text | None = None
    component: Text | None = None
    provider: Text | None = None
    first_call_at: Time | None = None
    units_per_week: Quantity | None = None
    reason: Text | None = None
