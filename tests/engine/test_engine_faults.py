"""Faults on real processes and brokers. Each run ends in one verdict: folded state and outputs against a
plain loop over what the broker acknowledged to the *sender*; and it counts what it provoked, so that a
fault that did not strike fails.

Fenced (Kafka): every output exactly once for a read_committed reader, no event seen twice by any state, no
older state after a newer one. Unfenced (embedded broker): nothing lost; outputs may repeat with the same
id.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.brokers.kafka import KafkaBroker
from tests.conftest import Bed, kafka_cache
from tests.engine.actors import Feeder, Worker
from tests.engine.rig import Rig

FENCED_STEPS = ("cut", "begun", "state_sent", "outputs_sent", "acked", "committed")
PLAIN_STEPS = ("cut", "state_acked", "outputs_acked", "published")

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[[dict[str, Any]], None]:
    """Puts what a run provoked and found on the closing page of the test report."""

    def say(counts: dict[str, Any]) -> None:
        text = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
        request.node.user_properties.append(("figures", text))

    return say


@pytest.fixture
def rig(kafka_bed: Bed, tmp_path: Path, figures: Callable[[dict[str, Any]], None]) -> Iterator[Rig]:
    """A rig on the session's Kafka."""
    made = Rig(kafka_bed.bootstrap, kafka_bed.traits, tmp_path, say=figures)
    yield made
    made.close()


@pytest.fixture
def plain_rig(embedded_bed: Bed, tmp_path: Path, figures: Callable[[dict[str, Any]], None]) -> Iterator[Rig]:
    """A rig on the session's embedded broker."""
    made = Rig(embedded_bed.bootstrap, embedded_bed.traits, tmp_path, say=figures)
    yield made
    made.close()


def in_flight(rig: Rig, feeder: Feeder) -> int:
    """Events acknowledged to the sender and not folded yet."""
    return max(0, len(feeder.acked) * 6 // 5 - rig.folded())


def finish(rig: Rig, feeder: Feeder, seconds: float = 30) -> list[int]:
    """Let the sender end, wait for all its outputs; returns what was acknowledged to it."""
    feeder.enough.set()
    feeder.join(60)
    assert not feeder.is_alive(), "the sender could not finish"
    numbers = sorted(feeder.acked)
    rig.wait_outputs(numbers, seconds)
    return numbers


def exact(rig: Rig, numbers: list[int], **counts: Any) -> dict[str, int]:
    """The verdict of a fenced run; printed with what was provoked."""
    verdict = rig.verdict(numbers)
    rig.say({**verdict, **counts})
    wrong = (
        "wrong_keys",
        "missing_outputs",
        "extra_outputs",
        "repeated_outputs",
        "seen_again",
        "regressions",
    )
    assert {name: verdict[name] for name in wrong if verdict[name]} == {}, rig.last_words()
    return verdict


def complete(rig: Rig, numbers: list[int], **counts: Any) -> dict[str, int]:
    """The verdict of an unfenced run: repetitions are allowed, nothing else."""
    verdict = rig.verdict(numbers)
    rig.say({**verdict, **counts})
    wrong = ("wrong_keys", "missing_outputs", "extra_outputs")
    assert {name: verdict[name] for name in wrong if verdict[name]} == {}, rig.last_words()
    return verdict


def ready(rig: Rig, worker: Worker) -> float:
    return rig.wait(worker.ready, 90, "a worker ready")


@pytest.mark.kafka
def test_kill_nine_three_times_under_load(rig: Rig) -> None:
    feeder = rig.feed(per_second=900)
    flying, downtimes = [], []
    worker = rig.worker()
    ready(rig, worker)
    for _ in range(3):
        folded = rig.folded()
        rig.wait(lambda was=folded: rig.folded() > was + 2000, 90, "work under load")
        flying.append(in_flight(rig, feeder))
        worker.kill()
        worker = rig.worker()
        downtimes.append(round(ready(rig, worker), 1))
    numbers = finish(rig, feeder)
    verdict = exact(rig, numbers, kills=3, in_flight_at_kill=flying, seconds_to_ready=downtimes)
    assert verdict["folded_again"] > 0, "no kill lost any work: it was not under load"
    assert worker.stop() == 0


@pytest.mark.kafka
def test_crash_between_any_two_steps_of_a_flush(rig: Rig) -> None:
    feeder = rig.feed(per_second=500)
    for step in FENCED_STEPS:
        worker = rig.worker(crash={"at": step, "after": 8})
        rig.wait(lambda w=worker: not w.alive(), 90, f"the crash after {step}")
        assert worker.process.wait() == -signal.SIGKILL
    ready(rig, rig.worker())
    numbers = finish(rig, feeder)
    hits = [line.split()[0] for line in rig.hits()]
    verdict = exact(rig, numbers, steps_hit=hits)
    assert hits == list(FENCED_STEPS)
    assert verdict["folded_again"] > 0


@pytest.mark.kafka
def test_a_second_worker_joins_and_the_first_is_stopped(rig: Rig) -> None:
    feeder = rig.feed(per_second=900)
    first = rig.worker()
    ready(rig, first)
    second = rig.worker()
    ready(rig, second)
    rig.wait(
        lambda: len(first.lines("engine.ready")) >= 2, 30, "the first worker's partitions after the rebalance"
    )
    shares = [set(worker.lines("engine.ready")[-1]["partitions"]) for worker in (first, second)]
    assert shares[0] | shares[1] == {0, 1, 2}
    assert not shares[0] & shares[1]
    assert all(shares)
    began = time.monotonic()
    assert first.stop() == 0
    stopped_s = time.monotonic() - began
    rig.wait(lambda: second.lines("engine.ready")[-1]["partitions"] == [0, 1, 2], 90, "the second takes all")
    verdict = exact(
        rig, finish(rig, feeder), shares=[len(s) for s in shares], stop_seconds=round(stopped_s, 1)
    )
    assert verdict["folded_again"] == 0, "both were asked in time: nothing is done twice"


def sleep_past_the_session(rig: Rig, feeder: Feeder, sleeper: Worker, stop: bool, **given: Any) -> Worker:
    """The sleeper is stopped, a successor takes over and works, the sleeper wakes. Returns the successor."""
    ready(rig, sleeper)
    if stop:
        rig.wait(lambda: rig.folded() > 2000, 90, "work under load")
        sleeper.send(signal.SIGSTOP)
    else:
        rig.wait(lambda: bool(rig.hits()), 90, "the stop at a checkpoint")
    successor = rig.worker(**given)
    ready(rig, successor)
    # What was sent until now is durable under the successor: whatever the sleeper still writes is older.
    rig.wait_outputs(sorted(feeder.acked)[-500:], 90)
    sleeper.send(signal.SIGCONT)
    return successor


INSIDE = {"at": "acked", "after": 60, "signal": "SIGSTOP"}
BLIND = {"blind": True, "flush_timeout_s": 300.0}
"""No clock, no membership: only the broker can refuse."""

SLEEPS = {
    "checked": {},
    "inside-a-transaction": {"crash": INSIDE},
    "blind": BLIND,
    "blind-inside-a-transaction": {"crash": INSIDE, **BLIND},
}


@pytest.mark.kafka
@pytest.mark.parametrize("how", SLEEPS)
def test_a_worker_that_sleeps_past_its_session_cannot_write_over_its_successor(rig: Rig, how: str) -> None:
    """SIGSTOP, a successor takes over, SIGCONT: nothing is written over the successor. Which defence of a
    woken worker is first (its clock, its membership, the broker) is a race; a blind one has the broker only.
    """
    refusals = slept(rig, how)
    assert refusals["fenced"] == 1 or not SLEEPS[how].get("blind")


def slept(rig: Rig, how: str) -> dict[str, int]:
    """One sleep and what must hold after it; who refused what the woken worker would have written."""
    feeder = rig.feed(per_second=700)
    sleeper = rig.worker(**SLEEPS[how])
    successor = sleep_past_the_session(rig, feeder, sleeper, stop="crash" not in SLEEPS[how])
    rig.wait(lambda: not sleeper.alive(), 90, "the end of the woken worker")
    assert sleeper.process.wait() == 1, rig.last_words()
    stops = sleeper.lines("engine.stopping")
    refusals = {"fenced": sum(s["fenced"] for s in stops), "member_gone": sum(not s["fenced"] for s in stops)}
    verdict = exact(rig, finish(rig, feeder), how=how, refusals=refusals)
    assert len(successor.lines("engine.stopping")) == 0, rig.last_words()
    assert refusals["fenced"] + refusals["member_gone"] == 1, rig.last_words()
    assert verdict["folded_again"] > 0
    return refusals


@pytest.mark.kafka
def test_control_the_same_sleep_without_fence_and_checks_does_harm(rig: Rig) -> None:
    """What the verdict is worth: the same run, unfenced and blind, is not exact."""
    feeder = rig.feed(per_second=700)
    unsafe = {"fenced": False, "blind": True}
    sleeper = rig.worker(**unsafe, crash={"at": "cut", "after": 60, "signal": "SIGSTOP"})
    sleep_past_the_session(rig, feeder, sleeper, stop=False, **unsafe)
    time.sleep(2)  # nothing refuses it: it writes, and goes on as if nothing had been
    sleeper.kill()
    verdict = rig.verdict(finish(rig, feeder))
    rig.say(verdict)
    assert verdict["regressions"] > 0
    assert verdict["repeated_outputs"] > 0


@pytest.mark.kafka
@pytest.mark.parametrize("fault", ["kill", "pause"])
def test_the_broker_dies_or_sleeps_and_comes_back(
    tmp_path: Path, figures: Callable[[dict[str, Any]], None], fault: str
) -> None:
    """A Kafka of its own. The worker holds its flushes meanwhile. Where the broker has given its partitions
    up it stops, and is started again as in production.
    """
    broker = KafkaBroker(kafka_cache(), tmp_path / "kafka")
    broker.start()
    rig = Rig(broker.bootstrap, broker.traits, tmp_path / "rig", say=figures)
    supervisor = rig.supervise(rig.worker())
    try:
        feeder = rig.feed(per_second=500)
        ready(rig, supervisor.worker)
        rig.wait(lambda: rig.folded() > 2000, 90, "work under load")
        flying, sent = in_flight(rig, feeder), len(feeder.acked)
        broker.kill() if fault == "kill" else broker.pause()
        time.sleep(2 if fault == "kill" else 12)
        broker.start() if fault == "kill" else broker.resume()
        folded = rig.folded()
        again_s = rig.wait(lambda: rig.folded() > folded + 500, 90, "work after the fault")
        numbers = finish(rig, feeder, 45)
        counts = {"fault": fault, "in_flight_at_fault": flying, "restarts": supervisor.restarts}
        exact(rig, numbers, **counts, work_again_seconds=round(again_s, 1))
        assert len(numbers) > sent > 0
    finally:
        supervisor.stop()
        rig.close()
        broker.close()


def test_unfenced_crash_between_any_two_steps_of_a_flush(plain_rig: Rig) -> None:
    rig = plain_rig
    feeder = rig.feed(per_second=150)
    for step in PLAIN_STEPS:
        worker = rig.worker(crash={"at": step, "after": 10})
        rig.wait(lambda w=worker: not w.alive(), 90, f"the crash after {step}")
    ready(rig, rig.worker())
    numbers = finish(rig, feeder)
    hits = [line.split()[0] for line in rig.hits()]
    verdict = complete(rig, numbers, steps_hit=hits)
    assert hits == list(PLAIN_STEPS)
    assert verdict["repeated_outputs"] > 0, "outputs owed after the crash were sent again"


def test_unfenced_kill_nine_under_load(plain_rig: Rig) -> None:
    rig = plain_rig
    feeder = rig.feed(per_second=400)
    worker = rig.worker()
    ready(rig, worker)
    rig.wait(lambda: rig.folded() > 2000, 90, "work under load")
    flying = in_flight(rig, feeder)
    worker.kill()
    worker = rig.worker()
    ready(rig, worker)
    complete(rig, finish(rig, feeder), in_flight_at_kill=flying, kills=1)
    assert worker.stop() == 0
