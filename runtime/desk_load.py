"""How busy a desk's alerts keep it, and whether it is there (domain 02 §2.4 load budget, quiet hours).

In: alerts as they stand, the place's word on a desk, a moment (µs UTC). Out: numbers, yes or no. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from runtime.place_terms import Hours, Threshold

HOUR_US: Final = 3_600_000_000
SHIFT_US: Final = 8 * HOUR_US
BUDGET: Final = 25.0
"""Actionable alerts a desk can take in a shift; `notices.budget` of the place says otherwise."""
LONDON: Final = ZoneInfo("Europe/London")


def loads(alerts: Iterable[Mapping[str, Any]], now: int) -> Counter[str]:
    """Desk -> alerts raised for it in the last eight hours, without those that never were to be acted on."""
    found: Counter[str] = Counter()
    for row in alerts:
        if now - SHIFT_US < row["raised_at"] <= now and row["state"] not in ("withdrawn", "expired"):
            found.update(row["desks"])
    return found


def is_there(hours: Hours | None, now: int) -> bool:
    """Whether a desk is open; one the place says nothing of always is."""
    if hours is None:
        return True
    local = datetime.fromtimestamp(now / 1_000_000, UTC).astimezone(LONDON)
    if local.isoweekday() not in hours.days or local.date() in hours.closed_on:
        return False
    return hours.opens <= local.time() and (hours.closes is None or local.time() < hours.closes)


def in_force(
    thresholds: Mapping[str, Sequence[Threshold]], name: str, now: int, otherwise: float
) -> float:
    """A dated threshold of the place at a moment."""
    today = datetime.fromtimestamp(now / 1_000_000, UTC).date()
    values = [(one.since, one.value) for one in thresholds.get(name, ()) if one.since <= today]
    return max(values)[1] if values else otherwise
