"""Views out: the transfer views of a place as signed webhooks to one subscriber, with a durable cursor and
replay.

In: the compacted view topic. Out: `POST <url>/views` bodies `{person_key, status, merged_into, version,
lines}` as far as the subscriber's role and agreement allow (`runtime/masking.py`). A person whom it was sent
and who is gone, or whom it may not see any more, is `{person_key, status: "gone"}`, said once; of who was
never its own it hears nothing. A change of what it is not shown is not sent. Every view is in the audit
before it is sent, and from the audit a later run knows whom the subscriber was sent. At least once and in
order per person: a partition waits for its oldest view that is not taken, retried for ever with jitter. The
cursor is the group `homeward-views-<name>`; `replay` starts from the beginning instead.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from connectors.cursor import Cursor
from connectors.ports import Marks, Placed, Reader, Stored
from connectors.webhook_out import Post, backoff_seconds
from runtime.audit import Act, Audit, acts
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.freshness import compact
from runtime.logging import get_logger
from runtime.masking import shown_to
from runtime.reader import OPERATOR
from runtime.reader import Reader as Allowed
from schemas.catalogue import VIEW_TRANSFER
from schemas.codec import decode
from schemas.errors import ContractViolation

log = get_logger("connectors.views_out")

_QUEUE_MAX = 1000
SAVE_SECONDS = 1.0
WHAT = "webhook view"
"""What the audit calls it."""


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """Who gets the views, and where."""

    name: str
    url: str
    secret: bytes = field(repr=False)
    reader: Allowed

    @property
    def group(self) -> str:
        """Name of its cursor."""
        return f"homeward-views-{self.name}"


class ViewsOut:
    """Sends one subscriber its views, for ever."""

    def __init__(
        self,
        subscriber: Subscriber,
        post: Post,
        reader: Reader,
        marks: Marks,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        audit: Audit | None = None,
    ) -> None:
        self._subscriber = subscriber
        self._post = post
        self._reader = reader
        self._marks = marks
        self._clock = clock
        self._sleep = sleep
        self._audit = audit or Audit()
        self._shown = _shown_before(self._audit)
        """Whom the subscriber was sent and not told to be gone."""
        self._last: dict[str, bytes] = {}
        """By person: a digest of what was sent last, of this run."""
        self._cursor = Cursor({})
        self._queues: dict[int, asyncio.Queue[tuple[Placed, bytes, Act]]] = {}

    async def run(self, replay: bool = False) -> None:
        """Follow the view topic from the cursor, or from its beginning when `replay`."""
        marks = {} if replay else await self._marks.load(self._subscriber.group, VIEW_TRANSFER)
        self._cursor = Cursor(marks)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._save())
            async for stored in self._reader.follow(VIEW_TRANSFER):
                await self._take(stored, group)

    async def _take(self, stored: Stored, group: asyncio.TaskGroup) -> None:
        placed = Placed(stored.partition, stored.offset)
        if not self._cursor.fresh(placed):
            return
        try:
            body = view_body(stored, self._subscriber.reader, self._clock.now())
        except ContractViolation as exc:
            log.error("view.undecodable", partition=placed.partition, offset=placed.offset, reason=exc.reason)
            self._cursor.settled(placed)
            return
        if self._said(stored, body):
            self._cursor.settled(placed)
            return
        if placed.partition not in self._queues:
            self._queues[placed.partition] = asyncio.Queue(_QUEUE_MAX)
            group.create_task(self._deliver(self._queues[placed.partition]))
        await self._queues[placed.partition].put((placed, body, self._act(stored, body)))

    def _act(self, stored: Stored, body: bytes) -> Act:
        reader, key = self._subscriber.reader, (stored.key or b"").decode()
        gone = body == _gone(key)
        (self._shown.discard if gone else self._shown.add)(key)
        outcome, count = ("gone", 0) if gone else ("sent", 1)
        purpose = "operation" if reader == OPERATOR else reader.purpose
        return Act("(webhook)", reader.role, self._subscriber.name, purpose, WHAT, outcome, [key], count)

    def _said(self, stored: Stored, body: bytes) -> bool:
        """Whether the subscriber has this already, or it is of somebody it knows nothing of: that something
        else changed is not its business.
        """
        if self._subscriber.reader == OPERATOR:
            return False
        key, digest = (stored.key or b"").decode(), sha256(body).digest()
        if body == _gone(key) and key not in self._shown:
            return True
        known = self._last.get(key) == digest
        self._last[key] = digest
        return known

    async def _deliver(self, queue: asyncio.Queue[tuple[Placed, bytes, Act]]) -> None:
        url = f"{self._subscriber.url.rstrip('/')}/views"
        while True:
            placed, body, act = await queue.get()
            self._audit.write(act, self._clock.now())
            failures = 0
            key = f"{placed.partition}-{placed.offset}"
            while not (said := await self._post(url, self._subscriber.secret, body, key)).taken:
                if said.never:  # poison for this subscriber only; the next view of the person supersedes it
                    log.error("view.refused", subscriber=self._subscriber.name, key=key, how=said.how)
                    break
                failures += 1
                await self._sleep(backoff_seconds(failures))
            self._cursor.settled(placed)

    async def _save(self) -> None:
        while True:
            await self._sleep(SAVE_SECONDS)
            await self.save()

    async def save(self) -> None:
        """Make the cursor durable."""
        marks = self._cursor.moved()
        try:
            await self._marks.save(self._subscriber.group, VIEW_TRANSFER, marks)
        except Transient as exc:
            log.warning("views.cursor_not_saved", error=type(exc).__name__)
            return
        self._cursor.saved(marks)


def view_body(stored: Stored, reader: Allowed, now: int) -> bytes:
    """The webhook body of a record of the view topic, as `reader` may see it. Raises ContractViolation."""
    key = (stored.key or b"").decode()
    if stored.value is None:
        return _gone(key)
    record = decode(stored.value)[1]
    rows = shown_to([json.loads(line) for line in record["lines"]], reader, now)
    if not rows:
        return _gone(key)
    view: Mapping[str, Any] = {
        name: record[name] for name in ("person_key", "status", "merged_into", "version")
    }
    return compact({**view, "version": _version(record["version"], rows, reader), "lines": rows}).encode()


def _gone(key: str) -> bytes:
    return compact({"person_key": key, "status": "gone"}).encode()


def _shown_before(audit: Audit) -> set[str]:
    found: set[str] = set()
    for act in acts(audit.path) if audit.path and audit.path.exists() else ():
        if act["what"] == WHAT:
            (found.discard if act["outcome"] == "gone" else found.add)(act["people"][0])
    return found


def _version(whole: str, rows: Sequence[Mapping[str, Any]], reader: Allowed) -> str:
    """Of what is shown: a digest of the whole would tell of what is not."""
    if reader == OPERATOR:
        return whole
    return sha256("".join(row["version"] for row in rows).encode()).hexdigest()[:16]
