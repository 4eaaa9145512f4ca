"""ENGINE=stock: the same fold with an ordinary Faust agent and Table. Slower by far, and nobody depends on
the fast path.

Own app id, own changelog. One event at a time: folded, its state acknowledged, its outputs acknowledged,
then the agent's step ends and Faust may commit. Faust acknowledges events whose handler raised or was
cancelled, those it skips while its flow is stopped, and ignores failed changelog sends: a failure ends the
process before it can commit, and an offset that no flush has covered is not committed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, NoReturn

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from runtime.logging import get_logger
from runtime.metrics import METER
from streams.engine.app import settings
from streams.engine.markers import PUBLISHED, Restoring
from streams.engine.memory import freeze
from streams.engine.plan import Plan
from streams.engine.progress import Progress
from streams.engine.types import Output, Record

log = get_logger("streams.engine")


class StockPart:
    """The fold of one partition, and what the changelog said while it was read back."""

    def __init__(self, plan: Plan, partition: int) -> None:
        self.partition, self.fold = partition, plan.fold(partition)
        self.lock = asyncio.Lock()
        self.owed: list[Output] = []
        self.safe_now = 0
        self.teller = Progress(partition, plan.tell, plan.sources)
        self.live = False
        self._restoring = Restoring(fenced=False)

    def restore(self, message: Any) -> None:
        """Apply one changelog record."""
        self.fold.restore(self._restoring.take([message]))

    def begin(self) -> None:
        """The changelog is read: folding may start."""
        if not self.live:
            self.live = True
            self.fold.restored()
            self.owed = self.fold.republish(self._restoring.unpublished)


class CoveredConsumer(driver.Consumer):  # type: ignore[misc]  # Faust has no types
    """Faust's consumer, but for which acknowledgements count: at a stop or a rebalance Faust also makes them
    for the event whose handler it cancelled and for those it skips, and commits them, never folded.
    """

    def ack(self, message: Any) -> bool:
        """Note the offset as safe to commit, if it is."""
        if message.offset < self.app.covered.get(message.tp, 0):
            return bool(super().ack(message))
        self._unacked_messages.discard(message)
        return False


class StockTransport(driver.Transport):  # type: ignore[misc]  # Faust has no types
    """Faust's aiokafka transport with that consumer."""

    Consumer = CoveredConsumer


class StockApp(faust.App):  # type: ignore[misc]  # Faust has no types
    """An engine of ordinary Faust parts: `faust.Worker(StockApp(plan))` runs it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan = replace(plan, app_id=f"{plan.app_id}-stock")
        (plan.state_dir / plan.app_id).mkdir(parents=True, exist_ok=True)
        given = settings(plan) | {"consumer_auto_offset_reset": "earliest"}
        del given["TableManager"]
        super().__init__(plan.app_id, **given)
        self.parts: dict[int, StockPart] = {}
        self.covered: dict[TP, int] = {}
        """The next offset of each source partition that no flush has covered."""
        self.stop_reason: BaseException | None = None
        self.states = self.Table(
            plan.group,
            partitions=plan.partitions,
            key_type=bytes,
            value_type=bytes,
            recovery_buffer_size=1000,
            on_changelog_event=self._on_changelog_event,
            extra_topic_configs=dict(plan.changelog_config),
        )
        self.states.on_recover(self._on_recovered)
        self.on_partitions_assigned.connect(self._on_assigned)
        sources = self.topic(*plan.sources, key_type=bytes, value_type=bytes)
        self.agent(sources, name=f"{plan.group}-fold")(self._each)
        self.timer(plan.commit_s)(self._tick)

    def _new_transport(self) -> StockTransport:
        return StockTransport(self.conf.broker_consumer, self)

    @property
    def ready(self) -> bool:
        """Recovered and folding."""
        return bool(not self.rebalancing and self.tables.actives_ready and self.stop_reason is None)

    # -- ownership and recovery

    async def _on_assigned(self, _app: Any, assigned: set[TP], **_kwargs: Any) -> None:
        # Faust reads back only what is newly ours; the folds of partitions that stayed are as they were.
        own = {tp.partition for tp in assigned if tp.topic in self.plan.sources}
        self.parts = {p: self.parts.get(p) or StockPart(self.plan, p) for p in own}

    async def _on_changelog_event(self, event: Any) -> None:
        part = self.parts.get(event.message.partition)
        if part is not None:
            part.restore(event.message)

    async def _on_recovered(self) -> None:
        for part in self.parts.values():
            part.begin()
        freeze()
        keys = sum(part.fold.size() for part in self.parts.values())
        log.info("engine.ready", partitions=sorted(self.parts), keys=keys)

    # -- folding

    async def _each(self, stream: Any) -> AsyncIterator[None]:
        """The agent: one event at a time, in order."""
        async for event in stream.events():
            message = event.message
            try:
                part = self.parts[message.partition]
                part.fold.fold(message.topic, [_record(message)])
                await self._flush(part)
                self.covered[message.tp] = message.offset + 1
            except Exception as exc:  # noqa: BLE001  # Faust would acknowledge the event and go on
                self._end(exc)
            METER.count("toc_records_folded_total", topic=message.topic)
            yield

    async def _tick(self) -> None:
        """What is due by time, and what recovery owes."""
        try:
            for part in list(self.parts.values()):
                if part.live and await self._caught_up(part):
                    part.safe_now = self.plan.clock()
                    await self._flush(part, timely=True)
        except Exception as exc:  # noqa: BLE001  # Faust would only log it
            self._end(exc)

    async def _caught_up(self, part: StockPart) -> bool:
        if self.rebalancing or self.consumer.unacked:
            return False
        for topic in self.plan.sources:
            tp = TP(topic, part.partition)
            position = await self.consumer.position(tp)
            if position is None or position < (self.consumer.highwater(tp) or 0):
                return False
        return True

    async def _flush(self, part: StockPart, *, timely: bool = False) -> None:
        """State acknowledged, outputs acknowledged, published marker on its way; how far the partition is,
        when all that was in flight has ended.
        """
        async with part.lock:
            cut = part.fold.cut(part.safe_now)
            state, outputs, part.owed = cut.changelog, [*part.owed, *cut.outputs], []
            await asyncio.gather(*(self.states.send_changelog(part.partition, *entry) for entry in state))
            sends = [await self._send(output) for output in outputs]
            await asyncio.gather(*sends)
            part.teller.sending(outputs)
            for said in part.teller.due(cut.complete_to(part.safe_now), self.plan.clock()) if timely else ():
                await (await self._send(said))
            if state or outputs:
                # Lost, it costs a repetition: nobody waits for it.
                self.states.send_changelog(part.partition, PUBLISHED, b"1")

    async def _send(self, output: Output) -> Any:
        return await self.producer.send(
            output.topic, output.key, output.value, output.partition, None, list(output.headers)
        )

    def _end(self, exc: BaseException) -> NoReturn:
        self.stop_reason = exc
        log.error("engine.stopping", partitions=sorted(self.parts), cause=type(exc).__name__, exc_info=exc)
        os._exit(1)


def _record(message: Any) -> Record:
    headers = message.headers or {}
    pairs = tuple(headers.items()) if isinstance(headers, dict) else tuple(headers)
    timestamp_ms = int((message.timestamp or 0) * 1000)
    return Record(message.key, message.value, pairs, message.partition, message.offset, timestamp_ms)
