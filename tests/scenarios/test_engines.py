"""The scenario folders through both engines as processes on both brokers: `ENGINE=stock`, which is ordinary
Faust agents and Tables, shows the lines the fenced engine shows, and both show those of the pure fold.

All folders go through at once (their people are different people, or are the same ones to everybody). The
fenced engine is stopped half way on Kafka and started again; how stock takes a kill is tests/engine's.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from cli.demo.processes import Child, Processes
from runtime.brokers.detect import detect
from runtime.kafka.reader import Reader
from schemas.catalogue import (
    ALERT,
    FORWARD,
    INTERNAL_PLACE,
    NOTICE_OWED,
    PERSON_TOPICS,
    QUARANTINE,
    VIEW_ALERT,
    VIEW_TRANSFER,
    topic_of,
)
from schemas.codec import decode, encode, record_from_fact
from schemas.fact import Fact
from tests.conftest import own_broker
from tests.scenarios.playing import without_clock
from tests.scenarios.together import LEFT_OUT, PARTITIONS, Shown, facts, folders, shown
from tests.system.place import ROOT, tail, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]
TOPICS = (*PERSON_TOPICS, FORWARD, INTERNAL_PLACE, VIEW_TRANSFER, VIEW_ALERT, ALERT, NOTICE_OWED, QUARANTINE)
SHOWN_SECONDS = 120.0


@contextmanager
def broker(kind: str) -> Iterator[str]:
    """A broker of its own, with the topics."""
    with own_broker(kind) as bootstrap:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in TOPICS])
        admin.close()
        yield bootstrap


def publish(bootstrap: str, some: Sequence[Fact]) -> None:
    """As the connectors do."""
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for fact in some:
        value = encode(fact.kind, record_from_fact(fact))
        producer.send(topic_of(fact.kind), key=fact.key.encode(), value=value)
    producer.flush()
    producer.close()


def views(bootstrap: str) -> Shown:
    """The last of each key of the view topic."""

    async def read() -> Shown:
        found: Shown = {}
        async with Reader(bootstrap, [VIEW_TRANSFER], detect(bootstrap)) as reader:
            async for batch in reader.to_end():
                for message in batch:
                    key = (message.key or b"").decode()
                    if message.value is None:
                        found.pop(key, None)
                        continue
                    record = decode(message.value)[1]
                    lines = (without_clock(line.encode()) for line in record["lines"])
                    found[key] = record["status"], tuple(sorted(lines))
        return found

    return asyncio.run(asyncio.wait_for(read(), 60))


def engine(processes: Processes, system: str, bootstrap: str, name: str) -> Child:
    """Start one and wait until it is ready."""
    given = json.dumps({"system": system, "bootstrap": bootstrap, "folder": str(processes.folder)})
    script = str(Path(__file__).with_name("engine_process.py"))
    child = processes.start(name, [sys.executable, script, given])

    def ready() -> bool:
        assert child.ended() is None, tail(child)
        return any(row.get("event") == "worker.ready" for row in child.lines())

    until(ready, 90, f"{name} ready\n{tail(child)}")
    return child


def played(system: str, kind: str, folder: Path) -> Shown:
    """What an engine shows in the end of all folders."""
    with broker(kind) as bootstrap:
        environment = {"PYTHONPATH": str(ROOT), "HOMEWARD_WORKER_PORT": "0", "PYTHONUNBUFFERED": "1"}
        with Processes(folder, environment) as processes:
            said, half = facts(), len(facts()) // 2
            child = engine(processes, system, bootstrap, f"{system}-1")
            publish(bootstrap, said[:half])
            if kind == "kafka" and system == "batch":
                until(lambda: len(views(bootstrap)) > half // 10, 60, "some views")
                child.popen.terminate()
                assert child.popen.wait(30) == 0, tail(child)
                child = engine(processes, system, bootstrap, f"{system}-2")
            publish(bootstrap, said[half:])
            last: list[Shown] = []

            def whole() -> bool:
                assert child.ended() is None, tail(child)
                last[:] = [views(bootstrap)]
                return last[0] == shown()

            try:
                until(whole, SHOWN_SECONDS, "the lines of the pure fold", every=0.5)
            except AssertionError:
                assert last[0] == shown()
            return last[0]


@pytest.mark.parametrize("kind", ["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def test_stock_shows_what_the_fenced_engine_shows(kind: str, tmp_path: Path) -> None:
    stock = played("stock", kind, tmp_path / "stock")
    batch = played("batch", kind, tmp_path / "batch")
    assert stock == batch == shown()
    count = sum(len(lines) for _, lines in stock.values())
    print(f"{len(folders())} folders, {len(facts())} facts, {len(stock)} persons, {count} lines")
    print(f"left out: {LEFT_OUT}")
    assert len(stock) > 60
    assert {status for status, _ in stock.values()} >= {"alive", "merged"}
