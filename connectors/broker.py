"""The broker as the connectors see it: the runtime's producer, reader and marks behind the ports."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from connectors.ports import Stored
from runtime.brokers.detect import detect
from runtime.brokers.traits import BrokerTraits
from runtime.kafka.marks import Marks
from runtime.kafka.producer import Producer
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


@contextlib.asynccontextmanager
async def clients_of(settings: Settings) -> AsyncIterator[tuple[Producer, BrokerReader, Marks]]:
    """The producer, reader and marks of the configured cluster. Raises Transient when nobody answers."""
    bootstrap = settings.bootstrap()
    traits = await asyncio.to_thread(detect, bootstrap, settings)
    async with Producer(bootstrap, settings) as producer, Marks(bootstrap, settings) as marks:
        yield producer, BrokerReader(bootstrap, traits, settings), marks
