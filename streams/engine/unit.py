"""One owned partition: its fold, its producer, its progress, and the one lock under which it is flushed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Any

from aiokafka import AIOKafkaProducer

from runtime.metrics import METER
from streams.engine.flush import FencedFlush, Flusher, PlainFlush
from streams.engine.markers import Progress, Restoring
from streams.engine.plan import Plan
from streams.engine.progress import Progress as Teller
from streams.engine.types import Output, PartitionFold, Record

Gate = Callable[[], Awaitable[None]]
"""Returns while this process may write; raises PartitionsLost once it may not."""

STOP_S = 2.0


class Unit:
    """Life: restore* → begin → (fold | flush)* → stop. `done` is folded, `flushed` is covered by an
    acknowledged flush.
    """

    def __init__(self, plan: Plan, partition: int, producer: AIOKafkaProducer, gate: Gate) -> None:
        self.plan, self.partition, self.producer = plan, partition, producer
        self.fold: PartitionFold = plan.fold(partition)
        self.done: Progress = {}
        self.flushed: Progress = {}
        self.ready = self.closed = False
        self.safe_now = 0
        self.unflushed = 0
        """Records folded since the last cut."""
        self.complete_to = 0
        """µs: all that the log held for this partition at that time is folded, durable and visible."""
        self.wake = asyncio.Event()
        self._gate, self._lock = gate, asyncio.Lock()
        way = FencedFlush if plan.traits.fenced else PlainFlush
        self._flusher: Flusher = way(producer, plan.changelog, partition, plan.checkpoint)
        self._restoring = Restoring(plan.traits.fenced)
        self._teller = Teller(partition, plan.tell, plan.sources)
        self._owed: list[Output] = []
        self._last_s = 0.0
        self._task: asyncio.Task[None] | None = None

    # -- restoring

    def restore(self, records: Sequence[Any]) -> None:
        """Apply changelog records in order."""
        state = self._restoring.take(records)
        if state:
            self.fold.restore(state)

    @property
    def marker(self) -> Progress | None:
        """Source offsets of the newest applied marker; None for a partition never flushed."""
        return self._restoring.progress

    def begin(self, progress: Progress) -> None:
        """The changelog is read and the sources are sought to `progress`: folding may start."""
        self.fold.restored()
        if self._restoring.unpublished:
            self._owed = self.fold.republish(self._restoring.unpublished)
        self.done, self.flushed = dict(progress), dict(progress)
        self._restoring = Restoring(self.plan.traits.fenced)
        self.ready = True
        if self._owed:
            self.wake.set()

    # -- folding

    def take(self, topic: str, records: Sequence[Any]) -> int:
        """Fold what lies at or after our progress; returns how many records. Earlier ones were fetched
        before the seek.
        """
        start = self.done.get(topic, 0)
        if records[0].offset < start:
            records = [record for record in records if record.offset >= start]
        if not records:
            return 0
        partition = self.partition
        fresh = [Record(r.key, r.value, r.headers, partition, r.offset, r.timestamp) for r in records]
        self.fold.fold(topic, fresh)
        self.done[topic] = fresh[-1].offset + 1
        self.unflushed += len(fresh)
        return len(fresh)

    @property
    def behind(self) -> bool:
        """True while something folded, or owed, is not flushed."""
        return bool(self._owed) or self.done != self.flushed

    # -- flushing

    async def flush(self, *, marker: bool) -> bool:
        """Make everything folded durable and visible; True if something was sent.

        `marker`: send the progress even when no state changed (the commit timer does, the adaptive flush
        does not: else every ignored event would be a transaction). The whole flush holds the lock: an older
        value must never follow a newer one.
        """
        async with self._lock:
            if self.closed or not self.ready:
                return False
            await self._gate()
            if self.closed:
                return False
            started = perf_counter()
            # One consistent cut: nothing is awaited until it is made.
            progress, self.unflushed = dict(self.done), 0
            cut = self.fold.cut(self.safe_now)
            complete_to = max(self.complete_to, cut.complete_to(self.safe_now))
            state, outputs = cut.changelog, [*self._owed, *cut.outputs]
            self._owed = []
            if cut.due:
                self.wake.set()  # the rest of what is due, before anything new
            self._teller.sending(outputs)
            if marker or state or outputs:
                outputs += self._teller.due(complete_to, self.plan.clock())
            if not state and not outputs and not (marker and progress != self.flushed):
                self.complete_to = complete_to
                return False
            self.plan.checkpoint("cut", self.partition)
            await asyncio.wait_for(self._flusher.send(state, outputs, progress), self.plan.flush_timeout_s)
            self.flushed, self.complete_to = progress, complete_to
            self._last_s = perf_counter() - started
            METER.count("toc_flushes_total", group=self.plan.group, outcome="sent")
            METER.observe("toc_flush_seconds", self._last_s, group=self.plan.group)
            return True

    def start(self, on_failure: Callable[[BaseException], Awaitable[None]]) -> None:
        """Begin the adaptive flush: whenever `wake` is set, never closer than the pause to the last one."""
        self._task = asyncio.create_task(self._adaptive(on_failure), name=f"flush-{self.partition}")

    async def _adaptive(self, on_failure: Callable[[BaseException], Awaitable[None]]) -> None:
        while not self.closed:
            await self.wake.wait()
            self.wake.clear()
            try:
                await self.flush(marker=False)
            except Exception as exc:  # noqa: BLE001  # every failure stops the process
                await on_failure(exc)
                return
            # At most half of the time is spent flushing.
            await asyncio.sleep(max(self.plan.flush_pause_s, self._last_s))

    # -- leaving

    def close(self) -> None:
        """From now on nothing is folded or flushed here."""
        self.ready, self.closed = False, True

    async def stop(self) -> list[str]:
        """Close, abort what is open, stop the producer; returns what went wrong, which no longer matters."""
        self.close()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        said = []
        if self.plan.traits.fenced and self.producer._txn_manager.is_in_transaction():
            said.append(await self._bounded(self.producer.abort_transaction()))
        said.append(await self._bounded(self.producer.stop()))
        return [text for text in said if text]

    async def _bounded(self, step: Awaitable[Any]) -> str:
        try:
            await asyncio.wait_for(step, STOP_S)
        except Exception as exc:  # noqa: BLE001  # the partition has left: what a dying producer says changes nothing
            return repr(exc)
        return ""
