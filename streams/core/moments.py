"""Times as lines write them: UTC `YYYY-MM-DDTHH:MM:SSZ` from µs since the epoch (design.md §9 Lines)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US: Final = 86_400_000_000
_UK: Final = ZoneInfo("Europe/London")


@lru_cache(maxsize=65_536)
def utc_text(at: int | None) -> str | None:
    """Write a time to the second; None for an unknown one and for one outside years 1 to 9999."""
    if at is None:
        return None
    days, micros = divmod(at, _DAY_US)
    day = _day_text(days)
    minutes, second = divmod(micros // 1_000_000, 60)
    hour, minute = divmod(minutes, 60)
    return day and f"{day}T{hour:02d}:{minute:02d}:{second:02d}Z"


@lru_cache(maxsize=4_096)
def _day_text(days: int) -> str | None:
    """Write a day; few are, and a line names each several times."""
    try:
        return (_EPOCH.date() + timedelta(days=days)).isoformat()
    except OverflowError:
        return None


@lru_cache(maxsize=65_536)
def local_date(at: int) -> str | None:
    """The day in England, where days of stay are counted (domain 02 §2.1); None outside years 1 to 9999."""
    try:
        return local_time(at).date().isoformat()
    except OverflowError:
        return None


def local_time(at: int) -> datetime:
    """A moment by the clock in England. Raises OverflowError outside years 1 to 9999."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(_UK)


def local_moment(day: date, minute: int) -> int:
    """The moment of a minute of a day in England, 1440 being the next midnight: µs UTC."""
    clock = time(minute % 1440 // 60, minute % 60)
    local = datetime.combine(day + timedelta(days=minute // 1440), clock, _UK)
    return round((local - _EPOCH).total_seconds()) * 1_000_000
