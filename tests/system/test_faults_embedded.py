"""kill -9 of the worker and of the connectors on the embedded broker: no fencing, so an output may be
repeated, but nothing is lost and live lines equal the replay.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator

import pytest

from tests.system.fault_run import Run
from tests.system.load import Town
from tests.system.place import SystemPlace

pytestmark = [
    pytest.mark.fault, pytest.mark.slow, pytest.mark.xdist_group("system"), pytest.mark.timeout(600),
]  # fmt: skip

STEPS = ("cut", "state_acked", "outputs_acked")


@pytest.fixture
def run(loaded: SystemPlace, request: pytest.FixtureRequest) -> Iterator[Run]:
    """A run on the place; whatever it did, one worker and the connectors are up for the next."""
    yield Run(loaded, request)
    loaded.make_whole()


class TestUnfenced:
    """Without transactions a recovery says again what it cannot know to have been said."""

    def test_worker_killed_inside_a_flush(self, run: Run, loaded_town: Town) -> None:
        place, step = run.place, random.Random(4).choice(STEPS)
        run.begin(loaded_town, 150, per_second=15)
        victim = place.workers.pop()
        successor = place.start_worker(wait=False)
        place.order(victim, step, signal.SIGKILL)
        run.now()
        place.wait_ready(successor)
        run.figures[f"killed at {step}"] = 1
        run.end()
        assert run.figures["records in flight"] > 0
        assert run.figures["facts replayed"] > 0

    def test_connectors_killed_between_archive_and_events(self, run: Run, loaded_town: Town) -> None:
        place = run.place
        assert place.stop(place.connectors) == 0
        dying = place.start_connectors(dies_at=("archived", 40))
        run.begin(loaded_town, 150, per_second=40)
        dying.popen.wait(60)
        run.now()
        assert dying.popen.returncode == 137
        place.start_connectors()
        run.end()
        assert run.figures["unanswered at the fault"] > 0
