"""A simulated wall clock that one process moves and the others follow: `HOMEWARD_CLOCK=file:<path>` (ADR
0007).

The file holds `<anchor real µs> <simulated µs> <speed>`. A play jumps through its history and then runs at
its own speed, however long the machine takes for the history; every process sees the jump within
`LOOK_EVERY_US`.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from runtime.errors import Misconfigured

LOOK_EVERY_US = 20_000


class StagedClock:
    """Follows the file; `move` is for the one who plays."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._looked = 0
        self._stage = (0, 0, 1.0)

    def now(self) -> int:
        """Simulated µs since the epoch, UTC. Raises Misconfigured while there is no stage."""
        real = time.time_ns() // 1000
        if real - self._looked > LOOK_EVERY_US:
            self._stage, self._looked = self._read(), real
        anchor, at, speed = self._stage
        return at + int((real - anchor) * speed)

    @property
    def speed(self) -> float:
        """Simulated seconds that pass in a real one, now."""
        self.now()
        return self._stage[2]

    async def sleep(self, seconds: float) -> None:
        """Return after so many simulated seconds, noticing jumps at the latest after a tenth of a real
        second.
        """
        until = self.now() + int(seconds * 1_000_000)
        while (left := until - self.now()) > 0:
            await asyncio.sleep(min(0.1, left / 1_000_000 / self.speed))

    def move(self, to_us: int, speed: float) -> None:
        """Jump to a simulated time and run on at `speed`; never backwards."""
        part = self.path.with_suffix(".part")
        part.write_text(f"{time.time_ns() // 1000} {to_us} {speed}", encoding="ascii")
        part.replace(self.path)
        self._looked = 0

    def _read(self) -> tuple[int, int, float]:
        try:
            anchor, at, speed = self.path.read_text(encoding="ascii").split()
            return int(anchor), int(at), float(speed)
        except (OSError, ValueError):
            raise Misconfigured(
                f"HOMEWARD_CLOCK: {self.path.name} holds no stage (`<anchor µs> <simulated µs> <speed>`)"
            ) from None
