"""Publishing (hop 4): sealed events and quarantine records in, records on their topics, acknowledged by the
broker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.message import RawMessage, Refusal
from connectors.outcome import Outcome
from connectors.ports import Checkpoint, Placed, Producer, Record, no_checkpoint
from runtime.logging import get_logger
from runtime.metrics import METER, Metrics
from schemas.catalogue import QUARANTINE
from schemas.codec import encode
from schemas.errors import ContractViolation
from schemas.headers import to_kafka
from schemas.ids import quarantine_id

log = get_logger("connectors.publisher")


@dataclass(slots=True)
class Became:
    """A kept message and what it became; `refusals` grow by what does not fit the contract, `failure` is
    why it is not settled.
    """

    raw: RawMessage
    placed: Placed
    outcome: Outcome
    refusals: list[Refusal] = field(default_factory=list)
    failure: Exception | None = None

    def refuse(self, violation: ContractViolation) -> None:
        """One of its events can never be written."""
        partner, reason, where = self.raw.partner, violation.reason, violation.where
        log.error("event.not_of_the_contract", partner=partner, reason=reason, where=where)
        self.refusals.append(Refusal(violation.reason, violation.where))


class Publisher:
    """Writes what messages became. Every call returns when all of it is acknowledged or has failed."""

    def __init__(self, producer: Producer, meter: Metrics = METER) -> None:
        self._producer = producer
        self._meter = meter

    async def settle(
        self, became: Sequence[Became], topic: str, checkpoints: Checkpoint = no_checkpoint
    ) -> Sequence[Exception | None]:
        """Everything kept messages of one archive became: the events of all in the order of the messages,
        then their refusals. Says of each message why it is not settled (Transient), or None.

        An event that does not fit the contract is a refusal too; where it does not fit its schema, none of
        its message's is written.
        """
        await self._events(became)
        written = [one for one in became if one.failure is None]
        for _ in written:
            await checkpoints("published")
        await self._refusals(written, topic)
        for _ in written:
            await checkpoints("quarantined")
        return [one.failure for one in became]

    async def _events(self, became: Sequence[Became]) -> None:
        work: list[tuple[Became, Record]] = []
        for one in became:
            one.refusals = list(one.outcome.refusals)
            try:
                work += [(one, record) for record in _event_records(one.outcome)]
            except ContractViolation as violation:
                one.refuse(violation)
        await self._write(work)
        published = Counter(record[0] for one, record in work if one.failure is None)
        for topic, number in published.items():
            self._meter.count("toc_events_published_total", number, topic=topic)

    async def _refusals(self, became: Sequence[Became], topic: str) -> None:
        refused = [(one, refusal) for one in became for refusal in one.refusals]
        await self._write([(one, _quarantine_record(one, topic, refusal)) for one, refusal in refused])
        for one, refusal in refused:
            if one.failure is None:
                self._meter.count("toc_refusals_total", partner=one.raw.partner, reason=str(refusal.reason))

    async def _write(self, work: Sequence[tuple[Became, Record]]) -> None:
        ends = await self._producer.publish_all([record for _, record in work])
        for (one, _), end in zip(work, ends, strict=True):
            if isinstance(end, ContractViolation):
                one.refuse(end)
            elif isinstance(end, Exception):
                one.failure = one.failure or end


def _event_records(outcome: Outcome) -> list[Record]:
    return [
        (event.topic, event.key, encode(event.schema, event.record), to_kafka(event.headers))
        for event in outcome.events
    ]


def _quarantine_record(one: Became, topic: str, refusal: Refusal) -> Record:
    record = quarantined(one.raw, one.placed, topic, one.outcome.message_id, refusal)
    return (QUARANTINE, str(record["quarantine_id"]), encode("Quarantined.v1", record), ())


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
