"""The senders of a system test: the simulator's town over real wires, at a rate, with a log of what was
answered.

A sender sends again what was not answered, and what was answered "not now": as an engine, a council's queue
and a file gateway do.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx

from runtime.staged_clock import StagedClock
from simulator.ledger import Send
from simulator.play import Addresses, micros
from simulator.town import build
from simulator.wires import MllpSender, SenderLog, Webhooks, publish_file

LANES = 6
PATIENCE_SECONDS = 150.0
"""How long a sender sends again what was not taken."""
OUT_OF_SCOPE = "ignored:out of scope"


class Town:
    """Everything a town sends, in portions: a going-live census of some of its beds first, then what engines
    send that cannot be read, then its days.
    """

    def __init__(self, seed: int = 2027, beds: int = 60) -> None:
        sends = build(seed).sends
        bad = [replace(s, at=sends[0].at) for s in sends if s.label == "bad message"]
        census = next(s for s in sends if s.label == "census")
        days = [s for s in sends if s is not census and s.label != "bad message"]
        self._rest: Iterator[Send] = iter([shortened(census, beds), *bad, *days])

    def portion(self, hl7: int) -> list[Send]:
        """The next sends, until so many HL7 messages are among them."""
        found: list[Send] = []
        while sum(s.wire == "mllp" for s in found) < hl7:
            found.append(next(self._rest))
        return found


def shortened(census: Send, beds: int) -> Send:
    """A census of fewer beds: what is not in it is heard of when its patient moves."""
    header, *rows = census.body.splitlines(keepends=True)
    kept = [row for row in rows if not row.startswith(b"#")][:beds]
    body = b"".join([header, *kept, b"#rows=%d\n" % len(kept)])
    return replace(census, body=body, expect={"accepted": beds})


class Senders(threading.Thread):
    """Plays sends in a thread of its own; `acked` are those that heard yes."""

    def __init__(
        self, sends: Sequence[Send], addresses: Addresses, clock: StagedClock, log: Path, per_second: float
    ) -> None:
        super().__init__(daemon=True)
        self.sends, self.addresses, self.clock, self.per_second = sends, addresses, clock, per_second
        self.answers: list[tuple[Send, str]] = []
        self.again = 0
        """How often something was sent again."""
        self.failure: BaseException | None = None
        self._log = SenderLog(log)
        self._open: Counter[int] = Counter()
        self.started = 0

    @property
    def unanswered(self) -> int:
        """Messages that were sent and have no answer now."""
        return self.started - len(self.answers)

    def run(self) -> None:
        try:
            asyncio.run(self._play())
        except BaseException as exc:
            self.failure = exc
        self._log.close()

    def finish(self, seconds: float) -> None:
        """Wait until everything is answered."""
        self.join(seconds)
        if self.failure is not None:
            raise self.failure
        assert not self.is_alive(), f"{len(self.answers)} of {len(self.sends)} answered in {seconds} s"

    async def _play(self) -> None:
        self.webhooks = Webhooks(self.addresses.intake_url, self.addresses.secrets)
        queues = [asyncio.Queue[Send | None]() for _ in range(LANES)]
        lanes = [asyncio.create_task(self._lane(queue)) for queue in queues]
        began = time.monotonic()
        for number, send in enumerate(self.sends):
            if (ahead := number / self.per_second - (time.monotonic() - began)) > 0.005:
                await asyncio.sleep(ahead)
            queues[number % LANES].put_nowait(send)
        for queue in queues:
            queue.put_nowait(None)
        await asyncio.gather(*lanes)
        await self.webhooks.client.aclose()

    async def _lane(self, queue: asyncio.Queue[Send | None]) -> None:
        mllp = MllpSender(self.addresses.mllp_host, self.addresses.mllp_port)
        while (send := await queue.get()) is not None:
            sent_us = time.time_ns() // 1000
            self.started += 1
            answer = await self._until_taken(mllp, send)
            self._log.write(send, answer, sent_us)
            self.answers.append((send, answer))
        await mllp.close()

    async def _until_taken(self, mllp: MllpSender, send: Send) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = await self._once(mllp, send)
            if answer not in ("AE", "503", "away") or time.monotonic() > deadline:
                return answer
            self.again += 1
            await asyncio.sleep(0.2)

    async def _once(self, mllp: MllpSender, send: Send) -> str:
        if send.wire == "mllp":
            try:
                return (await mllp.send(send.body)).decode()
            except TimeoutError:
                return "away"
        if send.wire == "http":
            try:
                now = self.clock.now() // 1_000_000
                said = await self.webhooks.post(send.partner, send.body, send.message_id, now)
            except httpx.TransportError:
                return "away"
            return str(said.status_code)
        publish_file(self.addresses.drop / send.partner, send.name, send.body)
        return "published"


def moved(clock: StagedClock, sends: Sequence[Send]) -> None:
    """Jump to the moment of the last send, if that lies ahead."""
    if (at := micros(sends[-1].at)) > clock.now():
        clock.move(at, 1.0)
