"""Feed health: heard is said at most every five seconds, silence by the partner's own threshold."""

from __future__ import annotations

import asyncio

import pytest

from connectors.feed import FeedHealth
from runtime.clock import SECOND, FakeClock
from runtime.errors import Transient
from runtime.metrics import Metrics
from schemas.catalogue import FEED
from tests.connectors.process.parts import FakeBroker


class Feeds:
    """Two feeds under clocks moved by hand."""

    def __init__(self, broker: FakeBroker | None = None, start: int = 1_800_000_000) -> None:
        self.broker = broker or FakeBroker()
        self.clock = FakeClock(start * SECOND)
        self.real = 0.0
        self.health = FeedHealth(
            {"adt": 30, "council": 60}, self.clock, self.broker, lambda: self.real, Metrics()
        )

    def tick(self, seconds: float = 0, heard: str = "") -> list[str]:
        """Let time pass, perhaps hear someone; what was said since the beginning."""
        self.clock.advance(seconds)
        self.real += seconds
        if heard:
            self.health.heard(heard)
        asyncio.run(self.health.tick())
        return [
            f"{kind[4:]} {record['partner']}"
            for kind, record in zip(self.broker.kinds(FEED), self.broker.records(FEED), strict=True)
        ]


class TestFeedHealth:
    """What is said of a feed."""

    def test_heard_is_said_at_most_every_five_seconds_but_never_swallowed(self) -> None:
        feeds = Feeds()
        assert feeds.tick(0, "adt") == ["Heard adt"]
        assert feeds.tick(1, "adt") == ["Heard adt"]
        assert feeds.tick(1) == ["Heard adt"]
        assert feeds.tick(3) == ["Heard adt", "Heard adt"]
        assert feeds.broker.records(FEED)[-1]["heard_at"] == 1_800_000_001 * SECOND
        assert feeds.tick(100) == ["Heard adt", "Heard adt"]

    def test_silence_is_each_partners_own_and_said_once(self) -> None:
        feeds = Feeds()
        feeds.tick(0, "adt")
        assert feeds.tick(30 * 60) == ["Heard adt"]
        assert feeds.tick(1) == ["Heard adt", "Silent adt"]
        assert feeds.tick(29 * 60) == ["Heard adt", "Silent adt"]
        assert feeds.tick(60) == ["Heard adt", "Silent adt", "Silent council"]
        silent = feeds.broker.records(FEED)
        assert silent[1]["heard_at"] == 1_800_000_000 * SECOND
        assert silent[1]["silence_minutes"] == pytest.approx(30, abs=0.02)
        assert silent[2]["heard_at"] is None

    def test_a_silent_feed_that_is_heard_has_recovered(self) -> None:
        feeds = Feeds()
        feeds.tick(0, "adt")
        feeds.tick(31 * 60)
        assert feeds.tick(1, "adt")[-2:] == ["Recovered adt", "Heard adt"]

    def test_a_restart_is_neither_recovery_nor_new_silence(self) -> None:
        before = Feeds()
        before.tick(0, "adt")
        before.tick(31 * 60)
        said = before.tick(1)
        after = Feeds(before.broker, 1_800_000_000 + 40 * 60)
        asyncio.run(after.health.restore(after.broker))
        assert after.tick(60) == said
        assert after.tick(1, "adt") == [*said, "Recovered adt", "Heard adt"]

    def test_what_could_not_be_said_is_said_later(self) -> None:
        feeds = Feeds()
        feeds.broker.down = {FEED}
        with pytest.raises(Transient):
            feeds.tick(0, "adt")
        feeds.broker.down = set()
        assert feeds.tick(1) == ["Heard adt"]
