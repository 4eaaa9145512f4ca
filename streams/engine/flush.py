"""Makes one cut of a partition durable and visible, with its progress. Two ways, chosen by the broker's
traits (design.md §6).

Fenced: state, outputs and applied marker in one transaction: atomic, and refused by the broker once the
partition has a new owner. Plain: state and marker acknowledged, then outputs, then a published marker; a
recovery sends outputs again for later keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from aiokafka import AIOKafkaProducer

from streams.engine.markers import APPLIED, PUBLISHED, Progress, applied
from streams.engine.plan import Checkpoint
from streams.engine.sender import Sender
from streams.engine.types import Output

State = list[tuple[bytes, bytes | None]]


class Flusher(Protocol):
    """How a partition's cut reaches the broker. Raises what the client raises: the caller treats every
    failure as a loss.
    """

    async def send(self, state: State, outputs: Sequence[Output], progress: Progress) -> None:
        """Return when all of it is acknowledged."""


class FencedFlush:
    """One transaction per flush. `producer` has a transactional id that names the partition."""

    def __init__(
        self, producer: AIOKafkaProducer, changelog: str, partition: int, checkpoint: Checkpoint
    ) -> None:
        self._producer, self._sender = producer, Sender(producer)
        self._changelog, self._partition, self._checkpoint = changelog, partition, checkpoint

    async def send(self, state: State, outputs: Sequence[Output], progress: Progress) -> None:
        """State and marker, outputs, then the commit that makes all of them readable at once. Raises what the
        broker refused the producer with, also where the producer itself was first to say that it is over.
        """
        try:
            await self._transact(state, outputs, progress)
        except Exception as exc:
            refusal = _refusal(self._producer)
            if refusal is None or refusal is exc:
                raise
            raise refusal from exc

    async def _transact(self, state: State, outputs: Sequence[Output], progress: Progress) -> None:
        await self._producer.begin_transaction()
        self._checkpoint("begun", self._partition)
        marked = [*state, (APPLIED, applied(progress))]
        acks = await self._sender.changelog(self._changelog, self._partition, marked)
        self._checkpoint("state_sent", self._partition)
        acks += await self._sender.outputs(outputs)
        self._checkpoint("outputs_sent", self._partition)
        await asyncio.gather(*acks)  # ProducerFenced surfaces here or in the commit
        self._checkpoint("acked", self._partition)
        await self._producer.commit_transaction()
        self._checkpoint("committed", self._partition)


def _refusal(producer: AIOKafkaProducer) -> BaseException | None:
    """What the broker refused a producer with for good; it learns of it beside what it is asked to do."""
    transactions = producer._txn_manager
    ended = transactions.wait_for_transaction_end()
    return ended.exception() if transactions.is_fatal_error() and ended.done() else None


class PlainFlush:
    """State before outputs: a crash between them is repaired by the next owner, which sends the outputs
    again.
    """

    def __init__(
        self, producer: AIOKafkaProducer, changelog: str, partition: int, checkpoint: Checkpoint
    ) -> None:
        self._sender = Sender(producer)
        self._changelog, self._partition, self._checkpoint = changelog, partition, checkpoint

    async def send(self, state: State, outputs: Sequence[Output], progress: Progress) -> None:
        """State and marker acknowledged, outputs acknowledged, published marker acknowledged."""
        marked = [*state, (APPLIED, applied(progress))]
        if not outputs:
            marked.append((PUBLISHED, b"1"))
        await self._write(marked)
        self._checkpoint("state_acked", self._partition)
        if outputs:
            await asyncio.gather(*await self._sender.outputs(outputs))
            self._checkpoint("outputs_acked", self._partition)
            await self._write([(PUBLISHED, b"1")])
        self._checkpoint("published", self._partition)

    async def _write(self, records: State) -> None:
        await asyncio.gather(*await self._sender.changelog(self._changelog, self._partition, records))
