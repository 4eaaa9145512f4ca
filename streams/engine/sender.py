"""Puts records on partitions in whole batches and says when they are acknowledged. Knows producers, nothing
of state.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from streams.engine.errors import RecordTooLarge
from streams.engine.types import Headers, Output

Acks = list["asyncio.Future[Any]"]
Entry = tuple[bytes, bytes | None, Headers]


@lru_cache(maxsize=1 << 16)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key as every Java client has it: murmur2 (positive) modulo the partition count."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


class Sender:
    """One producer's outgoing records. Order within a partition is the order given."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._counts: dict[str, int] = {}

    async def changelog(
        self, topic: str, partition: int, records: Iterable[tuple[bytes, bytes | None]]
    ) -> Acks:
        """Hand over state records of one partition; the futures resolve when the broker has them."""
        return await self._put(topic, partition, [(key, value, ()) for key, value in records])

    async def outputs(self, outputs: Sequence[Output]) -> Acks:
        """Hand over outputs, each to its own partition or to that of its key."""
        lanes: dict[tuple[str, int], list[Entry]] = defaultdict(list)
        for output in outputs:
            count = self._counts.get(output.topic) or await self._count(output.topic)
            partition = partition_of(output.key, count) if output.partition is None else output.partition
            lanes[output.topic, partition].append((output.key, output.value, output.headers))
        acks: Acks = []
        for (topic, partition), entries in lanes.items():
            acks += await self._put(topic, partition, entries)
        return acks

    async def _count(self, topic: str) -> int:
        count = self._counts[topic] = len(await self._producer.partitions_for(topic))
        return count

    async def _put(self, topic: str, partition: int, entries: list[Entry]) -> Acks:
        acks: Acks = []
        batch = self._producer.create_batch()
        for key, value, headers in entries:
            if batch.append(timestamp=None, key=key, value=value, headers=list(headers)) is None:
                acks.append(await self._producer.send_batch(batch, topic, partition=partition))
                batch = self._producer.create_batch()
                if batch.append(timestamp=None, key=key, value=value, headers=list(headers)) is None:
                    raise RecordTooLarge(f"{topic}: {len(value or b'')} bytes")
        if batch.record_count():
            acks.append(await self._producer.send_batch(batch, topic, partition=partition))
        return acks
