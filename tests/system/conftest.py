"""Places for system tests: one on a Kafka of its own, two on embedded brokers of their own: one under load,
one that hears single messages only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from runtime.brokers.embedded import EmbeddedBroker
from runtime.brokers.kafka import KafkaBroker
from tests.conftest import kafka_cache
from tests.system.load import Town
from tests.system.place import SystemPlace

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def town() -> Town:
    """What there is to send to the place on Kafka, in portions."""
    return Town()


@contextmanager
def embedded(folder: Path) -> Iterator[SystemPlace]:
    """A running place on an embedded broker."""
    broker = EmbeddedBroker(log=folder / "broker.log")
    place = SystemPlace(folder, broker.bootstrap)
    try:
        yield place.start()
    finally:
        place.close()
        broker.stop()


class Standing:
    """Places that several modules share: started when first asked for, and ended before the first test that
    is not of this folder: an idle place takes a third of a core from whatever comes after it.
    """

    def __init__(self) -> None:
        self._places: dict[str, SystemPlace] = {}
        self._until = ExitStack()
        self._town: Town | None = None

    def town(self) -> Town:
        """What there is to send to the loaded place, each portion once."""
        if self._town is None:
            self._town = Town()
        return self._town

    def place(self, name: str, folders: pytest.TempPathFactory) -> SystemPlace:
        """The place of that name."""
        if name not in self._places:
            self._places[name] = self._until.enter_context(embedded(folders.mktemp(name)))
        return self._places[name]

    def end(self) -> None:
        """Nothing is left running; who asks again gets a new place, and a new town for it."""
        self._until.close()
        self._places, self._town = {}, None


STANDING = Standing()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """End what stands when this worker goes on to other tests, after the fixtures of the test are done."""
    if nextitem is None or HERE not in nextitem.path.parents:
        STANDING.end()


@pytest.fixture
def loaded(tmp_path_factory: pytest.TempPathFactory) -> SystemPlace:
    """A place that plays portions of the town."""
    return STANDING.place("loaded", tmp_path_factory)


@pytest.fixture
def loaded_town(loaded: SystemPlace) -> Town:
    """What there is to send to the loaded place."""
    return STANDING.town()


@pytest.fixture
def wired(tmp_path_factory: pytest.TempPathFactory) -> SystemPlace:
    """A place that hears single messages."""
    return STANDING.place("wired", tmp_path_factory)


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A Kafka nobody else uses, to be killed at will."""
    broker = KafkaBroker(kafka_cache(), tmp_path_factory.mktemp("kafka"))
    try:
        broker.start()
        yield broker
    finally:
        broker.close()


@pytest.fixture(scope="module")
def kafka_place(kafka: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemPlace]:
    """A running place on that Kafka."""
    place = SystemPlace(tmp_path_factory.mktemp("place"), kafka.bootstrap)
    try:
        yield place.start()
    finally:
        place.close()
