"""Where the sources stand: where folding starts, what has caught up, what is left. Reads positions, moves
none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from faust.types import TP

from streams.engine.plan import Plan
from streams.engine.unit import Unit


class Sources:
    """The source topics of a plan as the consumer thread sees them."""

    def __init__(self, plan: Plan, thread: Any) -> None:
        self._topics, self._thread = plan.sources, thread

    async def starts(self, units: Iterable[Unit]) -> dict[TP, int]:
        """Next offset to fold of every source partition of these units: what the applied marker covers, else
        the commit, else the start of the log.
        """
        marked = {TP(t, u.partition): (u.marker or {}).get(t) for u in units for t in self._topics}
        starts = {tp: offset for tp, offset in marked.items() if offset is not None}
        unmarked = [tp for tp in marked if tp not in starts]
        if unmarked:
            committed = await self._thread.committed(unmarked)
            starts |= {tp: offset for tp, offset in committed.items() if offset is not None}
        fresh = [tp for tp in unmarked if tp not in starts]
        if fresh:
            earliest = await self._thread.earliest_offsets(*fresh)
            starts |= {TP(*tp): offset for tp, offset in earliest.items()}
        return starts

    def caught_up(self, unit: Unit) -> bool:
        """Whether every source of the partition is read to the last end a fetch has shown."""
        for topic in self._topics:
            tp = TP(topic, unit.partition)
            end = self._thread.end_now(tp)
            if end is None or self._thread.position_now(tp) < end:
                return False
        return True

    def lag(self, unit: Unit) -> int:
        """Offsets between progress and the ends last seen; 0 when caught up, else control records count."""
        if self.caught_up(unit):
            return 0
        ends = {topic: self._thread.end_now(TP(topic, unit.partition)) or 0 for topic in self._topics}
        return sum(max(0, end - unit.done.get(topic, 0)) for topic, end in ends.items())
