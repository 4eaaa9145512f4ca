"""A huddle's list as it stood at a moment, and what became of it since the one before (domain 06 §6.2: Home
First huddles). Pure.

In: people as known at two moments. Out: rows, and changes in words. The same two moments give the same page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from board import wording
from board.rows import Row

CALLS: Final = (time(8, 30), time(12, 0), time(16, 0))
"""The bed meetings of a day, by the clock in England (domain 02 §2.5)."""
KEPT_US: Final = 7 * 86_400_000_000
"""So long the board keeps what was known when; older days are an offline replay's."""
SAID: Final = (("state", "state"), ("owner", "waiting for"), ("step", "next step"), ("pathway", "pathway"),
               ("promise", "promised"), ("ward", "ward"), ("due", "due"))  # fmt: skip


class Change(NamedTuple):
    """What is other than it was, of one person."""

    key: str
    name: str
    what: str
    was: str
    now: str


def last_calls(now: int, count: int = 2) -> list[int]:
    """The latest bed meetings that have begun, µs, newest first."""
    today = wording.london(now)
    days = (today.date() - timedelta(days=back) for back in range(count + 1))
    found = [datetime.combine(day, at, wording.LONDON) for day in days for at in CALLS]
    past = (int(at.timestamp()) * 1_000_000 for at in found)
    return sorted((at for at in past if at <= now), reverse=True)[:count]


def changes(before: Iterable[Row], after: Iterable[Row]) -> list[Change]:
    """Who came, who is no longer on the list, and what changed of the rest, by name."""
    old, new = {row.key: row for row in before}, {row.key: row for row in after}
    return sorted(_changes(old, new), key=lambda one: (one.name, one.key, one.what))


def _changes(old: Mapping[str, Row], new: Mapping[str, Row]) -> Iterator[Change]:
    for key, row in new.items():
        was = old.get(key)
        if was is None:
            yield Change(key, row.name, "new on the list", "", row.state)
            continue
        for field, what in SAID:
            then, now = (_word(one, field) for one in (was, row))
            if then != now:
                yield Change(key, row.name, what, then, now)
    for key in old.keys() - new.keys():
        yield Change(key, old[key].name, "no longer on the list", old[key].state, "")


def _word(row: Row, field: str) -> str:
    value = getattr(row, field) or ""
    if field == "owner":
        return wording.owner(value) if value else "nobody named"
    if field == "step":
        return wording.step(value) if value else "none"
    return wording.clock(value) if field == "due" and value else value or "none"
