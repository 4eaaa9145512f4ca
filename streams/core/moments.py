"""Times as lines write them: UTC `YYYY-MM-DDTHH:MM:SSZ` from µs since the epoch (design.md §9 Lines)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=65_536)
def utc_text(at: int | None) -> str | None:
    """Write a time to the second; None for an unknown one and for one outside years 1 to 9999."""
    if at is None:
        return None
    try:
        moment = _EPOCH + timedelta(microseconds=at)
    except OverflowError:
        return None
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%SZ}"
