"""Durable marks: how far a reader without group membership has come, kept as a consumer group's committed
offsets.

In: a group's name, a topic and the next offset of each partition. Out: the same, after any restart. One
holder a group at a time: there is no membership, so nobody is fenced; what is done twice must have no further
effect.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from runtime.errors import Misconfigured, Transient
from runtime.kafka.security import reader_options
from runtime.settings import Settings

_LOOKS, _LOOK_SECONDS = 500, 0.02


class Marks:
    """`async with Marks(bootstrap) as marks: await marks.load(group, topic)`."""

    def __init__(self, bootstrap: str, settings: Settings | None = None) -> None:
        self._bootstrap = bootstrap
        self._settings = settings
        self._clients: dict[str, AIOKafkaConsumer] = {}

    async def __aenter__(self) -> Marks:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the broker."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.stop()

    async def load(self, group: str, topic: str) -> dict[int, int]:
        """Next offset by partition as last saved; a partition never saved is not in it."""
        with _mapped():
            client = await self._client(group)
            found = {}
            for number in await self._partitions(client, topic):
                committed = await client.committed(TopicPartition(topic, number))
                if committed is not None:
                    found[number] = int(committed)
            return found

    async def save(self, group: str, topic: str, marks: Mapping[int, int]) -> None:
        """Save marks; returns when the broker has them. Raises Transient."""
        if not marks:
            return
        with _mapped():
            client = await self._client(group)
            await self._partitions(client, topic)
            await client.commit({TopicPartition(topic, number): offset for number, offset in marks.items()})

    async def _client(self, group: str) -> AIOKafkaConsumer:
        if group not in self._clients:
            client = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap,
                group_id=group,
                enable_auto_commit=False,
                **(reader_options(self._settings) if self._settings else {}),
            )
            await client.start()
            self._clients[group] = client
        return self._clients[group]

    async def _partitions(self, client: AIOKafkaConsumer, topic: str) -> list[int]:
        """The topic's partitions, all of them assigned: only then may their marks be committed."""
        first = TopicPartition(topic, 0)
        if first not in client.assignment():
            if topic not in await client.topics():
                raise Misconfigured(f"topic {topic} is not there: run `homeward topics apply`")
            client.assign({first} | client.assignment())
            client.pause(*client.assignment())
        numbers = sorted(await self._known(client, topic))
        wanted = {TopicPartition(topic, number) for number in numbers}
        if not wanted <= client.assignment():
            client.assign(wanted | client.assignment())
            client.pause(*client.assignment())  # its marks are wanted, not its records
        return numbers

    async def _known(self, client: AIOKafkaConsumer, topic: str) -> set[int]:
        """The partitions of an assigned topic become known with the next metadata, soon after."""
        for _ in range(_LOOKS):
            found: set[int] | None = client.partitions_for_topic(topic)
            if found:
                return found
            await asyncio.sleep(_LOOK_SECONDS)
        raise Transient(f"marks: the broker does not describe {topic}")


@contextlib.contextmanager
def _mapped() -> Iterator[None]:
    """aiokafka's errors, mapped once."""
    try:
        yield
    except KafkaError as exc:
        raise Transient(f"marks: {type(exc).__name__}") from None
