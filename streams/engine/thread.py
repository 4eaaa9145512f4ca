"""The consumer thread: aiokafka as Faust runs it, with what Faust gets wrong put right, and the evidence of
membership.

- Faust never pauses partitions in aiokafka, it only filters what it reads; aiokafka has one fetch in flight
  per broker, so a fetch of idle partitions holds up all others for 1.5 s. Here aiokafka's pause state
  follows Faust's active set (streaming.md §4.1).
- What a fetch brings after a rebalance began is put back: dropping it would leave a hole in a restore.
- The time of the last answered heartbeat is kept by the boot clock, which goes on while the machine sleeps.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.engine.errors import PartitionsLost

FETCH_WAIT_MS = 25
"""A quiet topic can hold back a busy one this long."""
IDLE_S = 0.05
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_seconds() -> float:
    """Seconds since boot, sleep included (macOS: its monotonic clock counts sleep)."""
    return time.clock_gettime(_BOOT_CLOCK)


class BatchThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust has no types
    """Faust's consumer thread. Methods without `async` are called from the main thread and only read
    attributes.
    """

    heard_at = float("-inf")
    """Boot time at which the last successful heartbeat was *sent*: what was granted then cannot be older."""
    fetched_in = -1
    """Group generation in which the last returned fetch began and ended."""
    sources_open = False
    """Set once the sources are sought: Faust resumes them before, where they stand at commits or nowhere."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust hard-codes both; aiokafka reads them when it starts.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        if self.app.plan.traits.fenced:
            consumer._isolation_level = "read_committed"
        return consumer

    async def on_start(self) -> None:
        """Start the consumer, then watch its heartbeats."""
        await super().on_start()
        coordinator = self._consumer._coordinator
        beat = coordinator._do_heartbeat

        async def timed_beat() -> bool:
            sent_at = boot_seconds()
            answered = bool(await beat())
            if answered:
                self.heard_at = sent_at
            return answered

        coordinator._do_heartbeat = timed_beat

    # -- membership

    def is_member(self) -> bool:
        """False once the broker has said that it does not know us: aiokafka then clears both."""
        coordinator = self._consumer._coordinator if self._consumer is not None else None
        return coordinator is not None and coordinator.member_id != "" and coordinator.generation >= 0

    def in_doubt(self) -> bool:
        """True while no heartbeat was answered for half a session: the partitions may be somebody else's
        already.
        """
        return bool(boot_seconds() - self.heard_at > self.app.plan.session_s / 2)

    async def confirm_membership(self) -> None:
        """Ask the broker, now, whether we are a member of this generation. Raises PartitionsLost when it says
        no, or nothing for half a session.
        """
        began = boot_seconds()
        while self.heard_at < began:
            await self._in_thread(self._consumer._coordinator._do_heartbeat())
            if not self.is_member() or boot_seconds() - began > self.app.plan.session_s / 2:
                raise PartitionsLost("not a member of the group when partitions were assigned")
            if self.heard_at < began:
                await asyncio.sleep(IDLE_S)

    async def rejoin(self) -> None:
        """Ask for a new assignment with fresh metadata."""

        async def ask() -> None:
            await self._consumer._client.force_metadata_update()
            self._consumer._coordinator.request_rejoin()

        await self._in_thread(ask())

    async def committed(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        """The group's committed offsets, None where there is none."""
        wanted = list(partitions)

        async def ask() -> list[int | None]:
            asked = (self._consumer.committed(driver.ensure_aiokafka_TP(tp)) for tp in wanted)
            return list(await asyncio.gather(*asked))

        return dict(zip(wanted, await self._in_thread(ask()), strict=True))

    async def _in_thread(self, coroutine: Any) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self.thread_loop))

    # -- positions

    def _state(self, tp: TP) -> Any:
        subscription = self._consumer._subscription.subscription if self._consumer is not None else None
        assignment = subscription.assignment if subscription is not None else None
        return assignment._tp_state.get(tp) if assignment is not None else None

    def position_now(self, tp: TP) -> int:
        """Next offset aiokafka reads, control records passed; -1 when there is none."""
        state = self._state(tp)
        return -1 if state is None or state._position is None else int(state._position)

    def end_now(self, tp: TP) -> int | None:
        """The last fetch's end of what a read_committed reader can reach; None before the first fetch."""
        state = self._state(tp)
        if state is None:
            return None
        end = state.lso if state.lso is not None and state.lso >= 0 else state.highwater
        return None if end is None else int(end)

    def highwater(self, tp: TP) -> int:
        """Faust's monitor and livelock check ask this."""
        return self.end_now(tp) or 0

    # -- fetching

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109  # Faust's signature
        max_records: int | None = None,
    ) -> Any:
        generation = self.app.consumer_generation_id

        def stale() -> bool:
            return not self.consumer.flow_active or generation != self.app.consumer_generation_id

        def unsought() -> bool:
            # A second rebalance close upon the first resumes the flow before the changelog is sought.
            return stale() or not self.app.tables.recovery.armed

        # A copy: Faust empties its set while a fetch waits, and an empty filter would fetch everything.
        wanted = set(active_partitions) if self.sources_open else self._changelog_of(active_partitions)
        self._pause_all_but(consumer, wanted)
        if not wanted:
            await asyncio.sleep(IDLE_S)
            return {}
        try:
            records = await super()._fetch_records(consumer, wanted, timeout, max_records)
        except (NoOffsetForPartitionError, OffsetOutOfRangeError):
            if unsought():
                return {}  # of an assignment without positions yet: what is true will be said again
            raise
        if stale():
            self._put_back(consumer, records)
            return {}
        self.fetched_in = generation
        return records

    def _changelog_of(self, partitions: set[TP]) -> set[TP]:
        return {tp for tp in partitions if tp.topic == self.app.plan.changelog}

    def _pause_all_but(self, consumer: Any, active: set[TP]) -> None:
        subscription = consumer._subscription.subscription
        assignment = subscription.assignment if subscription is not None else None
        if assignment is None:
            return
        for tp in assignment.tps:
            state, wanted = assignment.state_value(tp), tp in active
            if wanted and state.paused:
                state.resume()
            elif not wanted and not state.paused:
                state.pause()

    def _put_back(self, consumer: Any, records: dict[Any, list[Any]]) -> None:
        for tp, taken in records.items():
            try:
                consumer.seek(tp, taken[0].offset)
            except IllegalStateError:
                self.log.info("fetched records of a partition that has left: %s/%s", tp.topic, tp.partition)
