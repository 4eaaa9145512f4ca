"""One courier a recipient: notices owed in, attempts out, until each is told or given up.

A failing recipient delays nobody else, and a notice that fails delays only what is about the same spell (a
retraction must never overtake what it retracts): the others of the recipient go on behind its back-off.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from connectors.webhook_out import backoff_seconds
from runtime.clock import SECOND, Clock
from runtime.logging import get_logger

log = get_logger("connectors.couriers")

GIVE_UP_HOURS = 24.0
"""By the shared clock; then it is told as failed and a human telephones."""

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Owed:
    """One notice to deliver, pseudonymous throughout."""

    notice_id: str
    person_key: str
    recipient: str
    fact: str
    about: str
    fact_id: str
    retracts: str | None
    occurred_at: int

    @classmethod
    def of(cls, record: dict[str, Any]) -> Owed:
        """The notice of a NoticeOwed, NoticeSent … record."""
        return cls(
            record["thing"],
            record["person_key"],
            record["recipient"] or "",
            record["fact"] or "",
            record["about"] or "",
            record["fact_id"] or "",
            record["retracts"],
            record["occurred_at"],
        )


Attempt = Callable[[Owed, bool], Awaitable[bool]]
"""Try to deliver; the flag says it is the last try. True when it is settled, one way or the other."""


class Courier:
    """Delivers to one recipient."""

    def __init__(self, recipient: str, attempt: Attempt, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self.recipient = recipient
        self._attempt = attempt
        self._clock = clock
        self._sleep = sleep
        self._by_subject: OrderedDict[str, deque[tuple[Owed, int]]] = OrderedDict()
        self._news = asyncio.Event()
        self._failures = 0

    @property
    def waiting(self) -> int:
        """Notices not settled yet."""
        return sum(len(queue) for queue in self._by_subject.values())

    def hand(self, owed: Owed) -> None:
        """One more notice."""
        self._by_subject.setdefault(owed.about, deque()).append((owed, self._clock.now()))
        self._news.set()

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._by_subject:
                await self.round()

    async def round(self) -> None:
        """One attempt for the subject whose turn it is."""
        about, queue = next(iter(self._by_subject.items()))
        owed, since = queue[0]
        last = self._clock.now() - since > GIVE_UP_HOURS * 3600 * SECOND
        if await self._attempt(owed, last):
            self._failures = 0
            queue.popleft()
            if not queue:
                del self._by_subject[about]
            return
        self._failures += 1
        self._by_subject.move_to_end(about)
        if self._failures in (1, 10) or self._failures % 100 == 0:
            log.warning(
                "notice.failing", recipient=self.recipient, failures=self._failures, waiting=self.waiting
            )
        await self._sleep(backoff_seconds(self._failures))
