"""Record parked (domain 02 §2.4): a person's view is frozen, facts about them are unread (design.md §4
law 8).

Clear: it reduces again, all of it read. Quiet: a frozen view that moves again before the minutes are over
(none by default); a record that was merged away.
"""

from __future__ import annotations

from streams.core.alerts.places import PlaceRule
from streams.core.alerts.watched import PARKED, WatchState
from streams.core.config import CoreConfig

NAME = "record_parked"


def holds(record: WatchState, _key: str, at: int, _config: CoreConfig) -> bool | None:
    """Whether it is frozen at a moment, as we saw it."""
    last = record.newest(at) if record.kind() == PARKED else None
    return None if last is None else bool(last.body["waits"])


RULE = PlaceRule(NAME, "Record parked", ("hub", "operations"), False, holds)
