"""Whom the latest changes of a projection were about: what open pages are woken by.

In: keys as they change. Out: a count that only grows, and the keys since an earlier count. Pure.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

KEPT = 10_000
NOBODY = ""
"""The key of news about nobody: a feed, a refusal, a figure."""


@dataclass
class News:
    """The newest `KEPT` changes."""

    to: int = 0
    _keys: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))

    def note(self, key: str = NOBODY) -> None:
        """Something about a person, or about nobody, has changed."""
        self.to += 1
        self._keys.append(key)

    def all_changed(self) -> None:
        """Everything may be another: whoever asks since when is told so."""
        self.to += len(self._keys) + 1
        self._keys.clear()

    def since(self, count: int) -> set[str] | None:
        """Keys that changed after `count`; None: more than is kept."""
        behind = self.to - count
        if behind > len(self._keys):
            return None
        return {self._keys[-1 - step] for step in range(behind)}
