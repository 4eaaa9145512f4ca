"""Fakes of the broker and of a pipeline for the tests of the connectors process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.message import RawMessage, Refusal, SealedEvent
from connectors.ports import Placed, Record, Stored
from runtime.errors import Transient
from schemas.codec import decode
from schemas.errors import ContractViolation


class Crash(BaseException):
    """The process is gone: nothing may catch this."""


class FakeBroker:
    """Topics of one partition in memory; says no when told to. Producer, Reader and Marks in one."""

    def __init__(self) -> None:
        self.topics: dict[str, list[Stored]] = {}
        self.groups: dict[tuple[str, str], dict[int, int]] = {}
        self.down: set[str] = set()
        """Topics (or beginnings of them) that refuse writes."""
        self.down_keys: set[str] = set()
        self.too_large: set[str] = set()
        self.handed: list[list[str]] = []
        """Topics of what was handed over together."""
        self.slow: dict[str, asyncio.Event] = {}

    async def publish(
        self,
        topic: str,
        key: str | bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> Placed:
        await asyncio.sleep(0)
        for prefix, gate in self.slow.items():
            if topic.startswith(prefix):
                await gate.wait()
        if key in self.down_keys or any(topic.startswith(prefix) for prefix in self.down):
            raise Transient(f"{topic} is down")
        if topic in self.too_large:
            raise ContractViolation("TOO_LARGE")
        log = self.topics.setdefault(topic, [])
        log.append(Stored(key.encode() if isinstance(key, str) else key, value, tuple(headers), 0, len(log)))
        return Placed(0, len(log) - 1)

    async def publish_all(self, records: Sequence[Record]) -> list[Placed | Exception]:
        ends: list[Placed | Exception] = []
        self.handed.append([record[0] for record in records])
        for record in records:
            try:
                ends.append(await self.publish(*record))
            except (Transient, ContractViolation) as exc:
                ends.append(exc)
        return ends

    async def to_end(self, topic: str) -> AsyncIterator[Stored]:
        for stored in list(self.topics.get(topic, [])):
            yield stored

    async def follow(self, topic: str) -> AsyncIterator[Stored]:
        at = 0
        while True:
            log = self.topics.get(topic, [])
            while at < len(log):
                yield log[at]
                at += 1
            await asyncio.sleep(0.005)

    async def load(self, group: str, topic: str) -> dict[int, int]:
        return dict(self.groups.get((group, topic), {}))

    async def save(self, group: str, topic: str, marks: Mapping[int, int]) -> None:
        self.groups.setdefault((group, topic), {}).update(marks)

    def records(self, topic: str) -> list[dict[str, Any]]:
        return [decode(stored.value)[1] for stored in self.topics.get(topic, []) if stored.value is not None]

    def kinds(self, topic: str) -> list[str]:
        return [decode(stored.value)[0] for stored in self.topics.get(topic, []) if stored.value is not None]


@dataclass(frozen=True)
class Said:
    """An outcome made by hand."""

    kind: str = "accepted"
    cause: str = ""
    message_id: str = ""
    events: Sequence[SealedEvent] = ()
    refusals: Sequence[Refusal] = ()
    scope_class: str = ""
    units: Mapping[tuple[Any, str], int] = field(default_factory=lambda: {("accepted", ""): 1})


@dataclass
class FakePipeline:
    """One event a message; knows duplicates by their bytes; refuses or fails on given words."""

    seen: set[bytes] = field(default_factory=set)
    processed: list[bytes] = field(default_factory=list)

    always: Said | None = None

    def process(self, raw: RawMessage) -> Said:
        self.processed.append(raw.body)
        if self.always is not None:
            return self.always
        if b"explode" in raw.body:
            raise ValueError("a bug of ours")
        if b"scope" in raw.body:
            return Said("ignored", "out of scope", scope_class="O")
        if raw.body in self.seen:
            return Said("duplicate", "same id")
        self.seen.add(raw.body)
        if b"refuse" in raw.body:
            return Said("quarantined", refusals=(Refusal("BAD_DATE", "EVN-6"),))
        if b"unfit" in raw.body:
            return Said(events=(SealedEvent(EVENTS, "k", "FeedHeard.v1", {"partner": 7}, {}),))
        return Said(events=(event(raw),))


EVENTS = "toc.feed.v1"


def event(raw: RawMessage) -> SealedEvent:
    """A small event that says which message it is of."""
    record = {
        "event_id": raw.sha256,
        "partner": raw.partner,
        "occurred_at": raw.received_at,
        "recorded_at": 1,
        "received_at": 1,
    }
    return SealedEvent(EVENTS, "key", "FeedHeard.v1", record, {"ce_id": raw.sha256})
