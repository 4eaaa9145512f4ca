"""Batches under way when the broker dies expire when it stays away: publishing goes on once it is back."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from runtime.brokers.kafka import KafkaBroker
from runtime.errors import Transient
from runtime.kafka.admin import Wanted, cluster
from runtime.kafka.producer import Producer

DELIVERY_MS = 2000
BACK_SECONDS = 60.0


@pytest.mark.kafka
@pytest.mark.fault
@pytest.mark.slow
def test_publishing_goes_on_after_an_outage_longer_than_a_batch_lives(brokers: Any) -> None:
    node = KafkaBroker(brokers.cache)
    try:
        node.start()
        with cluster(node.bootstrap) as found:
            found.apply(found.plan([Wanted("kept", 3, 1)]))
        refused, seconds = asyncio.run(publish_over_an_outage(node))
    finally:
        node.close()
    assert refused > 0, "batches were under way, and expired"
    assert seconds < BACK_SECONDS


async def publish_over_an_outage(node: KafkaBroker) -> tuple[int, float]:
    """Publish on many lanes, kill -9 the broker, stay away. Refusals, and the seconds until the next yes."""
    refused, over = 0, asyncio.Event()
    async with Producer(node.bootstrap, delivery_ms=DELIVERY_MS) as producer:

        async def lane(name: int) -> None:
            nonlocal refused
            while not over.is_set():
                try:
                    await producer.publish("kept", f"{name}-{time.monotonic_ns()}", b"x")
                except Transient:
                    refused += 1

        lanes = [asyncio.create_task(lane(name)) for name in range(12)]
        await asyncio.sleep(1.0)
        await asyncio.to_thread(node.kill)
        await asyncio.sleep(2 * DELIVERY_MS / 1000)
        over.set()
        await asyncio.to_thread(node.start)
        began = time.monotonic()
        while time.monotonic() - began < BACK_SECONDS:
            try:
                await producer.publish("kept", "after", b"after")
                break
            except Transient:
                continue
        seconds = time.monotonic() - began
        await asyncio.gather(*lanes)
    return refused, seconds
