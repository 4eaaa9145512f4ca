"""How often somebody may try to sign in: failures within a window, by account and by address.

In: keys and seconds. Out: how long to wait. Bounded: what is older than the window is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

FAILURES: Final = 5
WINDOW_SECONDS: Final = 300.0
KEYS_MOST: Final = 10_000


@dataclass
class Attempts:
    """Failures by key, oldest key first."""

    _failed: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def wait_seconds(self, keys: tuple[str, ...], now: float) -> int:
        """0 where another try is allowed."""
        waits = [self._wait(self._failed.get(key, deque()), now) for key in keys]
        return max(waits, default=0)

    def failed(self, keys: tuple[str, ...], now: float) -> None:
        """A try was wrong."""
        for key in keys:
            self._failed.setdefault(key, deque(maxlen=FAILURES)).append(now)
            self._failed.move_to_end(key)
        while len(self._failed) > KEYS_MOST:
            self._failed.popitem(last=False)

    def succeeded(self, keys: tuple[str, ...]) -> None:
        """A try was right: its account's failures are forgotten."""
        for key in keys:
            self._failed.pop(key, None)

    def _wait(self, failures: deque[float], now: float) -> int:
        if len(failures) < FAILURES:
            return 0
        return max(0, int(failures[0] + WINDOW_SECONDS - now + 0.999))
