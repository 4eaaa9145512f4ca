"""What a fold publishes, as records: the view, forwards between keys, notices owed, refusals. Ids and bodies
come from the state alone.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from runtime.metrics import METER
from schemas import ids
from schemas.catalogue import FORWARD, NOTICE_OWED, QUARANTINE, VIEW_PRESSURE, VIEW_PROGRESS, VIEW_TRANSFER
from schemas.codec import encode, record_from_fact
from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.headers import headers, to_kafka
from streams.core.identity import messages
from streams.core.pressure.measures import Measure
from streams.core.state.publish import Published
from streams.core.views.view import OwedNotice, View
from streams.engine.progress import Reached
from streams.engine.types import Output, Record

WORKER = "worker"
"""Stands as the partner of what the fold says itself."""


def published_outputs(key: bytes, published: Published) -> Iterator[Output]:
    """Everything a state was found to owe: the view before the receipts that say it is there: in one flush
    they become visible together or in this order.
    """
    if published.view is not None:
        yield view_output(published.view)
    elif published.tombstone:
        yield tombstone_output(VIEW_TRANSFER, key.decode())
    yield from map(forward_output, published.messages)
    yield from (owed_output(key.decode(), owed) for owed in published.owed)


def view_output(view: View) -> Output:
    """The value of a person's view."""
    return record_output(VIEW_TRANSFER, "TransferView", view.person_key, {
        "person_key": view.person_key, "status": view.status, "merged_into": view.merged_into,
        "received_through": view.received_through, "version": view.version,
        "lines": [line.decode() for line in view.lines],
    }, checked=False)


def tombstone_output(topic: str, key: str) -> Output:
    """Nothing is shown under this key of a view topic any more."""
    return Output(topic, key.encode(), None, (), None)


def forward_output(addressed: messages.Addressed) -> Output:
    """A message to another key; its partition is that of the receiver's facts."""
    return Output(FORWARD, addressed.to.encode(), messages.encode(addressed.message), (), None)


def owed_output(key: str, owed: OwedNotice) -> Output:
    """A notice the fold owes; sent again it has the same id and body."""
    notice, at = owed
    event_id = ids.event_id(WORKER, notice.notice_id, "", "NoticeOwed")
    body = {
        "recipient": notice.recipient, "title": notice.title, "fact": notice.fact, "about": notice.about,
        "fact_id": notice.fact_id, "retracts": notice.retracts,
    }
    said = {name: value for name, value in body.items() if value is not None}
    fact = Fact(event_id, "NoticeOwed", WORKER, key, None, notice.notice_id, at, at, at, body=said)
    return record_output(NOTICE_OWED, "NoticeOwed", key, record_from_fact(fact))


def measure_output(key: str, one: Measure, line: bytes) -> Output:
    """The value of a measure; `line` is its line of the public interface."""
    return record_output(VIEW_PRESSURE, "MeasureView", key, {
        "measure": one.measure, "subject": one.subject, "until_at": one.until, "as_at": one.as_at,
        "known_at": one.known_at, "value": one.value, "numerator": one.numerator,
        "denominator": one.denominator, "complete": one.complete, "missing": list(one.missing),
        "sources": [{"source": source, "heard_at": at} for source, at in one.heard],
        "line": line.decode(),
    }, checked=False)


def progress_output(reached: Reached, partitions: int) -> Output:
    """How far a partition of the views is; the key is its number, so that the last one stays."""
    return record_output(VIEW_PROGRESS, "ViewProgress", str(reached.partition), {
        "partition": reached.partition, "partitions": partitions, "complete_to": reached.complete_to,
        "written_at": reached.written_at, "forwarded": reached.forwarded,
    })


def refused_of(
    topic: str, records: Sequence[Record], take: Callable[[bytes, bytes], None]
) -> Iterator[Output]:
    """Hand each record's key and value to `take`; what is owed to the quarantine of those it refuses."""
    for record in records:
        try:
            take(record.key or b"", record.value or b"")
        except ContractViolation as verdict:
            METER.count("toc_records_undecodable_total", topic=topic, reason=str(verdict.reason))
            yield quarantined_output(topic, record, verdict)


def quarantined_output(topic: str, record: Record, verdict: ContractViolation) -> Output:
    """A record that is not of the contract: where it lies and why, nothing of what it says."""
    digest = sha256(record.value or b"").hexdigest()
    where = f"{topic}/{record.partition}/{record.offset}"
    ident = ids.quarantine_id(WORKER, digest, verdict.reason, where)
    return record_output(QUARANTINE, "Quarantined", ident, {
        "quarantine_id": ident, "partner": WORKER, "sha256": digest, "reason": str(verdict.reason),
        "where": verdict.where, "received_at": max(record.timestamp, 0) * 1000, "stage": "fold",
        "topic": topic, "partition": record.partition, "offset": record.offset,
    })


def record_output(
    topic: str, kind: str, key: str, record: Mapping[str, Any], *, checked: bool = True
) -> Output:
    """One record of the contract, with its headers."""
    envelope = tuple(to_kafka(headers(kind, record, key)))
    return Output(topic, key.encode(), encode(kind, record, checked=checked), envelope, None)
