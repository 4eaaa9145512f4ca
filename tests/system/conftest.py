"""Places for system tests: one on a Kafka of its own, one on an embedded broker of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runtime.brokers.embedded import EmbeddedBroker
from runtime.brokers.kafka import KafkaBroker
from tests.conftest import kafka_cache
from tests.system.load import Town
from tests.system.place import SystemPlace


@pytest.fixture(scope="module")
def town() -> Town:
    """What there is to send, in portions."""
    return Town()


@pytest.fixture(scope="module")
def embedded_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemPlace]:
    """A running place on an embedded broker."""
    folder = tmp_path_factory.mktemp("place")
    broker = EmbeddedBroker(log=folder / "broker.log")
    place = SystemPlace(folder, broker.bootstrap)
    try:
        yield place.start()
    finally:
        place.close()
        broker.stop()


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
