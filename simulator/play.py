"""Plays a town over the wires: three days of history in steps, then the afternoon at the play's speed.

In: a `Town`, the addresses of a running place, a stage (the shared simulated clock). Out: the sender's
log. It never reads a topic and knows no model of ours.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from simulator.ledger import Send
from simulator.story import PLAY_END, PLAY_START
from simulator.town import CONNECTED
from simulator.wires import MllpSender, SenderLog, Webhooks, publish_file

CONNECTIONS = 6
SEEN_SECONDS = 0.1
"""Until every process has seen the clock jump: a signature made before the others know is from the future."""
TAKEN_SECONDS = 60.0
STEPS = (
    *(CONNECTED + timedelta(hours=h) for h in (1, 12, 24, 36, 48, 60, 69)),
    PLAY_START - timedelta(minutes=2),
)
"""Moments the clock jumps to while history is played; the last but one is the morning's nine o'clock list."""


class Stage(Protocol):
    """The shared simulated clock, which the player moves."""

    def now(self) -> int: ...
    def move(self, to_us: int, speed: float) -> None: ...


@dataclass(frozen=True)
class Addresses:
    """Where the place listens."""

    mllp_host: str
    mllp_port: int
    intake_url: str
    drop: Path
    secrets: dict[str, str]


def micros(at: datetime) -> int:
    """µs of a naive UTC time."""
    return int(at.replace(tzinfo=UTC).timestamp() * 1_000_000)


class Player:
    """Sends what is due and waits for every answer."""

    def __init__(
        self,
        addresses: Addresses,
        stage: Stage,
        log: SenderLog,
        on_story: Callable[[Send], Awaitable[None]] | None = None,
    ) -> None:
        self.addresses, self.stage, self.log, self.on_story = addresses, stage, log, on_story
        self.lanes = [asyncio.Queue[Send | None](maxsize=50) for _ in range(CONNECTIONS)]
        self.webhooks = Webhooks(addresses.intake_url, addresses.secrets)
        self.dropping = asyncio.Lock()
        self.acked = 0

    async def history(self, sends: Sequence[Send], after_step: Callable[[datetime], Awaitable[None]]) -> None:
        """Everything before the play, step by step; `after_step` runs when all of a step is answered."""
        rest = list(sends)
        for step in STEPS:
            self.stage.move(micros(step), 1.0)
            await asyncio.sleep(SEEN_SECONDS)
            due = [s for s in rest if s.at <= step]
            rest = rest[len(due) :]
            await self._all(due, paced=False)
            await after_step(step)

    async def afternoon(self, sends: Sequence[Send], speed: float) -> None:
        """The play itself, each message at its moment."""
        self.stage.move(micros(PLAY_START), speed)
        await asyncio.sleep(SEEN_SECONDS)
        await self._all([s for s in sends if STEPS[-1] < s.at <= PLAY_END], paced=True, speed=speed)

    async def _all(self, sends: Sequence[Send], *, paced: bool, speed: float = 1.0) -> None:
        workers = [asyncio.create_task(self._lane(queue)) for queue in self.lanes]
        for number, send in enumerate(sends):
            if paced and (wait := (micros(send.at) - self.stage.now()) / 1_000_000 / speed) > 0:
                await asyncio.sleep(wait)
            await self.lanes[_lane_of(send, number)].put(send)
        for queue in self.lanes:
            await queue.put(None)
        await asyncio.gather(*workers)

    async def _lane(self, queue: asyncio.Queue[Send | None]) -> None:
        mllp = MllpSender(self.addresses.mllp_host, self.addresses.mllp_port)
        while (send := await queue.get()) is not None:
            sent_us = time.time_ns() // 1000
            answer = await self._one(mllp, send)
            self.log.write(send, answer, sent_us)
            self.acked += send.wire == "mllp" and answer == "AA"
            if send.story and self.on_story is not None:
                await self.on_story(send)
        await mllp.close()

    async def _one(self, mllp: MllpSender, send: Send) -> str:
        if send.wire == "mllp":
            return (await mllp.send(send.body)).decode()
        if send.wire == "http":
            response = await self.webhooks.post(
                send.partner, send.body, send.message_id, self.stage.now() // 1_000_000
            )
            return str(response.status_code)
        async with self.dropping:
            folder = self.addresses.drop / send.partner
            publish_file(folder, send.name, send.body)
            return await _taken(folder / send.name)


def _lane_of(send: Send, number: int) -> int:
    """The story and the files keep their order; the rest is spread, as an engine spreads it."""
    return 0 if send.story else 1 if send.wire == "file" else number % CONNECTIONS


async def _taken(file: Path) -> str:
    """A partner's extract job looks whether its last file has gone before it writes the next one."""
    deadline = time.monotonic() + TAKEN_SECONDS
    while await asyncio.to_thread(file.exists):
        if time.monotonic() > deadline:
            return "not taken"
        await asyncio.sleep(0.05)
    return "taken"
