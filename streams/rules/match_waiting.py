"""Match waiting (domain 02 §2.4): two records may be one person, and nobody has decided for so long.

Clear: somebody decided, or nothing proposes the pair any more. Quiet: a pair that is new; one that joined by
itself; the second of the two records, for a pair is one alert.
"""

from __future__ import annotations

from streams.core.alerts.places import PlaceRule
from streams.core.alerts.watched import MATCH, WatchState
from streams.core.config import CoreConfig

NAME = "match_waiting"
MINUTES = 240.0
"""Local: half a shift of the hub."""


def holds(pair: WatchState, _key: str, at: int, _config: CoreConfig) -> bool | None:
    """Whether it is undecided at a moment, as we saw it."""
    last = pair.newest(at) if pair.kind() == MATCH else None
    return None if last is None else bool(last.body["waits"])


RULE = PlaceRule(NAME, "Match waiting", ("hub",), False, holds, minutes=MINUTES)
