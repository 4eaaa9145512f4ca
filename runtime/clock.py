"""Wall clocks. Times are µs since the epoch, UTC; cores and translators see no clock, they are given times.

`HOMEWARD_CLOCK=<ISO start>@<speed>` gives every process the same simulated wall clock: start + speed ×
(real now − anchor), where the anchor is `HOMEWARD_CLOCK_ANCHOR`, real epoch seconds that every process
shares (design.md §9). `file:<path>` follows a stage that one process moves (`runtime/staged_clock.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from runtime.errors import Misconfigured
from runtime.staged_clock import StagedClock

SECOND = 1_000_000
"""µs in a second."""


class Clock(Protocol):
    """What a shell asks for the time."""

    @property
    def speed(self) -> float:
        """Simulated seconds that pass in a real one."""

    def now(self) -> int:
        """The wall clock: µs since the epoch, UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds *of this clock*."""


class SystemClock:
    """The real wall clock."""

    speed = 1.0

    def now(self) -> int:
        return time.time_ns() // 1000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class SimulatedClock:
    """The shared simulated wall clock. `start` is in µs, `anchor` in real µs."""

    start: int
    speed: float
    anchor: int

    def now(self) -> int:
        return self.start + int((time.time_ns() // 1000 - self.anchor) * self.speed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)


@dataclass
class FakeClock:
    """A clock that tests move by hand; sleeping moves it too."""

    at: int = 0
    speed: float = 1.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> int:
        return self.at

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.at += int(seconds * SECOND)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)


def micros(text: str) -> int:
    """µs of an ISO 8601 time; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * SECOND)


def clock_of(spec: str, anchor: str = "") -> Clock:
    """The clock of `HOMEWARD_CLOCK` (empty: the system's). Raises Misconfigured."""
    if not spec:
        return SystemClock()
    if spec.startswith("file:"):
        return StagedClock(Path(spec.removeprefix("file:")))
    start, _, speed = spec.partition("@")
    try:
        pace = float(speed or "1")
        since = int(float(anchor) * SECOND) if anchor else SystemClock().now()
        clock = SimulatedClock(micros(start), pace, since)
    except ValueError:
        said = "HOMEWARD_CLOCK is <ISO start>@<speed> or file:<path>, HOMEWARD_CLOCK_ANCHOR epoch seconds"
        raise Misconfigured(said) from None
    if pace <= 0:
        raise Misconfigured("HOMEWARD_CLOCK: the speed is greater than 0")
    return clock


def anchor(environment: MutableMapping[str, str]) -> None:
    """Fix the anchor for this process and those it starts, if a simulated clock needs one and none is set."""
    if "@" in environment.get("HOMEWARD_CLOCK", "") and not environment.get("HOMEWARD_CLOCK_ANCHOR"):
        environment["HOMEWARD_CLOCK_ANCHOR"] = f"{time.time():.6f}"
