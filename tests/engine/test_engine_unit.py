"""One owned partition over fakes: what a flush sends, in which order, and what it never does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import IllegalOperation, ProducerFenced

from streams.engine.markers import APPLIED, PUBLISHED, applied, read_applied
from streams.engine.plan import Plan
from streams.engine.unit import Unit
from tests.engine.fakes import TOPICS, FakeProducer, plan

CHANGELOG = "fake-toy-changelog"


async def open_gate() -> None:
    """May always write."""


def record(number: int, offset: int, key: bytes = b"k1") -> Any:
    return SimpleNamespace(key=key, value=b"%d" % number, headers=(), offset=offset, timestamp=0, partition=2)


def change(key: bytes, value: bytes | None, offset: int = 0) -> Any:
    return SimpleNamespace(key=key, value=value, offset=offset, partition=2)


def unit_of(fenced: bool = True, **given: Any) -> tuple[Unit, FakeProducer]:
    producer = FakeProducer()
    return Unit(plan(fenced, **given), 2, producer, open_gate), producer


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


def test_a_fenced_flush_is_one_transaction_that_ends_with_its_marker() -> None:
    async def story() -> None:
        unit, producer = unit_of()
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10), record(2, 11)])
        assert await unit.flush(marker=False)
        assert producer.steps() == ["begin", "send", "send", "commit"]
        assert producer.log[1] == ("send", CHANGELOG, 2, (b"k1", APPLIED))
        assert unit.flushed == {TOPICS.events: 12}
        assert not unit.behind

    run(story())


def test_a_plain_flush_sends_state_then_outputs_then_the_published_marker() -> None:
    async def story() -> None:
        unit, producer = unit_of(fenced=False)
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10)])
        await unit.flush(marker=False)
        topics = [entry[1] for entry in producer.log]
        assert topics == [CHANGELOG, TOPICS.out, CHANGELOG]
        assert producer.log[0][3] == (b"k1", APPLIED)
        assert producer.log[2][3] == (PUBLISHED,)

    run(story())


def test_a_plain_flush_does_not_send_outputs_before_the_state_is_acknowledged() -> None:
    async def story() -> None:
        unit, producer = unit_of(fenced=False)
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10)])
        producer.hold = asyncio.Event()
        flush = asyncio.ensure_future(unit.flush(marker=False))
        await asyncio.sleep(0.02)
        assert [entry[1] for entry in producer.log] == [CHANGELOG]
        producer.hold.set()
        assert await flush

    run(story())


def test_what_is_folded_during_a_flush_is_not_covered_by_its_marker() -> None:
    async def story() -> None:
        unit, producer = unit_of()
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10)])
        producer.hold = asyncio.Event()
        flush = asyncio.ensure_future(unit.flush(marker=False))
        await asyncio.sleep(0.02)
        unit.take(TOPICS.events, [record(2, 11)])
        producer.hold.set()
        await flush
        assert (unit.flushed, unit.done) == ({TOPICS.events: 11}, {TOPICS.events: 12})
        assert unit.behind

    run(story())


def test_two_flushes_never_overlap() -> None:
    async def story() -> None:
        unit, producer = unit_of()
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10)])
        producer.hold = asyncio.Event()
        first = asyncio.ensure_future(unit.flush(marker=True))
        await asyncio.sleep(0.01)
        unit.take(TOPICS.events, [record(2, 11)])
        second = asyncio.ensure_future(unit.flush(marker=True))
        await asyncio.sleep(0.01)
        assert producer.steps().count("begin") == 1
        producer.hold.set()
        assert [await first, await second] == [True, True]
        assert producer.steps() == ["begin", "send", "send", "commit"] * 2

    run(story())


def test_records_fetched_before_the_seek_to_the_marker_are_not_folded_again() -> None:
    unit = _restored_at(20)
    assert unit.take(TOPICS.events, [record(n, n) for n in range(15, 20)]) == 0
    assert unit.take(TOPICS.events, [record(n, n) for n in range(18, 23)]) == 3
    assert unit.done[TOPICS.events] == 23


def _restored_at(offset: int) -> Unit:
    async def made() -> Unit:
        unit, _ = unit_of()
        unit.begin({TOPICS.events: offset})
        return unit

    return asyncio.run(made())


def test_progress_alone_is_sent_by_the_timer_and_not_by_the_adaptive_flush() -> None:
    async def story() -> None:
        unit, producer = unit_of()
        unit.begin({TOPICS.events: 5})
        unit.done[TOPICS.events] = 9
        assert not await unit.flush(marker=False)
        assert producer.log == []
        assert await unit.flush(marker=True)
        assert producer.log[1] == ("send", CHANGELOG, 2, (APPLIED,))
        assert not await unit.flush(marker=True), "the same progress twice"

    run(story())


@pytest.mark.parametrize("step", ["begin", "send", "ack", "commit"])
def test_a_failed_flush_covers_nothing(step: str) -> None:
    async def story() -> None:
        unit, producer = unit_of()
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10)])
        producer.fail = (step, ProducerFenced())
        with pytest.raises(ProducerFenced):
            await unit.flush(marker=True)
        assert unit.flushed == {}

    run(story())


def test_a_closed_unit_sends_nothing_whatever_waits_for_its_lock() -> None:
    async def story() -> None:
        unit, producer = unit_of()
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10)])
        unit.close()
        assert not await unit.flush(marker=True)
        assert producer.log == []

    run(story())


def test_stopping_inside_a_transaction_aborts_it() -> None:
    async def story() -> None:
        unit, producer = unit_of()
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10)])
        producer.fail = ("ack", ProducerFenced())
        with pytest.raises(ProducerFenced):
            await unit.flush(marker=True)
        producer.fail = None
        assert await unit.stop() == []
        assert producer.steps()[-2:] == ["abort", "stop"]

    run(story())


def test_the_brokers_refusal_is_named_also_where_the_producer_says_first_that_it_is_over() -> None:
    async def story() -> None:
        unit, producer = unit_of()
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10)])
        producer.refused = asyncio.get_running_loop().create_future()
        producer.refused.set_exception(ProducerFenced())
        producer.fail = ("send", IllegalOperation("not in transaction"))
        with pytest.raises(ProducerFenced):
            await unit.flush(marker=True)

    run(story())


def test_restoring_keeps_markers_from_the_fold_and_the_newest_wins() -> None:
    async def story() -> None:
        unit, _ = unit_of()
        unit.restore(
            [change(b"k1", b"\x93\x91\x01\x90\x00"), change(APPLIED, applied({"a": 3})), change(b"k2", None)]
        )
        unit.restore([change(APPLIED, applied({"a": 7}))])
        assert unit.marker == {"a": 7}
        assert unit.fold.size() == 1
        unit.begin(unit.marker)
        assert not unit.behind

    run(story())


def test_an_unfenced_restore_owes_the_outputs_of_keys_after_the_last_published_marker() -> None:
    async def story() -> None:
        unit, producer = unit_of(fenced=False)
        one, two = b"\x93\x91\x01\x90\x00", b"\x93\x91\x02\x90\x00"
        unit.restore(
            [change(b"k1", one), change(PUBLISHED, b"1"), change(b"k2", two), change(APPLIED, applied({}))]
        )
        unit.begin({})
        assert unit.behind
        assert unit.wake.is_set()
        await unit.flush(marker=False)
        sent = [entry for entry in producer.log if entry[1] == TOPICS.out]
        assert [keys for _, _, _, keys in sent] == [(b"k2",)]
        assert not unit.behind

    run(story())


def test_a_fenced_restore_owes_nothing() -> None:
    async def story() -> None:
        unit, _ = unit_of()
        unit.restore([change(b"k1", b"\x93\x91\x01\x90\x00")])
        unit.begin({})
        assert not unit.behind

    run(story())


def test_the_adaptive_flush_hands_a_failure_over_and_ends() -> None:
    async def story() -> None:
        unit, producer = unit_of()
        unit.begin({})
        given_up: list[BaseException] = []

        async def give_up(exc: BaseException) -> None:
            given_up.append(exc)

        unit.start(give_up)
        unit.take(TOPICS.events, [record(1, 10)])
        producer.fail = ("commit", ProducerFenced())
        unit.wake.set()
        await asyncio.sleep(0.05)
        assert [type(exc) for exc in given_up] == [ProducerFenced]

    run(story())


def test_every_step_of_a_flush_is_a_checkpoint() -> None:
    steps: dict[bool, list[str]] = {}

    async def story(fenced: bool) -> None:
        seen = steps[fenced] = []
        unit, _ = unit_of(fenced, checkpoint=lambda step, _partition: seen.append(step))
        unit.begin({})
        unit.take(TOPICS.events, [record(1, 10)])
        await unit.flush(marker=False)

    for fenced in (True, False):
        run(story(fenced))
    assert steps[True] == ["cut", "begun", "state_sent", "outputs_sent", "acked", "committed"]
    assert steps[False] == ["cut", "state_acked", "outputs_acked", "published"]


def test_markers_read_back_what_they_were_given() -> None:
    progress = {"b": 2, "a": 1 << 40}
    assert read_applied(applied(progress)) == progress
    assert applied({"b": 1, "a": 2}) == applied({"a": 2, "b": 1})


def test_a_plan_refuses_a_session_brokers_refuse() -> None:
    from runtime.errors import Misconfigured

    with pytest.raises(Misconfigured, match="session"):
        plan(session_s=5.0)
    assert isinstance(plan(session_s=6.0), Plan)
