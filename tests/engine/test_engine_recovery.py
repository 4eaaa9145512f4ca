"""The end of a recovery, by position; and the parts of the plumbing that are pure."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP
from kafka.partitioner.default import murmur2 as reference_murmur2

from streams.engine.errors import RecordTooLarge
from streams.engine.recovery import PositionRecovery
from streams.engine.sender import Sender, partition_of
from streams.engine.thread import BatchThread
from streams.engine.types import Output
from streams.health import Health
from tests.engine.fakes import FakeProducer

A, B = TP("log", 0), TP("log", 1)


def recovery(ends: dict[TP, int]) -> Any:
    """A recovery service in the middle of its work, without Faust around it."""
    service = PositionRecovery.__new__(PositionRecovery)
    service.armed, service.reached, service.in_recovery = True, False, True
    service.active_tps, service.active_highwaters = set(ends), ends
    service._signal_recovery_end = asyncio.Event()
    return service


def test_recovery_ends_when_every_position_has_passed_its_end() -> None:
    service = recovery({A: 9, B: -1})
    at = {A: 9, B: 0}
    service.advance(at.__getitem__, None)
    assert service.need_recovery()
    at[A] = 10
    service.advance(at.__getitem__, None)
    assert not service.need_recovery()
    assert service.signal_recovery_end.is_set()


def test_control_records_after_the_last_record_do_not_keep_a_recovery_waiting() -> None:
    """Last record at 4, commit marker at 5: Faust compares 4 with 5 for ever, the position is 6."""
    service = recovery({A: 5})
    service.advance({A: 6}.__getitem__, None)
    assert not service.need_recovery()


def test_an_unarmed_recovery_ends_by_nothing() -> None:
    """Between a revocation and the seek of the next recovery old positions mean nothing."""
    service = recovery({A: 5})
    service.armed = False
    service.advance({A: 99}.__getitem__, None)
    assert service.need_recovery()
    assert not service.signal_recovery_end.is_set()


def test_where_listoffsets_is_too_low_the_end_is_what_a_fetch_says() -> None:
    service = recovery({A: -1})
    fetched: dict[TP, int | None] = {A: None}
    service.advance({A: 0}.__getitem__, fetched.get)
    assert service.need_recovery(), "no fetch has answered yet"
    fetched[A] = 117
    service.advance({A: 18}.__getitem__, fetched.get)
    assert service.need_recovery()
    service.advance({A: 117}.__getitem__, fetched.get)
    assert not service.need_recovery()


@pytest.mark.parametrize("partitions", [1, 3, 6, 24])
def test_keys_go_where_every_other_producer_sends_them(partitions: int) -> None:
    keys = [b"", b"a", b"p1:AAAAAAAAAAAAAAAAAAAAAAAAAA", *(b"k%d" % n for n in range(200))]
    theirs = [(reference_murmur2(key) & 0x7FFFFFFF) % partitions for key in keys]
    assert [partition_of(key, partitions) for key in keys] == theirs


def test_a_full_batch_is_followed_by_another_in_order() -> None:
    async def story() -> list[Any]:
        producer = FakeProducer(batch_limit=2)
        await Sender(producer).changelog("log", 1, [(b"k%d" % n, b"v") for n in range(5)])
        return [entry[3] for entry in producer.log]

    assert asyncio.run(story()) == [(b"k0", b"k1"), (b"k2", b"k3"), (b"k4",)]


def test_outputs_keep_their_order_within_a_partition_and_their_own_partition() -> None:
    async def story() -> list[Any]:
        producer = FakeProducer(partitions=1, batch_limit=9)
        outputs = [Output("t", b"k%d" % n, b"v", (), 3 if n % 2 else None) for n in range(4)]
        await Sender(producer).outputs(outputs)
        return producer.log

    assert asyncio.run(story()) == [("send", "t", 0, (b"k0", b"k2")), ("send", "t", 3, (b"k1", b"k3"))]


def test_a_record_no_batch_can_hold_is_named_by_size_only() -> None:
    with pytest.raises(RecordTooLarge, match=r"^log: 2000 bytes$"):
        asyncio.run(Sender(FakeProducer()).changelog("log", 1, [(b"secret-key", b"x" * 2000)]))


class FakeConsumer:
    """What `_put_back` and `_pause_all_but` need of aiokafka."""

    def __init__(self) -> None:
        self.sought: dict[Any, int] = {}

    def seek(self, tp: Any, offset: int) -> None:
        self.sought[tp] = offset


def test_records_fetched_across_a_rebalance_are_put_back() -> None:
    consumer = FakeConsumer()
    thread = BatchThread.__new__(BatchThread)
    thread._put_back(
        consumer, {A: [SimpleNamespace(offset=7), SimpleNamespace(offset=9)], B: [SimpleNamespace(offset=0)]}
    )
    assert consumer.sought == {A: 7, B: 0}


def test_a_heartbeat_counts_from_when_it_was_sent() -> None:
    """A process paused between the answer and its reading must not think itself fresh."""
    thread = BatchThread.__new__(BatchThread)
    thread.app = SimpleNamespace(plan=SimpleNamespace(session_s=6.0))
    assert thread.in_doubt(), "nothing heard yet"


def test_the_end_of_a_partition_is_the_last_stable_offset_where_there_is_one() -> None:
    thread = BatchThread.__new__(BatchThread)
    state = SimpleNamespace(lso=5, highwater=9, _position=4)
    assignment = SimpleNamespace(_tp_state={A: state})
    thread._consumer = SimpleNamespace(
        _subscription=SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))
    )
    assert (thread.end_now(A), thread.position_now(A)) == (5, 4)
    state.lso = -1
    assert thread.end_now(A) == 9
    assert (thread.end_now(B), thread.position_now(B)) == (None, -1)


def test_health_is_unready_until_the_engine_is() -> None:
    ready = [False]
    observed: list[int] = []
    health = Health("127.0.0.1", 0, lambda: ready[0], lambda: observed.append(1))
    assert health.answer("GET", "/v1/health/live")[0] == 200
    assert health.answer("GET", "/v1/health/ready")[0] == 503
    ready[0] = True
    assert health.answer("GET", "/v1/health/ready?x=1")[0] == 200
    assert b"toc_ready_bool" in health.answer("GET", "/metrics")[2]
    assert observed == [1]
    assert [health.answer(m, p)[0] for m, p in (("POST", "/metrics"), ("GET", "/table"))] == [405, 404]
