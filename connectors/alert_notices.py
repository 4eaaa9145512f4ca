"""Notices of alerts: the steps of `toc.alert.v1` in, messages to desks out, by apprise (docs/alerts.md).

All steps are read at start; what was sent is one line of a file of ours each, written once it is sent: a
replay that says a step again, or a process that was killed, sends nothing a second time. Killed between the
sending and the line, it sends that notice once more (design.md §6: at least once). A desk that cannot be
reached is tried again and delays no other.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from apprise import Apprise

from connectors.noticing import Notice, Noticing
from connectors.ports import Reader, Stored
from connectors.webhook_out import backoff_seconds
from runtime.clock import SECOND, Clock
from runtime.errors import Misconfigured, Transient
from runtime.freshness import compact
from runtime.logging import get_logger
from runtime.metrics import METER, Metrics
from schemas.catalogue import ALERT
from schemas.codec import decode
from schemas.errors import ContractViolation

log = get_logger("connectors.alert_notices")
TICK_SECONDS: Final = 1.0


class Send(Protocol):
    """Hands a message to a desk."""

    async def __call__(self, desk: str, title: str, body: str) -> bool:
        """Whether it was taken; never raises for what the other side or the network does."""


class Sent:
    """The file of what was sent: JSON lines `{id, at, tokens}`; a torn last line is as if not written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, int]:
        """Token -> when it was sent."""
        found: dict[str, int] = {}
        text = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            found |= dict.fromkeys(row["tokens"], row["at"])
        return found

    def write(self, notice: Notice, at: int) -> None:
        """Add one, durably."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            line = compact({"id": notice.id, "at": at, "tokens": notice.tokens})
            file.write("\n" * self._torn() + line + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _torn(self) -> bool:
        return self._path.stat().st_size > 0 and not self._path.read_bytes().endswith(b"\n")


class AlertNotices:
    """The whole of it: `restore`, then `run`."""

    def __init__(
        self, noticing: Noticing, sent: Sent, send: Send, reader: Reader, clock: Clock, *,
        meter: Metrics = METER, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._noticing, self._sent, self._send = noticing, sent, send
        self._reader, self._clock, self._meter, self._sleep = reader, clock, meter, sleep
        self._seen: dict[int, int] = {}
        """Partition -> the offset that was read last."""
        self._failed: dict[str, tuple[int, int]] = {}
        """Desk -> (failures in a row, not before this time)."""

    async def restore(self) -> None:
        """Read every step there is: how each alert stands, before anything is sent."""
        async for stored in self._reader.to_end(ALERT):
            self.take(stored)

    async def run(self) -> None:
        """Follow and send, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._tick())

    def take(self, stored: Stored) -> None:
        """One record; what was read already is let be."""
        if stored.offset <= self._seen.get(stored.partition, -1) or stored.value is None:
            return
        self._seen[stored.partition] = stored.offset
        try:
            kind, said = decode(stored.value)
        except ContractViolation as violation:
            log.error("alert.undecodable", partition=stored.partition, offset=stored.offset,
                      reason=violation.reason)  # fmt: skip
            return
        self._noticing.hear(kind, said, self._clock.now())

    async def tick(self) -> None:
        """Send what is due."""
        now = self._clock.now()
        for desk, load in self._noticing.loads(now).items():
            self._meter.gauge("toc_desk_alerts_count", float(load), desk=desk)
        for notice in self._noticing.due(now):
            failures, not_before = self._failed.get(notice.desk, (0, 0))
            if now < not_before:
                continue
            taken = await self._send(notice.desk, notice.title, notice.body)
            self._meter.count("toc_notices_total", recipient=notice.desk, state="sent" if taken else "failed")
            if taken:
                self._sent.write(notice, now)
                self._noticing.sent(notice, now)
                self._failed.pop(notice.desk, None)
            else:
                again = now + int(backoff_seconds(failures + 1) * SECOND)
                self._failed[notice.desk] = (failures + 1, again)

    async def _tick(self) -> None:
        while True:
            await self.tick()
            await self._sleep(TICK_SECONDS)

    async def _follow(self) -> None:
        while True:
            try:
                async for stored in self._reader.follow(ALERT):
                    self.take(stored)
            except Transient as exc:  # what was read is known
                log.warning("notices.reader_lost", error=type(exc).__name__)
                await self._sleep(1.0)


class AppriseSend:
    """`Send` by apprise: the URLs of each desk, separated by blanks. Raises Misconfigured for one that is
    none; the URL, which may hold a password, is not said.
    """

    def __init__(self, urls: Mapping[str, str]) -> None:
        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # what becomes of it, we say
        self._desks: dict[str, Apprise] = {}
        for desk, text in urls.items():
            to = self._desks[desk] = Apprise()
            if not to.add(text.split()):
                raise Misconfigured(f"desk {desk}: a URL of its notices_ref is none that apprise knows")

    async def __call__(self, desk: str, title: str, body: str) -> bool:
        """Send to every URL of the desk; True where all took it."""
        return bool(await asyncio.to_thread(self._desks[desk].notify, body=body, title=title))
