"""Hand-written stand-ins for a producer and a consumer thread: what was sent, in order, and failures on
demand.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from runtime.brokers.traits import EMBEDDED, KAFKA
from streams.engine.plan import Plan
from tests.engine.toy_fold import Topics, ToyFold

TOPICS = Topics.of("fake")


def plan(fenced: bool = True, **given: Any) -> Plan:
    """A plan over fakes."""
    return Plan(
        app_id="fake", bootstrap="nowhere:0", sources=TOPICS.sources, partitions=4, group="toy",
        fold=lambda partition: ToyFold(TOPICS, partition), traits=KAFKA if fenced else EMBEDDED,
        state_dir=Path("unused"), clock=lambda: 1_000, **given,
    )  # fmt: skip


class FakeBatch:
    """Holds at most `limit` records."""

    def __init__(self, limit: int) -> None:
        self.records: list[tuple[bytes, bytes | None, list[tuple[str, bytes]]]] = []
        self._limit = limit

    def append(
        self, *, timestamp: None, key: bytes, value: bytes | None, headers: list[Any]
    ) -> object | None:
        if len(self.records) == self._limit or len(value or b"") > 1000:
            return None
        self.records.append((key, value, headers))
        return object()

    def record_count(self) -> int:
        return len(self.records)


class FakeProducer:
    """`log` is everything asked of it, in order. `fail` names a step that raises; `hold` stops acks until
    set.
    """

    def __init__(self, partitions: int = 4, batch_limit: int = 3) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.fail: tuple[str, BaseException] | None = None
        self.hold: asyncio.Event | None = None
        self._partitions, self._limit, self._open = partitions, batch_limit, False
        self._txn_manager = self
        self.refused: asyncio.Future[None] | None = None
        """What the broker said for good, beside what is asked."""

    def is_fatal_error(self) -> bool:
        return self.refused is not None

    def wait_for_transaction_end(self) -> asyncio.Future[None] | None:
        return self.refused

    def is_in_transaction(self) -> bool:
        return self._open

    def _step(self, *what: Any) -> None:
        if self.fail is not None and self.fail[0] == what[0]:
            raise self.fail[1]
        self.log.append(what)

    async def begin_transaction(self) -> None:
        self._step("begin")
        self._open = True

    async def commit_transaction(self) -> None:
        self._step("commit")
        self._open = False

    async def abort_transaction(self) -> None:
        self._step("abort")
        self._open = False

    async def stop(self) -> None:
        self._step("stop")

    async def partitions_for(self, _topic: str) -> set[int]:
        return set(range(self._partitions))

    def create_batch(self) -> FakeBatch:
        return FakeBatch(self._limit)

    async def send_batch(self, batch: FakeBatch, topic: str, *, partition: int) -> asyncio.Future[None]:
        self._step("send", topic, partition, tuple(key for key, _, _ in batch.records))
        return asyncio.ensure_future(self._ack())

    async def _ack(self) -> None:
        if self.hold is not None:
            await self.hold.wait()
        if self.fail is not None and self.fail[0] == "ack":
            raise self.fail[1]

    def steps(self) -> list[str]:
        return [entry[0] for entry in self.log]


class FakeThread:
    """A consumer thread that says what the test wants about membership."""

    def __init__(self) -> None:
        self.member, self.doubt = True, False
        self.asked = 0

    def is_member(self) -> bool:
        return self.member

    def in_doubt(self) -> bool:
        self.asked += 1
        return self.doubt
