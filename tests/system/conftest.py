"""Places for system tests: one on a Kafka of its own, two on embedded brokers of their own: one under load,
one that hears single messages only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.brokers.embedded import EmbeddedBroker
from runtime.brokers.kafka import KafkaBroker
from tests.conftest import kafka_cache
from tests.system.load import Town
from tests.system.place import SystemPlace


@pytest.fixture(scope="module")
def town() -> Town:
    """What there is to send to the place on Kafka, in portions."""
    return Town()


@pytest.fixture(scope="session")
def loaded_town() -> Town:
    """What there is to send to the loaded place."""
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


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemPlace]:
    """A place that plays portions of the town."""
    with embedded(tmp_path_factory.mktemp("loaded")) as place:
        yield place


@pytest.fixture(scope="session")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemPlace]:
    """A place that hears single messages."""
    with embedded(tmp_path_factory.mktemp("wired")) as place:
        yield place


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
