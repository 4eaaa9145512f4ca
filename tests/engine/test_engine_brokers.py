"""The engine as a process on each broker: exactness without faults, restarts, and the refusals at start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.structs import TopicPartition

from tests.conftest import Bed
from tests.engine.rig import Rig
from tests.engine.toy_fold import key_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def rig(bed: Bed, tmp_path: Path) -> Iterator[Rig]:
    """A rig on each broker in turn."""
    made = Rig(bed.bootstrap, bed.traits, tmp_path)
    yield made
    made.close()


@pytest.fixture
def kafka_rig(kafka_bed: Bed, tmp_path: Path) -> Iterator[Rig]:
    """A rig on Kafka."""
    made = Rig(kafka_bed.bootstrap, kafka_bed.traits, tmp_path)
    yield made
    made.close()


def test_outputs_and_state_are_exact_over_a_stop_and_a_start(rig: Rig) -> None:
    """Also where the changelog was empty, short, and longer than one fetch batch says (the embedded
    broker).
    """
    first = rig.worker()
    feeder = rig.feed(3000, 2000)
    rig.wait(first.ready, 90, "the first worker")
    feeder.join(30)
    rig.wait_outputs(range(3000), 90)
    assert first.stop() == 0
    second = rig.worker()
    rig.wait(second.ready, 90, "the second worker")
    assert second.lines("engine.ready")[0]["keys"] == len(rig.states()), "all keys came back"
    rig.feed(1000, 2000, start=3000).join(30)
    rig.wait_outputs(range(4000), 90)
    assert second.stop() == 0
    verdict = rig.verdict(range(4000))
    print(verdict)
    assert {name: count for name, count in verdict.items() if count} == {"events": 4000, "keys": 400}


def test_a_fact_is_visible_within_milliseconds_when_caught_up(rig: Rig) -> None:
    """Adaptive flush: one event, read back long before the timer of commits would flush it."""
    worker = rig.worker(commit_s=300.0)
    rig.wait(worker.ready, 90, "a worker")
    rig.feed(20, 1000).join(10)
    rig.wait_outputs(range(20), 90)
    rig.feed(1, 1000, start=20).join(10)
    rig.wait_outputs(range(21), 90)


def test_a_fold_that_raises_stops_the_worker_with_nothing_of_the_batch_committed(rig: Rig) -> None:
    worker = rig.worker()
    rig.wait(worker.ready, 90, "a worker")
    rig.feed(200, 1000).join(10)
    rig.wait_outputs(range(200), 90)
    producer = KafkaProducer(bootstrap_servers=rig.bootstrap)
    producer.send(rig.topics.events, key=key_of(0), value=b"-7")
    producer.flush()
    producer.close()
    rig.wait(lambda: not worker.alive(), 90, "the end of the worker")
    assert worker.process.wait() == 1
    assert worker.lines("engine.stopping")[0]["cause"] == "FoldFailed"
    again = rig.worker()
    rig.wait(lambda: not again.alive(), 90, "the poisoned record met again: it was not committed past")
    assert again.process.wait() == 1
    assert set(rig.outputs()) == {o for o in rig.outputs() if not o.endswith(b"-7")}


def test_a_wrong_partition_count_is_a_wrong_setting(rig: Rig) -> None:
    rig.partitions = 5
    worker = rig.worker()
    rig.wait(lambda: not worker.alive(), 90, "a refusal")
    assert worker.process.wait() == 2


@pytest.mark.kafka
def test_an_offset_out_of_range_stops_the_worker_and_skips_nothing(kafka_rig: Rig) -> None:
    """Records the marker still needs were deleted: neither earliest nor latest is right, a person must
    look.
    """
    rig = kafka_rig
    worker = rig.worker()
    rig.wait(worker.ready, 90, "a worker")
    rig.feed(300, 1000).join(10)
    rig.wait_outputs(range(300), 90)
    assert worker.stop() == 0
    rig.feed(300, 1000, start=300).join(10)
    admin = KafkaAdminClient(bootstrap_servers=rig.bootstrap)
    admin.delete_records({TopicPartition(rig.topics.events, p): -1 for p in range(rig.partitions)})
    admin.close()
    worker = rig.worker()
    rig.wait(lambda: not worker.alive(), 90, "the stop")
    assert worker.process.wait() == 1
    assert worker.lines("engine.stopping")[0]["cause"] == "OffsetOutOfRangeError"


@pytest.mark.kafka
def test_the_stock_engine_gives_the_same_state_and_survives_kill_nine(kafka_rig: Rig) -> None:
    rig = kafka_rig
    rig.suffix = "-stock"
    first = rig.worker(engine="stock")
    rig.wait(first.ready, 90, "a stock worker")
    feeder = rig.feed(600, 200)
    rig.wait(lambda: rig.folded() > 200, 90, "work")
    first.kill()
    second = rig.worker(engine="stock")
    rig.wait(second.ready, 90, "a second stock worker")
    feeder.join(30)
    rig.wait_outputs(range(600), 240)  # two answers of the broker an event, one event at a time
    assert second.stop() == 0
    verdict = rig.verdict(range(600))
    print(verdict)
    wrong = ("wrong_keys", "missing_outputs", "extra_outputs", "regressions")
    assert {name: verdict[name] for name in wrong if verdict[name]} == {}
