"""What a bench stands on: a broker with nothing in it, its topics, and what the machine was doing.

In: which broker (real Kafka by default, the embedded one for tests, or KAFKA_BOOTSTRAP). Out: an address.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from runtime.brokers.detect import detect
from runtime.brokers.embedded import EmbeddedBroker
from runtime.brokers.kafka import KafkaBroker
from runtime.brokers.traits import BrokerTraits
from runtime.settings import load_settings
from schemas.catalogue import (
    ALERT,
    FORWARD,
    INTERNAL_PLACE,
    NOTICE_OWED,
    QUARANTINE,
    VIEW_ALERT,
    VIEW_TRANSFER,
)

ROOT = Path(__file__).resolve().parent.parent
PARTITIONS = 4


class Wrong(RuntimeError):
    """A run whose result is not right: its figures do not count."""


@dataclass(frozen=True)
class Ground:
    """A broker to measure on."""

    bootstrap: str
    traits: BrokerTraits
    partitions: int = PARTITIONS

    def topics(self, *names: str) -> None:
        """Create topics."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        admin.create_topics([NewTopic(name, self.partitions, 1) for name in names])
        admin.close()

    def source(self) -> str:
        """A new source topic; what a fold publishes to is made with it, on a broker that has none of it."""
        name = f"bench.events.{uuid.uuid4().hex[:8]}"
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        there = set(admin.list_topics())
        admin.close()
        outputs = (VIEW_TRANSFER, VIEW_ALERT, ALERT, FORWARD, INTERNAL_PLACE, NOTICE_OWED, QUARANTINE)
        self.topics(name, *(topic for topic in outputs if topic not in there))
        return name


@contextmanager
def fresh(broker: str) -> Iterator[Ground]:
    """A broker for the length of a block: `kafka` (a new node, or the cluster at KAFKA_BOOTSTRAP) or
    `embedded`.
    """
    given = os.environ.get("KAFKA_BOOTSTRAP", "")
    if broker == "embedded":
        small = EmbeddedBroker()
        try:
            yield Ground(small.bootstrap, detect(small.bootstrap))
        finally:
            small.stop()
    elif given:
        yield Ground(given, detect(given))
    else:
        node = KafkaBroker(ROOT / load_settings().cache)
        try:
            node.start()
            yield Ground(node.bootstrap, detect(node.bootstrap))
        finally:
            node.close()


def folder() -> str:
    """A new empty folder outside the repository."""
    return tempfile.mkdtemp(prefix="homeward-bench-")


def app_id() -> str:
    """An application nobody else is."""
    return f"bench-{uuid.uuid4().hex[:8]}"


def load_now() -> list[float]:
    """The machine's load averages: others may be at work."""
    return [round(load, 2) for load in os.getloadavg()]


def say(text: str) -> None:
    """Progress, for whoever waits."""
    print(text, flush=True)
