"""Publishing (hop 4): sealed events and quarantine records in, records on their topics, acknowledged by the
broker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable

from connectors.message import RawMessage, Refusal, SealedEvent
from connectors.outcome import Outcome
from connectors.ports import Checkpoint, Placed, Producer, no_checkpoint
from runtime.logging import get_logger
from runtime.metrics import METER, Metrics
from schemas.catalogue import QUARANTINE
from schemas.codec import encode
from schemas.errors import ContractViolation
from schemas.headers import to_kafka
from schemas.ids import quarantine_id

log = get_logger("connectors.publisher")


class Publisher:
    """Writes what one message became. Every call returns when all of it is acknowledged, or raises
    Transient.
    """

    def __init__(self, producer: Producer, meter: Metrics = METER) -> None:
        self._producer = producer
        self._meter = meter

    async def publish(self, events: Iterable[SealedEvent]) -> None:
        """The events of one message, handed over in their order and waited for together.

        Raises ContractViolation before anything is written when one does not fit its schema.
        """
        encoded = [(event, encode(event.schema, event.record)) for event in events]
        await _all(self._one(event, value) for event, value in encoded)

    async def _one(self, event: SealedEvent, value: bytes) -> None:
        await self._producer.publish(event.topic, event.key, value, to_kafka(event.headers))
        self._meter.count("toc_events_published_total", topic=event.topic)

    async def settle(
        self,
        raw: RawMessage,
        placed: Placed,
        topic: str,
        outcome: Outcome,
        checkpoints: Checkpoint = no_checkpoint,
    ) -> None:
        """Everything a kept message became: its events, then its refusals. An event that does not
        fit the contract is a refusal too.
        """
        refusals = list(outcome.refusals)
        try:
            await self.publish(outcome.events)
        except ContractViolation as exc:
            log.error("event.not_of_the_contract", partner=raw.partner, reason=exc.reason, where=exc.where)
            refusals.append(Refusal(exc.reason, exc.where))
        await checkpoints("published")
        records = [quarantined(raw, placed, topic, outcome.message_id, refusal) for refusal in refusals]
        await _all(
            self._producer.publish(QUARANTINE, str(r["quarantine_id"]), encode("Quarantined.v1", r))
            for r in records
        )
        await checkpoints("quarantined")
        for refusal in refusals:
            self._meter.count("toc_refusals_total", partner=raw.partner, reason=str(refusal.reason))


def quarantined(
    raw: RawMessage, placed: Placed, topic: str, message_id: str, refusal: Refusal, stage: str = "translate"
) -> dict[str, str | int]:
    """The Quarantined record of a refusal: where it is and why, and where the sealed bytes stand; never
    a value of the message.
    """
    return {
        "quarantine_id": quarantine_id(raw.partner, raw.sha256, refusal.reason, refusal.where),
        "partner": raw.partner,
        "sha256": raw.sha256,
        "message_id": message_id,
        "reason": str(refusal.reason),
        "where": refusal.where,
        "received_at": raw.received_at,
        "stage": stage,
        "topic": topic,
        "partition": placed.partition,
        "offset": placed.offset,
    }


async def _all(work: Iterable[Awaitable[object]]) -> None:
    """Wait for every one, then raise the first failure: none is left running behind a refusal."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
