"""What every asserted fact has: an address to ask, a bounded wait, a check that says what was seen.

In: a look at the API. Out: `Check`s in the order they were seen; what does not come true in time is one that
is not ok.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from cli.demo.api import Api
from cli.demo.judge import Check

PATIENCE_SECONDS = 60.0
HUMAN_SECONDS = 180.0
"""Where somebody at a board has to do it first."""
Look = Callable[[], Awaitable[tuple[bool, str]]]


@dataclass
class Asserting:
    """Edith's afternoon. `inbox` gives what the subscriber has received so far."""

    api: Api
    visit: str
    other_visit: str
    inbox: Callable[[], list[dict[str, Any]]]
    checks: list[Check] = field(default_factory=list)
    before_repeat: tuple[str, int] = ("", 0)

    async def until(
        self, name: str, expected: str, look: Look, seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Look until it is so, or until so many real seconds are over."""
        start, seen = time.monotonic(), ""
        while True:
            ok, seen = await look()
            late = time.monotonic() - start
            if ok or late > seconds:
                self.checks.append(Check(name, ok, expected, f"{seen} ({late:.1f} s)"))
                return
            await asyncio.sleep(0.05)
