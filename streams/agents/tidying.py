"""When what is kept of a person is made less: ended things are sealed at their due time, superseded words
left out once a journal has grown (design.md §4 law 7).

In: heads with their due times, the engine's clock. Out: keys to look at. Nobody is looked at who is neither
due nor changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from streams.core.config import DAY_US, CoreConfig
from streams.core.state.codec import next_due
from streams.core.state.compaction import compact
from streams.core.state.person import PersonState
from streams.core.state.sealing import seal

AT_ONCE = 100
"""Keys looked at in one cut because they are due: a millisecond or so each, and the others wait for it."""
SMALL_BYTES = 32 * 1024
"""A journal up to this is not worth looking through for superseded words."""


class DueTimes:
    """Which keys are due; the due time that stands is the one in the head."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, bytes]] = []
        self._taken: set[bytes] = set()
        """Keys whose entry is off the heap, and whose head may say the same time again."""

    def read(self, heads: Mapping[bytes, bytes]) -> None:
        """Begin with what was restored."""
        self._heap = [(due, key) for key, head in heads.items() if (due := next_due(head))]
        heapify(self._heap)

    def note(self, key: bytes, due: int, before: int) -> None:
        """The head of a key says another due time than before."""
        if due and (due != before or key in self._taken):
            heappush(self._heap, (due, key))
        self._taken.discard(key)

    def take(self, now_us: int, heads: Mapping[bytes, bytes]) -> list[bytes]:
        """Some of the keys that are due."""
        keys: list[bytes] = []
        while self._heap and self._heap[0][0] <= now_us and len(keys) < AT_ONCE:
            due, key = heappop(self._heap)
            if key in heads and next_due(heads[key]) == due:
                keys.append(key)
        self._taken.update(keys)
        return keys

    def left(self, now_us: int, heads: Mapping[bytes, bytes]) -> int:
        """When the first of those was due that were not taken; 0 = nobody is left."""
        while self._heap and self._heap[0][0] <= now_us:
            due, key = self._heap[0]
            if key in heads and next_due(heads[key]) == due:
                return due
            heappop(self._heap)
        return 0


def tidy_due(state: PersonState, now_us: int, config: CoreConfig) -> None:
    """Do all that can be done for a person who is due. A person who does not reduce waits for a day."""
    state.due = now_us + DAY_US
    compact(state, now_us, config)
    state.due = seal(state, now_us, config)


def tidy_grown(state: PersonState, now_us: int, config: CoreConfig) -> None:
    """Leave out superseded words where the journal has grown by a quarter since they were last looked for: a
    look costs as much as its length, so all of them together as much as five.
    """
    if state.packed > max(SMALL_BYTES, state.tidied * 5 // 4):
        compact(state, now_us, config)
        state.tidied = state.packed


def due_of(state: PersonState, config: CoreConfig) -> int:
    """When to look at a state: to make less of it, as found at the last look, else when nothing heard so far
    can be reached; or to judge what is late.
    """
    if not state.due and state.shown.status == "alive" and state.shown.through:
        state.due = state.shown.through + config.horizon_us + 1
    return min(filter(None, (state.due, state.alerts.due)), default=0)
