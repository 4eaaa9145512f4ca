"""Voluntary support: what a charity offered, visited and closed, with the consent it carries (domain 03
§3.7).

In: the distinct facts on one support id. Out: a `Support`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec

from schemas.fact import Fact
from streams.core.facts.select import latest, place_in_order
from streams.core.transfer.packages import course_of, gone_since

STATES = {
    "SupportRequested": "requested",
    "SupportAccepted": "accepted",
    "SupportVisitDone": "visited",
    "SupportClosed": "closed",
}
RANKS = {kind: rank for rank, kind in enumerate(STATES)}
CLOSED = frozenset({"closed"})
GONE = "SupportRowGone"


class Support(msgspec.Struct, frozen=True):
    """One offer of support. `history` is (time, state) oldest first."""

    support_id: str
    source: str
    state: str
    since: int
    service: str | None = None
    planned_at: int | None = None
    visited_at: int | None = None
    consent: str | None = None
    ref: str | None = None
    unknown_since: int | None = None
    history: tuple[tuple[int, str], ...] = ()

    @property
    def open(self) -> bool:
        """Not closed."""
        return self.state not in CLOSED


def support_of(support_id: str, facts: Sequence[Fact]) -> Support | None:
    """Make a support from its distinct facts; None when all that is known is that its row is gone."""
    ordered = sorted(facts, key=place_in_order)
    if all(fact.kind == GONE for fact in ordered):
        return None
    course = course_of(ordered, STATES, RANKS)
    return Support(
        support_id=support_id,
        source=course.last.partner,
        state=course.state,
        since=course.since,
        service=cast("str | None", latest(ordered, "service")),
        planned_at=cast("int | None", latest(ordered, "planned_at")),
        visited_at=next((at for at, state in reversed(course.history) if state == "visited"), None),
        consent=cast("str | None", latest(ordered, "consent")),
        ref=cast("str | None", latest(ordered, "record_ref")),
        unknown_since=gone_since(ordered, GONE),
        history=course.history,
    )
