"""Times as lines write them: UTC `YYYY-MM-DDTHH:MM:SSZ` from µs since the epoch (design.md §9 Lines)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_EPOCH: Final = date(1970, 1, 1)
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
        return (_EPOCH + timedelta(days=days)).isoformat()
    except OverflowError:
        return None


@lru_cache(maxsize=65_536)
def local_date(at: int) -> str | None:
    """The day in England, where days of stay are counted (domain 02 §2.1); None outside years 1 to 9999."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        return moment.astimezone(_UK).date().isoformat()
    except OverflowError:
        return None
