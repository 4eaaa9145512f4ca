"""Faust's consumer with the hot path replaced: whole runs of records of a partition go to a synchronous
fold.

Assigned: producers start (fencing older owners) → Faust reads the ends → the changelog is read by position
→ the sources are sought to the applied marker → folding. Revoked: settle, release. Offsets are committed
last and only for what a flush has covered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from runtime.errors import Misconfigured
from runtime.logging import get_logger
from runtime.metrics import METER
from streams.engine.errors import FoldFailed, Stalled
from streams.engine.memory import freeze
from streams.engine.owner import Owner
from streams.engine.sources import Sources
from streams.engine.thread import BatchThread
from streams.engine.unit import Unit

POLL_S = 0.1
STALL_S = 60.0
ASSIGN_TRIES = 20
"""A topic made a moment ago may be missing from the first assignment."""

log = get_logger("streams.engine")


class BatchConsumer(driver.Consumer):  # type: ignore[misc]  # Faust has no types
    """One consumer of all sources of a plan and of its changelog."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = self.app.plan
        self.owner = Owner(self.plan, self._thread, self.crash)
        self.sources = Sources(self.plan, self._thread)
        self._incomplete = 0
        self._moved_at = time.monotonic()

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def stopping(self) -> bool:
        """True once nothing may be sent any more."""
        return self.owner.lost is not None or self.crashed or self.app.crashed

    # -- ownership

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Take the partitions, then let Faust recover them."""
        self._halt_sources()
        try:
            if self.stopping or self.app.should_stop:
                pass  # Faust closes the consumer
            elif self._complete(assigned):
                producer = self.app.producer
                settings = {**producer._settings_default(), **producer._settings_auth()}
                own = {tp.partition for tp in assigned if tp.topic in self.plan.sources}
                await self.owner.take(own, _shared(settings))
            else:
                asyncio.get_running_loop().call_later(0.5, self._ask_again)
        except Exception as exc:  # noqa: BLE001  # every failure stops the process
            await self.owner.give_up(exc)
            return
        await super().on_partitions_assigned(assigned, generation_id)

    def _complete(self, assigned: set[TP]) -> bool:
        """Whether every topic came with the same partitions. Without its changelog a partition must not be
        folded.
        """
        topics = (*self.plan.sources, self.plan.changelog)
        parts = {topic: {tp.partition for tp in assigned if tp.topic == topic} for topic in topics}
        counts = {topic: self._thread.topic_partitions(topic) for topic in topics}
        wrong = sorted(topic for topic, count in counts.items() if count and count != self.plan.partitions)
        if wrong:
            raise Misconfigured(f"topics without {self.plan.partitions} partitions: {', '.join(wrong)}")
        together = all(parts[topic] == parts[topics[0]] for topic in topics)
        if together and (parts[topics[0]] or all(counts.values())):
            self._incomplete = 0
            return True
        self._incomplete += 1
        if self._incomplete > ASSIGN_TRIES:
            missing = sorted(topic for topic in topics if not parts[topic])
            raise Misconfigured(f"topics missing or not co-partitioned: {', '.join(missing) or 'assignment'}")
        log.warning("engine.incomplete_assignment", tries=self._incomplete)
        return False

    def _ask_again(self) -> None:
        if not self.stopping and not self.app.should_stop:
            self.app.add_future(self._thread.rejoin())

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Settle in time, or the partitions are lost; then let go of all of them (the protocol is eager)."""
        self._halt_sources()
        await self.settle()
        await self.owner.release()
        await super().on_partitions_revoked(revoked)

    def _halt_sources(self) -> None:
        self.app.tables.recovery.armed = self._thread.sources_open = False

    async def settle(self) -> None:
        """Stop folding; make what was folded durable and commit it."""
        self.stop_flow()
        if self.owner.units and not self.stopping:
            await self.owner.settle(super().force_commit)

    # -- positions

    async def perform_seek(self) -> None:
        """Sources go to what the state covers: our own progress, else the applied marker, else the commit,
        else the start.

        Stock Faust seeks to the commits, which lie behind. Called when a recovery is complete, and by Faust
        whenever flow stops: then there is nothing to do, the next assignment seeks anew.
        """
        if not self.app.tables.recovery.recovered:
            return
        try:
            await self._begin([u for u in self.owner.units.values() if not u.ready and not u.closed])
        except Exception as exc:
            self.owner.abandon(exc)
            raise

    async def _begin(self, units: list[Unit]) -> None:
        starts = await self.sources.starts(units)
        if starts:
            await self._thread.seek_wait(starts)
        self._thread.sources_open = True
        for unit in units:
            unit.begin({topic: starts[TP(topic, unit.partition)] for topic in self.plan.sources})
        freeze()
        keys = sum(unit.fold.size() for unit in units)
        log.info("engine.ready", partitions=sorted(self.owner.units), keys=keys)

    # -- hot path

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                records, _ = await self._wait_next_records(POLL_S)
                if records is None or self.should_stop or not self.flow_active:
                    continue
                generation = self._thread.fetched_in
                for tp, run in records.items():
                    if not self.flow_active or generation != self.app.consumer_generation_id:
                        break
                    self._deliver(ensure_TP(tp), run)
                    await asyncio.sleep(0)
                self._after_fetch()
        except (asyncio.CancelledError, *self.consumer_stopped_errors):
            if not self.app.should_stop:
                raise
        except Exception as exc:
            self.owner.abandon(exc)
            raise

    def _deliver(self, tp: TP, run: list[Any]) -> None:
        unit = self.owner.units.get(tp.partition)
        if unit is None:
            return
        if tp.topic == self.plan.changelog:
            recovery = self.app.tables.recovery
            if recovery.armed and tp in recovery.active_tps:
                unit.restore(run)
                recovery.active_offsets[tp] = run[-1].offset
        elif unit.ready:  # not before: records fetched before the seek to the marker
            try:
                count = unit.take(tp.topic, run)
            except Exception as exc:
                raise FoldFailed(f"{tp.topic}/{tp.partition} in {run[0].offset}..{run[-1].offset}") from exc
            METER.count("toc_records_folded_total", count, topic=tp.topic)
            self._moved_at = time.monotonic()
            self._tell_monitor(tp, unit.done[tp.topic])

    def _tell_monitor(self, tp: TP, next_offset: int) -> None:
        # Faust's livelock check and lag sensors read these.
        monitor = self.app.monitor
        monitor.stream_inbound_time[tp] = time.monotonic()
        monitor.tp_read_offsets[tp] = next_offset
        monitor.track_tp_end_offset(tp, self._thread.highwater(tp))

    def _after_fetch(self) -> None:
        """All of the fetch is applied, so positions are honest: end the recovery, or flush what has caught
        up.
        """
        thread, recovery = self._thread, self.app.tables.recovery
        fetch_end = thread.end_now if self.plan.traits.trust_fetch_watermarks else None
        recovery.advance(thread.position_now, fetch_end)
        for unit in self.owner.units.values():
            if unit.ready and self.sources.caught_up(unit):
                unit.safe_now = self.plan.clock()
                if unit.behind:
                    unit.wake.set()
            elif unit.unflushed >= self.plan.flush_records:
                unit.wake.set()

    # -- offsets, last

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Flush, then commit what the flush covered. Nothing is committed once the process is stopping."""
        if self.stopping:
            return False
        try:
            self._check_stall()
            await self.owner.flush_all()
        except Exception as exc:  # noqa: BLE001  # every failure stops the process
            await self.owner.give_up(exc)
            return False
        return bool(await super().force_commit(topics, start_new_transaction))

    def _check_stall(self) -> None:
        units = [unit for unit in self.owner.units.values() if unit.ready]
        if not units or self._thread.in_doubt() or all(self.sources.caught_up(unit) for unit in units):
            self._moved_at = time.monotonic()
        elif time.monotonic() - self._moved_at > STALL_S:
            raise Stalled(f"records wait and none was folded for {STALL_S:.0f} s")

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        for unit in list(self.owner.units.values()):
            for topic in unit.flushed:
                tp = TP(topic, unit.partition)
                if topics is None or tp in topics or topic in topics:
                    yield tp

    def _new_offset(self, tp: TP) -> int | None:
        unit = self.owner.units.get(tp.partition)
        return unit.flushed.get(tp.topic) if unit is not None else None


UNIT_SETTINGS = {"acks", "linger_ms", "max_batch_size"}


def _shared(settings: dict[str, Any]) -> dict[str, Any]:
    """Faust's producer settings without those that each unit sets itself."""
    return {name: given for name, given in settings.items() if name not in UNIT_SETTINGS}
