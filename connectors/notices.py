"""Notices out (design.md §7): what the fold owes in, signed webhooks out, and what became of each as an event
of our own.

NoticeSent, NoticeAcknowledged and NoticeFailed are posted to our own partner's intake like any partner's
message: they are archived, translated and published under the person's key, so a replay of the archive knows
them. At least once, deduplicated by notice id; the durable cursor of the owed topic passes a notice only when
its event is acknowledged by the broker.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from connectors.couriers import Courier, Owed
from connectors.cursor import Cursor
from connectors.message import RawMessage
from connectors.ports import Marks, Placed, Reader, Stored
from connectors.verdict import Answer, Verdict
from connectors.webhook_out import Post
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.logging import get_logger
from runtime.metrics import METER, Metrics
from schemas.catalogue import NOTICE, NOTICE_OWED, ce_type
from schemas.codec import decode
from schemas.errors import ContractViolation
from schemas.headers import time_text

log = get_logger("connectors.notices")

GROUP = "homeward-notices"
STRUCTURED = "application/cloudevents+json"
Receive = Callable[[RawMessage], Awaitable[Verdict]]


@dataclass(frozen=True)
class Address:
    """Where a recipient is told. Both empty: nowhere to send, a human telephones."""

    url: str = ""
    secret: bytes = field(default=b"", repr=False)


class NoticeSender:
    """The whole of notices out. `run` it beside the intakes; it is the desk of `POST
    /v1/notices/{id}/acknowledge` too.
    """

    def __init__(
        self,
        addresses: Mapping[str, Address],
        own: str,
        receive: Receive,
        post: Post,
        reader: Reader,
        marks: Marks,
        clock: Clock,
        *,
        meter: Metrics = METER,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._addresses = dict(addresses)
        self._own = own
        self._receive = receive
        self._post = post
        self._reader = reader
        self._marks = marks
        self._clock = clock
        self._meter = meter
        self._sleep = sleep
        self._told: dict[str, Owed] = {}
        """Sent or failed, by notice id."""
        self._in_hand: dict[str, Owed] = {}
        """Owed and not settled: a recipient may acknowledge while we still wait for its reply."""
        self._waiting: dict[str, list[Placed]] = {}
        self._cursor = Cursor({})
        self._couriers = {name: Courier(name, self._deliver, clock, sleep) for name in addresses}

    def secrets(self) -> Mapping[str, bytes]:
        """Secret by recipient, where there is one."""
        return {name: address.secret for name, address in self._addresses.items() if address.secret}

    def recipient_of(self, notice_id: str) -> str | None:
        """Whom a notice was sent to."""
        notice = self._notice(notice_id)
        return notice.recipient if notice else None

    async def acknowledge(self, notice_id: str) -> Verdict:
        """The recipient has seen it."""
        notice = self._notice(notice_id)
        if notice is None:
            raise KeyError(notice_id)
        return await self._say("NoticeAcknowledged", notice, "webhook")

    def _notice(self, notice_id: str) -> Owed | None:
        return self._told.get(notice_id) or self._in_hand.get(notice_id)

    async def restore(self) -> None:
        """Take up what was told before, and where the cursor stood."""
        async for stored in self._reader.to_end(NOTICE):
            kind, record = decode(stored.value) if stored.value else ("", {})
            if kind in ("NoticeSent", "NoticeFailed"):
                self._told[record["thing"]] = Owed.of(record)
        self._cursor = Cursor(await self._marks.load(GROUP, NOTICE_OWED))

    async def run(self) -> None:
        """Follow the owed topic and deliver, for ever. Call `restore` first."""
        async with asyncio.TaskGroup() as group:
            for courier in self._couriers.values():
                group.create_task(courier.run())
            group.create_task(self._save())
            group.create_task(self._follow())

    async def _follow(self) -> None:
        while True:
            try:
                async for stored in self._reader.follow(NOTICE_OWED):
                    await self.take(stored)
            except Transient as exc:  # the cursor knows what was taken
                log.warning("notices.reader_lost", error=type(exc).__name__)
                await self._sleep(1.0)

    async def take(self, stored: Stored) -> None:
        """One record of the owed topic."""
        placed = Placed(stored.partition, stored.offset)
        if not self._cursor.fresh(placed):
            return
        try:
            owed = Owed.of(decode(stored.value or b"")[1])
        except (ContractViolation, KeyError) as exc:
            log.error("notice.undecodable", partition=placed.partition, offset=placed.offset, error=str(exc))
            self._cursor.settled(placed)
            return
        if owed.notice_id in self._told:
            self._cursor.settled(placed)
        elif owed.notice_id in self._waiting:
            self._waiting[owed.notice_id].append(placed)
        else:
            self._waiting[owed.notice_id] = [placed]
            self._in_hand[owed.notice_id] = owed
            await self._hand(owed)

    async def _hand(self, owed: Owed) -> None:
        courier = self._couriers.get(owed.recipient)
        if courier is not None and self._addresses[owed.recipient].url:
            courier.hand(owed)
            return
        await self._settle("NoticeFailed", owed, "no address")

    async def _deliver(self, owed: Owed, last: bool) -> bool:
        address = self._addresses[owed.recipient]
        body = json.dumps(self._body(owed), ensure_ascii=False, separators=(",", ":")).encode()
        said = await self._post(
            f"{address.url.rstrip('/')}/{owed.recipient}", address.secret, body, owed.notice_id
        )
        if said.taken:
            await self._settle("NoticeSent", owed, "webhook")
            if said.body.get("acknowledged") is True:
                await self._insist("NoticeAcknowledged", owed, "webhook")
        elif said.never or last:
            await self._settle("NoticeFailed", owed, said.how)
        return said.taken or said.never or last

    def _body(self, owed: Owed) -> dict[str, str | None]:
        return {
            "notice_id": owed.notice_id,
            "recipient": owed.recipient,
            "fact": owed.fact,
            "about": owed.about,
            "person_key": owed.person_key,
            "occurred_at": seconds_text(owed.occurred_at),
            "retracts": owed.retracts,
            "sent_at": seconds_text(self._clock.now()),
        }

    async def _settle(self, kind: str, owed: Owed, how: str) -> None:
        await self._insist(kind, owed, how)
        self._told[owed.notice_id] = owed
        self._in_hand.pop(owed.notice_id, None)
        for placed in self._waiting.pop(owed.notice_id, []):
            self._cursor.settled(placed)

    async def _insist(self, kind: str, owed: Owed, how: str) -> None:
        """What happened is said until the broker has it: nothing is sent again meanwhile."""
        failures = 0
        while (verdict := await self._say(kind, owed, how)).answer is Answer.UNAVAILABLE:
            failures += 1
            await self._sleep(min(5.0, 0.2 * failures))
        if verdict.reason:
            log.error("notice.event_refused", kind=kind, reason=verdict.reason, where=verdict.where)

    async def _say(self, kind: str, owed: Owed, how: str) -> Verdict:
        now = self._clock.now()
        event = {
            "specversion": "1.0",
            "id": f"{owed.notice_id}/{kind}/{now}",
            "source": "homeward/notices",
            "type": ce_type(kind),
            "time": time_text(now),
            "data": {
                "person_key": owed.person_key,
                "thing": owed.notice_id,
                "occurred_at": time_text(now),
                "recipient": owed.recipient,
                "fact": owed.fact,
                "about": owed.about,
                "fact_id": owed.fact_id,
                "retracts": owed.retracts,
                "how": how,
            },
        }
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        verdict = await self._receive(
            RawMessage(self._own, body, now, "notices", str(event["id"]), 0, STRUCTURED)
        )
        if verdict.answer is not Answer.UNAVAILABLE:
            state = kind.removeprefix("Notice").lower()
            self._meter.count("toc_notices_total", recipient=owed.recipient, state=state)
        return verdict

    async def _save(self) -> None:
        while True:
            await self._sleep(1.0)
            await self.save()

    async def save(self) -> None:
        """Make the cursor durable; what could not be saved is saved the next time."""
        marks = self._cursor.moved()
        try:
            await self._marks.save(GROUP, NOTICE_OWED, marks)
        except Transient as exc:
            log.warning("notices.cursor_not_saved", error=type(exc).__name__)
            return
        self._cursor.saved(marks)


def seconds_text(micros: int) -> str:
    """A time as the interface writes it: to the second, UTC."""
    return time_text(micros)[:19] + "Z"
