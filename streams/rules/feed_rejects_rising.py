"""Feed rejects rising (domain 02 §2.4): more than n messages of a sender were refused within m minutes.

Clear: fewer have come for half an hour. Quiet: as many as the number over a longer time; refusals of several
senders together; one refusal told again.
"""

from __future__ import annotations

from streams.core.alerts.places import PlaceRule
from streams.core.alerts.watched import REJECT, WatchState
from streams.core.config import MINUTE_US, CoreConfig

NAME = "feed_rejects_rising"
COUNT, WINDOW_MINUTES = 10.0, 60.0
"""Local."""


def window(_partner: str, at: int, config: CoreConfig) -> int:
    """How long a refusal counts."""
    return int(config.threshold(f"{NAME}.window_minutes", at, WINDOW_MINUTES) * MINUTE_US)


def holds(rejects: WatchState, key: str, at: int, config: CoreConfig) -> bool | None:
    """Whether there are too many at a moment."""
    if rejects.kind() != REJECT:
        return None
    since = at - window(key, at, config)
    return rejects.count(since, at) > config.threshold(f"{NAME}.count", at, COUNT)


RULE = PlaceRule(
    NAME, "Feed rejects rising", ("operations",), False, holds, calm_minutes=30, after=window
)
