"""The day of a return, by the clock in England (domain 01 §1.4).

In: a day, a moment. Out: when the day and its parts begin and end. A day of 23 or 25 hours is a day.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from streams.core.moments import local_moment

_AFTERNOON_MINUTE: Final = 17 * 60 + 1
"""Who left at 17:00:59 left by 17:00: the return's second part begins with the minute 17:01."""
SNAPSHOT_MINUTE: Final = 8 * 60
"""When beds are counted for the daily urgent and emergency care return (domain 02 §2.3)."""


class Snapshot(NamedTuple):
    """A day as it stood at a moment: whatever happened at `before` or later has not happened."""

    day: date
    before: int

    @property
    def starts(self) -> int:
        """The midnight it begins with."""
        return local_moment(self.day, 0)

    @property
    def split(self) -> int:
        """The first moment that is after 17:00."""
        return local_moment(self.day, _AFTERNOON_MINUTE)

    @property
    def ends(self) -> int:
        """The midnight it ends with: of the next day."""
        return local_moment(self.day, 24 * 60)

    @property
    def at(self) -> int:
        """The last moment that is looked at."""
        return self.before - 1


def snapshot(day: date, as_at: int | None = None) -> Snapshot:
    """The day as at a moment, what happens then included; None, or after the day: its end."""
    ends = local_moment(day, 24 * 60)
    return Snapshot(day, ends if as_at is None else min(as_at + 1, ends))
