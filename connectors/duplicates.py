"""The duplicate window of one partner: what a re-send looks like, within a bound (design.md §7 "Duplicates").

In: message ids and content tags in the order of arrival. Out: what is known of the message. Inside the window
a re-send makes no event; beyond it the fold still makes nothing of it. Holds pseudonymous tags only.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import StrEnum
from typing import Any, Final

from connectors.message import RawMessage

_HOUR_US: Final = 3_600_000_000
IDS_MAX: Final = 1_000_000
FIRSTS_BYTES: Final = 64 << 20


class Sighting(StrEnum):
    """What the window knows of a message. The values are the causes of the summary."""

    FRESH = "fresh"
    SAME_ID = "same id"
    """The same id and the same configured bytes: the sender never heard our answer."""
    REQUEUED = "requeued"
    """The same content under another id: an engine sends its queue again."""
    ID_REUSED = "id reused"
    """The same id, other content: another message, flagged."""


class Window:
    """Remembers for `hours` (None: as long as it lives, for replays, whose counts must not depend on the
    order) and `most` messages.
    """

    def __init__(self, hours: float | None = 24, most: int = IDS_MAX) -> None:
        self.unbounded = hours is None
        self._span = None if hours is None else int(hours * _HOUR_US)
        self._most = most
        self._pairs: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._tags: OrderedDict[str, int] = OrderedDict()
        self._recorded: dict[str, int] = {}
        self._ids: OrderedDict[str, int] = OrderedDict()

    def look(self, message_id: str, tag: str, at: int) -> Sighting:
        """What is known of a message received `at` (µs UTC); changes nothing but what has grown too old."""
        self._forget(at)
        if (message_id, tag) in self._pairs:
            return Sighting.SAME_ID
        if tag in self._tags:
            return Sighting.REQUEUED
        return Sighting.ID_REUSED if message_id in self._ids else Sighting.FRESH

    def knows(self, message_id: str) -> bool:
        """Whether any message came under this id."""
        return message_id in self._ids

    def reused(self, message_id: str, tag: str) -> bool:
        """Whether the id came before, and never with this content. No id is no one's."""
        return bool(message_id) and self.knows(message_id) and (message_id, tag) not in self._pairs

    def recorded_before(self, tag: str, recorded_at: int) -> bool:
        """Whether this copy was recorded before every copy known: then it is the one that counts (law 2)."""
        return recorded_at < self._recorded.get(tag, recorded_at)

    def note(self, message_id: str, tag: str, at: int, recorded_at: int = 0) -> None:
        """Remember a message that was taken or was a duplicate; so how many of each there are does not depend
        on their order.
        """
        self._recorded[tag] = min(self._recorded.get(tag, recorded_at), recorded_at)
        self._pairs.setdefault((message_id, tag), at)
        self._tags.setdefault(tag, at)
        self._ids.setdefault(message_id, at)
        self._forget(at)

    def _forget(self, now: int) -> None:
        for known in (self._pairs, self._tags, self._ids):
            self._shrink(known, now)

    def _shrink(self, known: OrderedDict[Any, int], now: int) -> None:
        while known and (len(known) > self._most or self._old(next(iter(known.values())), now)):
            name, _ = known.popitem(last=False)
            if known is self._tags:
                del self._recorded[name]

    def _old(self, at: int, now: int) -> bool:
        return self._span is not None and at < now - self._span


class Firsts:
    """The first message under each id of a window, at hand for when the id comes with other content: then all
    messages of the id are flagged. Held in `most_bytes`, unless the window is a replay's: of an older one the
    flag is on the later messages only.
    """

    def __init__(self, window: Window, most_bytes: int = FIRSTS_BYTES) -> None:
        self._window = window
        self._left = most_bytes
        self._raws: OrderedDict[str, RawMessage] = OrderedDict()

    def keep(self, message_id: str, raw: RawMessage) -> None:
        """Called of every message before the window notes it."""
        if not message_id or self._window.knows(message_id):
            return
        self._drop(message_id)
        self._raws[message_id] = raw
        self._left -= len(raw.body)
        while self._left < 0 and not self._window.unbounded:
            self._drop(next(iter(self._raws)))

    def taken(self, message_id: str) -> RawMessage | None:
        """The first message under an id, handed out once: then it is flagged."""
        raw = self._raws.get(message_id)
        self._drop(message_id)
        return raw

    def _drop(self, message_id: str) -> None:
        raw = self._raws.pop(message_id, None)
        self._left += len(raw.body) if raw else 0
