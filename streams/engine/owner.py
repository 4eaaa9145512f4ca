"""Who owns what: starts the units of assigned partitions, settles revoked ones, and ends the process when
they are lost.

aiokafka has one callback for partitions revoked in time and for partitions lost. They are told apart here:
a loss is a fenced producer, a member id or generation the broker cleared, a failed or too slow flush. After
a loss nothing is sent and the process exits: rejoining in place would trust state that somebody else may
have overtaken. No heartbeat answered for half a session is a doubt: nothing is sent until the broker has
answered one, and its answer is the verdict.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced

from runtime.errors import Misconfigured
from runtime.logging import get_logger
from runtime.metrics import METER
from streams.engine.errors import PartitionsLost
from streams.engine.plan import BATCH_BYTES_MAX, Plan
from streams.engine.unit import Unit

EXIT_GRACE_S = 5.0
"""Faust's shutdown after a loss can hang: the process ends at the latest then."""
TRANSACTION_MS = 20_000
"""The broker aborts an abandoned transaction then; readers of committed records wait that long."""
DOUBT_POLL_S = 0.05

log = get_logger("streams.engine")


def exit_code(exc: BaseException) -> int:
    """2 for a wrong setting, 1 for everything a restart can cure."""
    return 2 if isinstance(exc, Misconfigured) else 1


def is_fenced(exc: BaseException | None) -> bool:
    """Whether a newer owner's producer refused ours."""
    return exc is not None and (isinstance(exc, ProducerFenced) or is_fenced(exc.__cause__))


class Owner:
    """The owned partitions of one process. `thread` answers for membership; `crash` begins Faust's
    shutdown.
    """

    def __init__(
        self,
        plan: Plan,
        thread: Any,
        crash: Callable[[BaseException], Awaitable[None]],
        end: Callable[[int], Any] = os._exit,
    ) -> None:
        self.plan, self.units = plan, dict[int, Unit]()
        self.lost: BaseException | None = None
        self._thread, self._crash, self._end = thread, crash, end

    # -- taking

    async def take(self, partitions: Iterable[int], settings: dict[str, Any]) -> None:
        """Start the producers of newly assigned partitions, which fences whoever held them. Raises
        PartitionsLost.

        The broker is asked first: a worker paused between its join and here must not fence the rightful
        owner.
        """
        await self._thread.confirm_membership()
        starts = asyncio.gather(*(self._start(p, settings) for p in partitions))
        await asyncio.wait_for(starts, self.plan.session_s * 0.75)  # aiokafka sends no heartbeats meanwhile

    async def _start(self, partition: int, settings: dict[str, Any]) -> None:
        producer = AIOKafkaProducer(**settings, **self._own_settings(partition))
        await producer.start()
        unit = self.units[partition] = Unit(self.plan, partition, producer, self.may_write)
        unit.start(self.give_up)

    def _own_settings(self, partition: int) -> dict[str, Any]:
        common = {"acks": "all", "linger_ms": 0, "max_batch_size": BATCH_BYTES_MAX}
        if not self.plan.traits.fenced:
            return common
        return common | {
            "enable_idempotence": True,
            "transactional_id": self.plan.transactional_id(partition),
            "transaction_timeout_ms": TRANSACTION_MS,
            "retry_backoff_ms": 20,  # CONCURRENT_TRANSACTIONS answers wait this long
        }

    # -- holding

    async def may_write(self) -> None:
        """Return when the broker is known to count us as a member. Raises PartitionsLost when it does not."""
        doubted = False
        while self.lost is None:
            if not self._thread.is_member():
                raise PartitionsLost("the broker no longer knows this member")
            if not self._thread.in_doubt():
                return
            if not doubted:
                doubted = True
                METER.count("toc_flushes_total", group=self.plan.group, outcome="held")
                log.warning("engine.in_doubt", group=self.plan.group)
            await asyncio.sleep(DOUBT_POLL_S)
        raise PartitionsLost("lost while waiting to write") from self.lost

    async def flush_all(self) -> None:
        """Flush every partition with its progress; the first failure is raised when all have ended."""
        flushes = [unit.flush(marker=True) for unit in list(self.units.values())]
        for outcome in await asyncio.gather(*flushes, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    # -- leaving

    async def settle(self, commit: Callable[[], Awaitable[Any]]) -> None:
        """Flush and commit what was folded, in time; else the partitions are lost."""
        if self.lost is not None:
            return
        try:
            if not self._thread.is_member():
                raise PartitionsLost("member id gone before the partitions were given back")
            await asyncio.wait_for(self._settle(commit), self.plan.settle_s)
        except Exception as exc:  # noqa: BLE001  # every failure stops the process
            await self.give_up(exc)

    async def _settle(self, commit: Callable[[], Awaitable[Any]]) -> None:
        while any(unit.ready and unit.behind for unit in self.units.values()):
            await self.flush_all()
        if self.units:
            await commit()

    async def release(self) -> None:
        """Stop every unit; their state goes with them."""
        units, self.units = list(self.units.values()), {}
        for unit, said in zip(units, await asyncio.gather(*(unit.stop() for unit in units)), strict=True):
            if said:
                log.info("engine.producer_stop", partition=unit.partition, said=len(said))

    def abandon(self, exc: BaseException) -> None:
        """At once, without awaiting: nothing more is folded or flushed, and the process ends within the
        grace.
        """
        if self.lost is not None:
            return
        self.lost = exc
        for unit in self.units.values():
            unit.close()
        fenced = is_fenced(exc)
        METER.count("toc_flushes_total", group=self.plan.group, outcome="fenced" if fenced else "lost")
        ours = isinstance(exc, PartitionsLost | Misconfigured)  # their text holds no values
        cause = str(exc) if ours else type(exc).__name__
        log.error("engine.stopping", partitions=sorted(self.units), fenced=fenced, cause=cause, exc_info=exc)
        self._watch_exit(exit_code(exc))

    def _watch_exit(self, code: int) -> None:
        # A plain producer would still send what it has buffered: without fencing nothing outlives the loss.
        if not self.plan.traits.fenced and isinstance(self.lost, PartitionsLost):
            self._end(code)
            return
        timer = threading.Timer(EXIT_GRACE_S, self._end, (code,))
        timer.daemon = True
        timer.start()

    def watch_stop(self, code: int) -> None:
        """All is settled and released: whatever Faust still does, the process ends within twice the grace."""
        timer = threading.Timer(2 * EXIT_GRACE_S, self._end, (code,))
        timer.daemon = True
        timer.start()

    async def give_up(self, exc: BaseException) -> None:
        """Abandon, then let Faust shut down."""
        first = self.lost is None
        self.abandon(exc)
        if first:
            await self._crash(exc)
