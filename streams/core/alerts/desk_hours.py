"""Opening hours of a desk, and spans of time counted in them only (domain 02 §2.4 "in hours").

In: µs UTC. Out: µs UTC. Hours are local to England: across a clock change the desk opens by its own clock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from streams.core.moments import local_moment, local_time

_MOST_DAYS: Final = 3_700
"""A desk that never opens in ten years is not one."""


class DeskHours(msgspec.Struct, frozen=True):
    """Open on these days of the week (1 Monday … 7 Sunday), from and to these minutes of the local day."""

    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    opens_minute: int = 0
    closes_minute: int = 24 * 60
    closed_on: tuple[str, ...] = ()
    """Days it stays shut, `YYYY-MM-DD`: bank holidays."""


def after_hours(since: int, span_us: int, hours: DeskHours | None) -> int:
    """The moment at which so much opening time has passed; without hours the desk is always open."""
    if hours is None:
        return since + span_us
    left, day = span_us, local_time(since).date()
    for _ in range(_MOST_DAYS):
        if day.isoweekday() in hours.days and day.isoformat() not in hours.closed_on:
            begin = max(since, local_moment(day, hours.opens_minute))
            end = local_moment(day, hours.closes_minute)
            if begin + left <= end:
                return begin + left
            left -= max(0, end - begin)
        day += timedelta(days=1)
    return since + span_us
