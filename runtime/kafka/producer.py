"""The one producer of connectors: kafka-python, idempotent, acks=all, murmur2 of the key.

In: topic, key, bytes, headers. Out: where the broker put them, once all in-sync replicas have them. What
does not arrive in time is `Transient` and may still have arrived: the same event sent again has the same
id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, Self

from kafka import KafkaProducer
from kafka import errors as kafka_errors

from runtime.errors import Transient
from runtime.kafka.group import Group
from runtime.kafka.security import client_options
from runtime.settings import Settings
from schemas.catalogue import RECORD_BYTES_MAX, record_bytes
from schemas.errors import ContractViolation
from schemas.reasons import Reason

Headers = Mapping[str, str] | Sequence[tuple[str, bytes]]

DELIVERY_MS = 20_000
"""Longest a partner waits for its positive ack."""
_CLOSE_SECONDS = 5.0
_TOO_LARGE = (kafka_errors.MessageSizeTooLargeError, kafka_errors.RecordListTooLargeError)
_OVERHEAD_BYTES = 256
"""More than a record batch adds to what one record holds."""
_SPENT = (
    *_TOO_LARGE,
    kafka_errors.OutOfOrderSequenceNumberError,
    kafka_errors.InvalidProducerEpochError,
    kafka_errors.UnknownProducerIdError,
    kafka_errors.ProducerFencedError,
    kafka_errors.KafkaProtocolError,
)
"""After these an idempotent producer refuses everything: a new one, with a new id, takes its place. So it is
after a batch that expired: kafka-python 3 drops the id then and never asks for another.
"""


Record = tuple[str, str | bytes | None, bytes | None, Headers]
"""Topic, key, value, headers."""
_Bytes = tuple[str, bytes | None, bytes | None, list[tuple[str, bytes]]]


class RecordMetadata(NamedTuple):
    """Where a record is."""

    topic: str
    partition: int
    offset: int
    timestamp: int


class Producer:
    """`async with Producer(bootstrap) as producer: await producer.publish(…)`.

    kafka-python's `send` may block on metadata, so it runs in one thread of ours; its futures are
    bridged to asyncio.
    """

    def __init__(
        self,
        bootstrap: str,
        settings: Settings | None = None,
        client_id: str = "homeward",
        delivery_ms: int = DELIVERY_MS,
    ) -> None:
        """`delivery_ms` bounds how long a record may be under way."""
        self._wait_seconds = 2 * delivery_ms / 1000
        self._options: dict[str, Any] = {
            "bootstrap_servers": bootstrap,
            "client_id": client_id,
            "acks": "all",
            "enable_idempotence": True,
            "delivery_timeout_ms": delivery_ms,
            "request_timeout_ms": delivery_ms // 2,
            "max_block_ms": delivery_ms // 2,
            "bootstrap_timeout_ms": delivery_ms // 2,
            "reconnect_backoff_max_ms": 1000,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,  # nobody reads the client's own
            "max_request_size": RECORD_BYTES_MAX,  # each topic's own limit is the broker's to keep
            **(client_options(settings) if settings else {}),
        }
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="homeward-producer")
        self._client: KafkaProducer | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def publish(
        self, topic: str, key: str | bytes | None, value: bytes | None, headers: Headers = ()
    ) -> RecordMetadata:
        """Return when the record is acknowledged. Raises Transient, or ContractViolation TOO_LARGE.

        `value` None is a tombstone. Concurrent calls share batches; two calls of one task keep their order.
        """
        (end,) = await self.publish_all([(topic, key, value, headers)])
        if isinstance(end, Exception):
            raise end
        return end

    async def publish_all(self, records: Sequence[Record]) -> list[RecordMetadata | Exception]:
        """Hand over several records at once, in their order; return when each is acknowledged or has failed,
        with what became of each (failures as `publish` raises them). Two calls keep their order.
        """
        if not records:
            return []
        group = Group[RecordMetadata](len(records), asyncio.get_running_loop())
        small: list[tuple[int, _Bytes]] = []
        for at, (topic, key, value, headers) in enumerate(records):
            record = (topic, _bytes(key), value, _pairs(headers))
            if _bytes_of(record) > record_bytes(topic):  # a refusal by the broker would spend the client
                group.settle(at, ContractViolation(Reason.TOO_LARGE))
            else:
                small.append((at, record))
        if small:
            self._thread.submit(self._send_all, small, group)
        return await group.ends(self._wait_seconds)

    async def close(self) -> None:
        """Flush what is under way, within a bound, and let go."""
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(_let_go, client, _CLOSE_SECONDS)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _send_all(self, records: list[tuple[int, _Bytes]], group: Group[RecordMetadata]) -> None:
        for at, record in records:
            self._send(record, partial(group.settle, at))

    def _send(self, record: _Bytes, settle: Callable[[RecordMetadata | Exception], None]) -> None:
        topic, key, value, headers = record

        def succeeded(meta: Any) -> None:
            settle(RecordMetadata(meta.topic, meta.partition, meta.offset, meta.timestamp))

        def failed(exc: BaseException) -> None:
            if isinstance(exc, _SPENT):
                self._retire(client)
            settle(_mapped(topic, exc))

        def undelivered(exc: BaseException) -> None:
            if isinstance(exc, kafka_errors.KafkaTimeoutError):
                self._retire(client)
            failed(exc)

        client: KafkaProducer | None = None
        try:
            client = self._connected()
            sent = client.send(topic, value=value, key=key, headers=headers)
        except kafka_errors.KafkaError as exc:
            failed(exc)
        except Exception as exc:  # noqa: BLE001  (the waiting publish must hear of it, whatever it is)
            settle(exc)
        else:
            sent.add_callback(succeeded)
            sent.add_errback(undelivered)

    def _retire(self, client: Any) -> None:
        """Let go of a spent client; called on its own IO thread, which must not wait for itself."""
        if client is not None and client is self._client:
            self._client = None
            with contextlib.suppress(RuntimeError):
                self._thread.submit(_let_go, client, 0)

    def _connected(self) -> KafkaProducer:
        if self._client is None:
            self._client = KafkaProducer(**self._options)
        return self._client


def _let_go(client: Any, seconds: float) -> None:
    """Close a client whatever is under way. Its own close gives up where its flush does, and its thread would
    live on.
    """
    try:
        client.close(seconds)
    except kafka_errors.KafkaTimeoutError:
        client._sender.force_close()


def _mapped(topic: str, exc: BaseException) -> Exception:
    if isinstance(exc, _TOO_LARGE):
        return ContractViolation(Reason.TOO_LARGE)
    return Transient(f"{topic}: {type(exc).__name__}")


def _bytes_of(record: _Bytes) -> int:
    _, key, value, headers = record
    said = sum(len(name) + len(text) + 10 for name, text in headers)
    return _OVERHEAD_BYTES + len(key or b"") + len(value or b"") + said


def _bytes(key: str | bytes | None) -> bytes | None:
    return key.encode() if isinstance(key, str) else key


def _pairs(headers: Headers) -> list[tuple[str, bytes]]:
    if isinstance(headers, Mapping):
        return [(name, value.encode()) for name, value in headers.items()]
    return list(headers)
