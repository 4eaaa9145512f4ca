"""Opening hours of a desk, and spans of time counted in them only (domain 02 §2.4 "in hours").

In: µs UTC. Out: µs UTC. Hours are local to England: across a clock change the desk opens by its own clock.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

_UK: Final = ZoneInfo("Europe/London")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
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
    left, day = span_us, (_EPOCH + timedelta(microseconds=since)).astimezone(_UK).date()
    for _ in range(_MOST_DAYS):
        if day.isoweekday() in hours.days and day.isoformat() not in hours.closed_on:
            begin = max(since, _moment(day, hours.opens_minute))
            end = _moment(day, hours.closes_minute)
            if begin + left <= end:
                return begin + left
            left -= max(0, end - begin)
        day += timedelta(days=1)
    return since + span_us


def _moment(day: date, minute: int) -> int:
    clock = time(minute % 1440 // 60, minute % 60)
    local = datetime.combine(day + timedelta(days=minute // 1440), clock, _UK)
    return round((local - _EPOCH).total_seconds()) * 1_000_000
