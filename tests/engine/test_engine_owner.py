"""Ownership over fakes: who may write, what settles, what is lost, and how the process ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from aiokafka.errors import ProducerFenced

from runtime.errors import Misconfigured
from streams.engine.errors import FoldFailed, PartitionsLost
from streams.engine.owner import Owner, exit_code, is_fenced
from streams.engine.unit import Unit
from tests.engine.fakes import TOPICS, FakeProducer, FakeThread, plan
from tests.engine.test_engine_unit import record


class Bed:
    """An owner with one unit that has folded one event; what it asked of the world is kept."""

    def __init__(self, fenced: bool = True) -> None:
        self.thread, self.producer = FakeThread(), FakeProducer()
        self.crashes: list[BaseException] = []
        self.ends: list[int] = []
        self.commits = 0
        self.owner = Owner(plan(fenced), self.thread, self._crash, self.ends.append)
        self.unit = self.owner.units[2] = Unit(self.owner.plan, 2, self.producer, self.owner.may_write)
        self.unit.begin({})
        self.unit.take(TOPICS.events, [record(1, 10)])

    async def _crash(self, exc: BaseException) -> None:
        self.crashes.append(exc)

    async def commit(self) -> None:
        self.commits += 1


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


def test_settling_flushes_then_commits() -> None:
    async def story() -> None:
        bed = Bed()
        await bed.owner.settle(bed.commit)
        assert bed.producer.steps()[-1] == "commit"
        assert (bed.commits, bed.crashes, bed.unit.behind) == (1, [], False)

    run(story())


def test_a_member_the_broker_no_longer_knows_sends_nothing_and_stops() -> None:
    async def story() -> None:
        bed = Bed()
        bed.thread.member = False
        await bed.owner.settle(bed.commit)
        assert (bed.producer.log, bed.commits) == ([], 0)
        assert [type(exc) for exc in bed.crashes] == [PartitionsLost]
        assert bed.unit.closed

    run(story())


def test_a_settle_that_takes_too_long_is_a_loss() -> None:
    async def story() -> None:
        bed = Bed()
        object.__setattr__(bed.owner.plan, "session_s", 0.2)
        bed.producer.hold = asyncio.Event()
        await bed.owner.settle(bed.commit)
        assert bed.commits == 0
        assert [type(exc) for exc in bed.crashes] == [TimeoutError]

    run(story())


def test_in_doubt_nothing_is_sent_until_the_broker_has_answered() -> None:
    """The heartbeat is older than half a session: hold, then follow the broker's answer."""

    async def story(still_member: bool) -> list[str]:
        bed = Bed()
        bed.thread.doubt = True
        flush = asyncio.ensure_future(bed.owner.flush_all())
        await asyncio.sleep(0.15)
        assert bed.producer.log == []
        assert bed.thread.asked > 1
        bed.thread.member, bed.thread.doubt = still_member, False
        outcome = (await asyncio.gather(flush, return_exceptions=True))[0]
        return [type(outcome).__name__, *bed.producer.steps()]

    assert asyncio.run(story(True)) == ["NoneType", "begin", "send", "send", "commit"]
    assert asyncio.run(story(False)) == ["PartitionsLost"]


@pytest.mark.parametrize(
    "reason", [ProducerFenced(), FoldFailed("x"), TimeoutError(), PartitionsLost("gone")]
)
def test_giving_up_closes_every_unit_and_crashes_once(reason: BaseException) -> None:
    async def story() -> None:
        bed = Bed()
        await bed.owner.give_up(reason)
        await bed.owner.give_up(PartitionsLost("again"))
        assert bed.crashes == [reason]
        assert bed.owner.lost is reason
        assert not await bed.unit.flush(marker=True)
        assert bed.producer.log == []

    run(story())


def test_the_watchdog_ends_a_fenced_process_after_the_grace_and_an_unfenced_one_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streams.engine.owner.EXIT_GRACE_S", 0.1)

    async def story(fenced: bool) -> tuple[list[int], list[int]]:
        bed = Bed(fenced)
        await bed.owner.give_up(PartitionsLost("gone"))
        at_once = list(bed.ends)
        await asyncio.sleep(0.3)
        return at_once, bed.ends

    assert asyncio.run(story(True)) == ([], [1])
    assert asyncio.run(story(False))[0] == [1]


def test_waiting_to_write_ends_when_another_partition_is_lost() -> None:
    async def story() -> None:
        bed = Bed()
        bed.thread.doubt = True
        flush = asyncio.ensure_future(bed.owner.flush_all())
        await asyncio.sleep(0.02)
        bed.owner.abandon(ProducerFenced())
        with pytest.raises(PartitionsLost):
            await flush
        assert bed.producer.log == []

    run(story())


def test_release_stops_all_producers_and_forgets_the_state() -> None:
    async def story() -> None:
        bed = Bed()
        await bed.owner.release()
        assert bed.owner.units == {}
        assert bed.producer.steps() == ["stop"]

    run(story())


def test_exit_codes_tell_a_wrong_setting_from_what_a_restart_cures() -> None:
    assert [exit_code(exc) for exc in (Misconfigured("x"), PartitionsLost("x"), ProducerFenced())] == [
        2,
        1,
        1,
    ]


def test_a_fenced_producer_is_seen_through_the_exception_that_wraps_it() -> None:
    wrapped = RuntimeError("batch")
    wrapped.__cause__ = ProducerFenced()
    assert [is_fenced(exc) for exc in (ProducerFenced(), wrapped, RuntimeError(), None)] == [
        True,
        True,
        False,
        False,
    ]
