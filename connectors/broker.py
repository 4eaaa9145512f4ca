"""The broker as the connectors see it: the runtime's producer, reader and marks behind the ports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from connectors.ports import Stored
from runtime.brokers.traits import BrokerTraits
from runtime.kafka.reader import Message, Reader
from runtime.settings import Settings


@dataclass(frozen=True)
class BrokerReader:
    """Opens a reader a question: the connectors read at start, in tools, and to follow the notices owed."""

    bootstrap: str
    traits: BrokerTraits
    settings: Settings | None = None

    async def to_end(self, topic: str) -> AsyncIterator[Stored]:
        """Every record there was when asked."""
        async with Reader(self.bootstrap, [topic], self.traits, self.settings) as reader:
            async for batch in reader.to_end():
                for message in batch:
                    yield _stored(message)

    async def follow(self, topic: str) -> AsyncIterator[Stored]:
        """Every record there is and will be."""
        async with Reader(self.bootstrap, [topic], self.traits, self.settings) as reader:
            async for batch in reader.follow():
                for message in batch:
                    yield _stored(message)


def _stored(message: Message) -> Stored:
    return Stored(message.key, message.value, message.headers, message.partition, message.offset)
