"""kill -9, SIGSTOP and SIGTERM of workers, connectors and the broker under load, on real Kafka.

One place for all runs, each with its own portion of the load; after each: the archive holds every in-scope
message of the senders' logs, live lines equal the replay of the archive to the byte, a read_committed
subscriber saw no output twice.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from functools import partial

import pytest

from cli.demo.processes import Child
from runtime.brokers.kafka import KafkaBroker
from schemas.catalogue import PARTITIONS
from tests.system.fault_run import Run
from tests.system.load import Town
from tests.system.place import SystemPlace, until
from tests.system.verdict import fenced

# Every wait is bounded by itself; the sum of them is more than the usual limit of a test.
pytestmark = [pytest.mark.kafka, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

STEPS = ("cut", "begun", "state_sent", "outputs_sent", "acked", "committed")
BEFORE_COMMIT = STEPS[:-1]


@pytest.fixture
def run(kafka_place: SystemPlace, request: pytest.FixtureRequest) -> Iterator[Run]:
    """A run on the place; whatever it did, one worker and the connectors are up for the next."""
    yield Run(kafka_place, request)
    kafka_place.make_whole()


def owns_all(worker: Child) -> bool:
    """Whether a worker's newest word is that it folds every partition."""
    said = [row for row in worker.lines() if row.get("event") == "engine.ready"]
    return bool(said) and len(said[-1]["partitions"]) == PARTITIONS["demo"]


class TestWorker:
    """A worker dies, leaves or sleeps; another goes on where it was."""

    def test_killed_three_times_inside_a_flush(self, run: Run, town: Town) -> None:
        place, rng = run.place, random.Random(1)
        run.begin(town, 240, per_second=10)
        for step in rng.sample(BEFORE_COMMIT, 3):
            victim = place.workers.pop()
            successor = place.start_worker(wait=False)
            place.order(victim, step, signal.SIGKILL)
            run.now()
            victim.popen.wait(10)
            place.wait_ready(successor)
            run.figures[f"killed at {step}"] = 1
        run.end()
        assert run.figures["records in flight"] > 0
        assert run.figures["facts replayed"] > 0

    def test_a_second_joins_and_the_first_leaves(self, run: Run, town: Town) -> None:
        place = run.place
        run.begin(town, 150, per_second=20)
        first = place.workers[0]
        place.start_worker()
        run.now()
        assert place.stop(first) == 0, "SIGTERM settles and ends with 0"
        place.workers.remove(first)
        run.end()

    def test_stopped_inside_a_flush_past_its_session_and_continued_after_another_took_over(
        self, run: Run, town: Town
    ) -> None:
        """The sleeper is blind: who refuses first (its clock, its membership, the broker) is a race else, and
        it is the broker that nothing gets past.
        """
        place, rng, before = run.place, random.Random(2), fenced(run.place)[0]
        successor, sleeper = place.workers[0], place.start_worker(blind=True)
        until(lambda: not owns_all(successor), 60, "both have their share")
        run.begin(town, 200, per_second=12)
        place.order(sleeper, rng.choice(BEFORE_COMMIT[2:]), signal.SIGSTOP)
        run.now()
        until(partial(owns_all, successor), 60, "the other took all partitions")
        place.resume(sleeper)
        assert sleeper.popen.wait(20) == 1, "whoever lost its partitions ends, to be started again"
        place.workers.remove(sleeper)
        refused = fenced(place)[0] - before
        run.figures["fenced writes refused"] = refused
        run.end()
        assert run.figures["facts replayed"] > 0
        assert refused > 0


class TestConnectors:
    """The connectors die between archive, events and answer; the senders send again."""

    def test_killed_after_archive_events_and_refusals(self, run: Run, town: Town) -> None:
        place = run.place
        assert place.stop(place.connectors) == 0
        dying = place.start_connectors(dies_at=("archived", 40))
        run.begin(town, 250, per_second=40)
        for step, number in (("published", 30), ("quarantined", 30), ("", 0)):
            dying.popen.wait(60)
            run.now()
            assert dying.popen.returncode == 137
            dying = place.start_connectors(dies_at=(step, number) if step else None)
        run.end()
        assert run.figures["unanswered at the fault"] > 0


class TestBroker:
    """The broker dies and comes back; whoever gave up is started again, as a supervisor does."""

    def test_killed_and_started_again(self, run: Run, town: Town, kafka: KafkaBroker) -> None:
        place = run.place
        senders = run.begin(town, 200, per_second=30)
        kafka.kill()
        time.sleep(1.5)
        run.now()
        kafka.start()
        ended: list[str] = []

        def answered() -> bool:
            ended.extend(place.revive())
            return not senders.is_alive()

        until(answered, 120, "everything answered after the broker came back", every=0.5)
        run.figures["processes started again"] = len(ended)
        for child in [*place.workers, place.connectors]:
            place.wait_ready(child)
        run.end()
        assert run.unanswered > 0, "nobody was answered yes while there was no broker"
