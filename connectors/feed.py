"""Feed health as a domain fact (design.md §7): who was heard in, FeedHeard / FeedSilent / FeedRecovered
records out.

FeedHeard at most every five real seconds per partner; silence is judged on the shared clock by each
partner's `silence_minutes`.
A mere drop of rate says nothing here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from connectors.ports import Producer, Reader
from runtime.clock import SECOND, Clock
from runtime.errors import Transient
from runtime.logging import get_logger
from runtime.metrics import METER, Metrics
from schemas.catalogue import FEED
from schemas.codec import decode, encode
from schemas.headers import headers, to_kafka
from schemas.ids import event_id

log = get_logger("connectors.feed")

HEARD_SECONDS = 5.0
TICK_SECONDS = 0.25


@dataclass(slots=True)
class _Feed:
    silence_minutes: float
    heard_at: int
    """When it was last heard, or when we began to listen."""
    ever_heard: bool = False
    silent: bool = False
    news: bool = False
    said_at: float = float("-inf")


class FeedHealth:
    """The feeds of one process. `heard` is called by the intakes; `tick` publishes what there is to say."""

    def __init__(
        self,
        silence_minutes: Mapping[str, float],
        clock: Clock,
        producer: Producer,
        real_seconds: Any = monotonic,
        meter: Metrics = METER,
    ) -> None:
        self._clock = clock
        self._producer = producer
        self._real_seconds = real_seconds
        self._meter = meter
        self._feeds = {partner: _Feed(minutes, clock.now()) for partner, minutes in silence_minutes.items()}

    def heard(self, partner: str) -> None:
        """Something came from the partner, whatever it was worth."""
        feed = self._feeds[partner]
        feed.heard_at, feed.ever_heard, feed.news = self._clock.now(), True, True
        self._meter.gauge("toc_feed_heard_seconds", feed.heard_at / SECOND, partner=partner)

    async def restore(self, reader: Reader) -> None:
        """Take up the state the feeds were left in: a restart is not a recovery."""
        async for stored in reader.to_end(FEED):
            if stored.value is None:
                continue
            kind, record = decode(stored.value)
            feed = self._feeds.get(record["partner"])
            if feed is None:
                continue
            feed.silent = kind == "FeedSilent"
            if record["heard_at"]:
                feed.heard_at, feed.ever_heard = record["heard_at"], True

    async def tick(self) -> None:
        """Publish what changed; what could not be published is said at the next tick."""
        for partner, feed in self._feeds.items():
            if feed.news:
                await self._say_heard(partner, feed)
            elif not feed.silent and self._clock.now() - feed.heard_at > feed.silence_minutes * 60 * SECOND:
                quiet = (self._clock.now() - feed.heard_at) / (60 * SECOND)
                heard_at = feed.heard_at if feed.ever_heard else None
                await self._publish("FeedSilent", partner, heard_at=heard_at, silence_minutes=quiet)
                feed.silent = True

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            try:
                await self.tick()
            except Transient as exc:
                log.warning("feed.not_published", error=type(exc).__name__)
            await asyncio.sleep(TICK_SECONDS)

    async def _say_heard(self, partner: str, feed: _Feed) -> None:
        if feed.silent:
            await self._publish("FeedRecovered", partner, heard_at=feed.heard_at)
            feed.silent = False
        if self._real_seconds() - feed.said_at >= HEARD_SECONDS:
            heard_at = feed.heard_at
            await self._publish("FeedHeard", partner, heard_at=heard_at)
            feed.said_at, feed.news = self._real_seconds(), feed.heard_at > heard_at

    async def _publish(self, kind: str, partner: str, **fields: Any) -> None:
        now = self._clock.now()
        record = {
            "event_id": event_id(partner, str(now), "", kind),
            "partner": partner,
            "occurred_at": now if kind == "FeedSilent" else fields["heard_at"],
            "recorded_at": now,
            "received_at": now,
            **fields,
        }
        pairs = to_kafka(headers(kind, record, partner))
        await self._producer.publish(FEED, partner, encode(f"{kind}.v1", record), pairs)
