"""The body a charity posts when support is offered, visited or closed (published as OpenAPI)."""
from __future__ import annotations

from typing import Literal

from pydantic import Field

from connectors.webhook_body import Body, Person, Ref, Text, Time


class SupportEvent(Body):
    """One thing that happened to one offer of support. No NHS number is needed."""

    event: Literal["support.requested", "support.accepted", "support.visit_done", "support.closed"]
    support_id: Ref
    person: Person = Field(repr=False)
    occurred_at: Time
    recorded_at: Time | None = None
    """When it was written down; `occurred_at` where missing."""
    service: Text | None = None
    planned_at: Time | None = None
    consent: Literal["given", "refused", "unknown"] = "unknown"
    """Whether the person agrees that this is shared with those who care for them."""
