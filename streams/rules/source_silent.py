"""Source silent (domain 02 §2.4): no message from a sender for x times its usual gap, which is what the place
states of each partner (`silence_minutes`).

Clear: it is heard again. Quiet: fewer messages than usual; a gap at night that is as long as was stated; a
sender nobody has begun to listen to.
"""

from __future__ import annotations

from streams.core.alerts.places import PlaceRule
from streams.core.alerts.watched import FEED, WatchState
from streams.core.config import MINUTE_US, CoreConfig

NAME = "source_silent"
TIMES = 1.0
"""Local: the gap that is stated has its slack in it."""


def gap(partner: str, since: int, config: CoreConfig) -> int:
    """How long a partner may be silent that was last heard at a moment."""
    times = config.threshold(f"{NAME}.times", since, TIMES)
    return int(times * config.silence_minutes.get(partner, 60) * MINUTE_US)


def holds(feed: WatchState, _key: str, at: int, config: CoreConfig) -> bool | None:
    """Whether it is silent at a moment, by all that was heard until then."""
    if feed.kind() not in FEED:
        return None
    last = feed.newest(at)
    if last is None:
        return None
    return not last.body["heard"] or at - last.occurred_at >= gap(last.partner, last.occurred_at, config)


RULE = PlaceRule(NAME, "Source silent", ("operations",), False, holds, after=gap)
