"""Which transfers are still shown: open ones, and those closed within 30 days of now (design.md §9
`view:"transfer"`).

Joined at read time by one function for HTTP, board and replay, because a published view has no clock. In: the
parsed lines of one person. Out: shown or not. The same rule as `streams/core/transfer/join.py`, which a test
compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

KEPT = timedelta(days=30)
CLOSED_STATES = frozenset({"rejected", "completed", "cancelled", "ended", "entered_in_error", "closed"})
"""Of tasks, packages and supports."""
CLOSED_STATUSES = frozenset({"discharged", "cancelled", "deleted"})
"""Of spells."""

Line = Mapping[str, Any]
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def is_shown(transfer: Line, spells: Iterable[Line], now: int) -> bool:
    """Say whether a transfer line is shown at `now` (µs); `spells` are the spell lines of the same person."""
    until = shown_until(transfer, spells)
    return until is None or now <= until


def shown_until(transfer: Line, spells: Iterable[Line]) -> int | None:
    """The last moment (µs) at which a transfer line is shown; None: nobody can say yet."""
    ends = _ends(transfer, list(spells))
    if ends is None or None in ends:
        return None
    last = max((moment for end in ends if (moment := _moment(end))), default=_LONG_AGO)
    return (last + KEPT - _LONG_AGO) // timedelta(microseconds=1)


def _ends(transfer: Line, spells: list[Line]) -> list[str | None] | None:
    """When each thing closed; None while anything is open or anyone has to be told otherwise."""
    things = [thing for group in ("packages", "tasks", "support") for thing in transfer[group]]
    if transfer["must_retract"] or any(thing["state"] not in CLOSED_STATES for thing in things):
        return None
    if any(spell["status"] not in CLOSED_STATUSES for spell in spells):
        return None
    return [spell["discharged_at"] or spell["responsible"]["since"] for spell in spells] + [
        thing["since"] for thing in things
    ]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
