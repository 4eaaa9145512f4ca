"""Follows the view, feed, quarantine and identity topics into a projection and its store.

In: topics. Out: a projection that is what they say; a store that says the same and how far that is, in one
transaction. When the broker goes away the last known lines stay, `Complete-To` stops moving, and reading goes
on where it stopped. Names are read anew by each process: they are never stored (ADR 17).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import structlog

from board.projection import Projection
from board.store.changes import Changes
from board.store.store import Held, Store
from runtime.brokers.detect import detect
from runtime.brokers.traits import BrokerTraits
from runtime.errors import Transient
from runtime.kafka.reader import Ends, LogMoved, Message, Reader
from runtime.settings import Settings
from schemas.catalogue import (
    FEED,
    IDENTITY_PERSON,
    QUARANTINE,
    VIEW_ACTION,
    VIEW_ALERT,
    VIEW_PRESSURE,
    VIEW_PROGRESS,
    VIEW_TRANSFER,
)
from schemas.codec import decode
from schemas.errors import ContractViolation

TOPICS = (
    VIEW_TRANSFER, VIEW_ALERT, VIEW_PRESSURE, VIEW_ACTION, VIEW_PROGRESS, FEED, QUARANTINE, IDENTITY_PERSON,
)  # fmt: skip
RETRY_SECONDS = 2.0
log = structlog.get_logger()


def apply(projection: Projection, message: Message, changes: Changes | None = None) -> None:
    """Take one record of a topic; one that does not decode is counted in the log and delays nobody."""
    key = (message.key or b"").decode("utf-8", "replace")
    try:
        kind, record = decode(message.value) if message.value is not None else ("", None)
    except ContractViolation as refusal:
        where = {"topic": message.topic, "partition": message.partition, "offset": message.offset}
        log.warning("board.undecodable", reason=refusal.reason, **where)
        return
    if message.topic == IDENTITY_PERSON and record is None:
        projection.names.forget(key)
        return
    projection.apply(kind, key, record, message.offset)
    if changes is not None:
        changes.took(projection, kind, key, record)


class Claim:
    """Lets a projection say how far it is: the workers' word counts once all that could be read when it came
    has been applied, for partitions are not fetched in step.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._to: int | None = None
        self._ends: Ends = {}

    async def follow(self, projection: Projection) -> None:
        """After every batch."""
        if self._to is not None and await self._reader.passed(self._ends):
            projection.complete_to, self._to = max(self._to, projection.complete_to or 0), None
        newest = projection.progress.complete_to
        if self._to is None and newest is not None and newest > (projection.complete_to or 0):
            self._to, self._ends = newest, await self._reader.ends()


class Follower:
    """Keeps a projection up to date; `caught_up` once everything there was at the start has been applied."""

    def __init__(self, settings: Settings, projection: Projection, store: Store | None = None) -> None:
        self.settings, self.projection, self.store = settings, projection, store
        self.caught_up = False
        self.held: Held | None = None
        """What the projection stands at; None: in doubt, while a batch is half taken."""

    def restore(self) -> None:
        """Begin as the store says: at once, whether the broker answers or not. What is too old to go on from
        is not shown. Raises Transient.
        """
        if self.store is not None:
            kept, held = self.store.load()
            if held.goes_on(held.cluster, time.time()):
                self.projection.replace(kept)
                self.held = held

    async def run(self) -> None:
        """Follow for ever; a lost broker or store is retried."""
        while True:
            try:
                await self._follow()
            except Transient as exc:
                log.warning("board.away", error=str(exc))
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        bootstrap = self.settings.bootstrap()
        traits = await asyncio.to_thread(detect, bootstrap, self.settings)
        target = await self._target(traits)
        held = self.held or Held(traits.cluster_id, {}, time.time())
        reader = Reader(bootstrap, TOPICS, traits, self.settings, start=held.offsets)
        try:
            await reader.__aenter__()
        except LogMoved as moved:
            log.warning("board.log_moved", where=str(moved))
            await self._empty(traits)
            raise Transient("the log does not go on where the board stopped: reading it anew") from None
        try:
            await self._read(reader, target)
        finally:
            await reader.close()

    async def _read(self, reader: Reader, target: Projection) -> None:
        claim = Claim(reader)
        async for batch in reader.follow():
            await self._take(batch, target, claim)
            if reader.caught_up and target is not self.projection:
                self.projection.replace(target)
                target = self.projection
            self.caught_up = self.caught_up or reader.caught_up

    async def _take(self, batch: Sequence[Message], target: Projection, claim: Claim) -> None:
        held, changes, whole = self.held, Changes(), target.complete_to
        assert held is not None
        self.held = None
        for message in batch:
            apply(target, message, changes)
            changes.passed(message.topic, message.partition, message.offset)
        await claim.follow(target)
        offsets = {**held.offsets, **changes.offsets}
        changes.offsets = {at: to for at, to in changes.offsets.items() if at[0] != IDENTITY_PERSON}
        if self.store is not None and (changes.offsets or target.complete_to != whole):
            await asyncio.to_thread(self.store.write, changes, target)
        self.held = Held(held.cluster, offsets, time.time())

    async def _target(self, traits: BrokerTraits) -> Projection:
        """What to read into: what is shown, where its log goes on; what the store holds, where that is in
        doubt; else a fresh one, which is shown once it is whole.
        """
        if self.held is None and self.store is not None:
            target, self.held = await asyncio.to_thread(self.store.load)
        else:
            target = self.projection
        if traits.durable and self.held and self.held.goes_on(traits.cluster_id, time.time()):
            return target
        await self._empty(traits)
        if self.caught_up:
            return Projection()
        self.projection.replace(Projection())
        return self.projection

    async def _empty(self, traits: BrokerTraits) -> None:
        self.held = Held(traits.cluster_id, {}, time.time())
        if self.store is not None:
            await asyncio.to_thread(self.store.clear, traits.cluster_id)
