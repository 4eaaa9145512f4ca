"""The one reader of views and of anything that follows topics: aiokafka, read_committed, no group.

In: topics. Out: batches of messages, oldest first within a partition; and the knowledge of having read
all there was. Offset gaps are normal: commit markers occupy offsets.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from runtime.brokers.traits import BrokerTraits
from runtime.errors import Misconfigured, Transient
from runtime.kafka.security import reader_options
from runtime.settings import Settings
from schemas.catalogue import record_bytes

_FETCH_WAIT_MS = 25
_POLL_MS = 200
_LAYOUT_S = 30.0
"""A broker that is just starting answers, but names no broker and no topic: that long it is asked again."""
_LAYOUT_POLL_S = 0.2


class Message(NamedTuple):
    """One record of a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int


class LogMoved(Exception):
    """The log does not go on where a reader stopped: what lay between is not there any more."""


Ends = dict[Any, int]
"""Topic partition -> the offset after its last readable record."""


class Reader:
    """`async with Reader(bootstrap, topics, traits) as reader: async for batch in reader.follow(): …`."""

    def __init__(
        self,
        bootstrap: str,
        topics: Sequence[str],
        traits: BrokerTraits,
        settings: Settings | None = None,
        since_ms: int | None = None,
        start: Mapping[tuple[str, int], int] | None = None,
    ) -> None:
        """`since_ms`: leave out records with an older broker timestamp (epoch ms). `start`: the offset to
        begin at, by topic and partition; others begin where their log does.
        """
        self._start = start or {}
        self._topics, self._traits, self._since_ms = tuple(topics), traits, since_ms
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            # Kafka hands out a larger record all the same, the embedded broker does not promise it.
            max_partition_fetch_bytes=max(record_bytes(topic) for topic in topics),
            **(reader_options(settings) if settings else {}),
        )
        self._ends: Ends = {}
        self.caught_up = False
        """True once everything there was when reading began has been handed out."""

    async def __aenter__(self) -> Self:
        """Connect and stand at the beginning, or where `start` says.

        Raises Transient (nobody answers), Misconfigured (a topic is missing) LogMoved (`start` is outside).
        """
        with _mapped():
            await self._consumer.start()
        try:
            with _mapped():
                await self._stand()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the broker."""
        await self._consumer.stop()

    async def to_end(self) -> AsyncIterator[list[Message]]:
        """Batches up to what was there when reading began, then stop."""
        while not self.caught_up:
            batch = await self.poll()
            if batch:
                yield batch

    async def follow(self) -> AsyncIterator[list[Message]]:
        """Batches for ever. An empty one is handed out when `caught_up` turns true without news."""
        while True:
            before = self.caught_up
            batch = await self.poll()
            if batch or self.caught_up != before:
                yield batch

    async def poll(self) -> list[Message]:
        """What has come, waiting a fifth of a second at most. Raises Transient."""
        with _mapped():
            fetched = await self._consumer.getmany(timeout_ms=_POLL_MS)
        batch = [
            _message(record) for records in fetched.values() for record in records if self._wanted(record)
        ]
        if not self.caught_up:
            # Only after the fetch: the position passes commit markers inside it (streaming.md §4.10, trap 4).
            self.caught_up = await self._at_ends()
        return batch

    async def ends(self) -> Ends:
        """Where everything that can be read now ends. Raises Transient."""
        partitions = list(self._consumer.assignment())
        if self._traits.trust_fetch_watermarks:
            return {partition: self._consumer.highwater(partition) or 0 for partition in partitions}
        with _mapped():
            return dict(await self._consumer.end_offsets(partitions))

    async def passed(self, ends: Ends) -> bool:
        """Whether all of that was handed out. Call it after a batch was taken."""
        return all([await self._consumer.position(partition) >= end for partition, end in ends.items()])

    def _wanted(self, record: Any) -> bool:
        return self._since_ms is None or record.timestamp >= self._since_ms

    async def _stand(self) -> None:
        # Partitions are known only of topics the client was told of; aiokafka has no public way to tell it.
        await self._consumer._client.set_topics(self._topics)
        await has_layout(self._consumer._client)
        partitions = []
        for topic in self._topics:
            found = self._partitions(topic)
            partitions += [TopicPartition(topic, number) for number in sorted(found)]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_beginning(*partitions)
        if not self._traits.trust_fetch_watermarks:
            # Under read_committed this is the last stable offset.
            self._ends = dict(await self._consumer.end_offsets(partitions))
            await self._skip_to_since(partitions)
            await self._go_on(partitions)

    async def _go_on(self, partitions: list[Any]) -> None:
        begins = await self._consumer.beginning_offsets(partitions) if self._start else {}
        for partition in partitions:
            at = self._start.get((partition.topic, partition.partition))
            if at is None:
                continue
            if not begins[partition] <= at <= self._ends[partition]:
                raise LogMoved(f"{partition.topic} {partition.partition}")
            self._consumer.seek(partition, at)

    async def _skip_to_since(self, partitions: list[Any]) -> None:
        if self._since_ms is None:
            return
        found = await self._consumer.offsets_for_times(dict.fromkeys(partitions, self._since_ms))
        for partition, at in found.items():
            self._consumer.seek(partition, at.offset if at else self._ends[partition])

    def _partitions(self, topic: str) -> set[int]:
        found: set[int] | None = self._consumer.partitions_for_topic(topic)
        if not found:
            raise Misconfigured(f"topic {topic} is not there: run `homeward topics apply`")
        return found

    async def _at_ends(self) -> bool:
        for partition in self._consumer.assignment():
            end = self._ends.get(partition)
            if end is None:
                # The embedded broker's ListOffsets is wrong, the high watermark of its fetches is right.
                end = self._consumer.highwater(partition)
                if end is None:
                    return False
                self._ends[partition] = end
            if await self._consumer.position(partition) < end:
                return False
        return True


async def has_layout(client: Any, patience_s: float = _LAYOUT_S) -> None:
    """Return once the cluster has named its brokers: before that no topic is known, which says nothing about
    whether there is one. Raises Transient.
    """
    deadline = time.monotonic() + patience_s
    while not client.cluster.brokers():
        if time.monotonic() > deadline:
            raise Transient("reading: the broker is up and names no brokers yet")
        await asyncio.sleep(_LAYOUT_POLL_S)
        await client.force_metadata_update()


def _message(record: Any) -> Message:
    return Message(
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.value,
        tuple(record.headers),
        record.timestamp,
    )


@contextlib.contextmanager
def _mapped() -> Iterator[None]:
    """aiokafka's errors, mapped once."""
    try:
        yield
    except KafkaError as exc:
        raise Transient(f"reading: {type(exc).__name__}") from None
