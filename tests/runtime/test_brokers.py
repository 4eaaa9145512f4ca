"""Brokers start, serve, tell what they are and stop; a real Kafka keeps its records over kill -9."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.brokers.detect import detect
from runtime.brokers.embedded import EmbeddedBroker, embedded_broker
from runtime.brokers.jars import missing
from runtime.brokers.kafka import KafkaBroker
from runtime.brokers.process import BrokerProcess, answers, free_port
from runtime.brokers.traits import EMBEDDED
from runtime.errors import Transient
from runtime.kafka.admin import Wanted, cluster
from runtime.kafka.producer import Producer
from runtime.kafka.reader import Reader


def gone(pid: int) -> bool:
    """Whether no such process is left."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def make_topic(bootstrap: str, name: str, partitions: int = 1) -> None:
    """Create one topic."""
    with cluster(bootstrap) as found:
        found.apply(found.plan([Wanted(name, partitions, 1)]))


async def write_and_read(bootstrap: str, topic: str, traits: Any, count: int) -> list[bytes | None]:
    """Publish `count` records, then read the topic to its end."""
    async with Producer(bootstrap) as producer:
        await asyncio.gather(*(producer.publish(topic, f"k{n}", b"%d" % n) for n in range(count)))
    async with Reader(bootstrap, [topic], traits) as reader:
        return [message.value async for batch in reader.to_end() for message in batch]


class TestEmbedded:
    """The embedded broker."""

    def test_serves_on_loopback_and_leaves_nothing(self) -> None:
        with embedded_broker() as broker:
            assert answers(broker.port)
            assert replace(detect(broker.bootstrap), cluster_id="") == EMBEDDED
            pid = broker.process.pid
        assert gone(pid)
        assert not answers(broker.port)

    def test_a_second_stop_is_harmless(self) -> None:
        broker = EmbeddedBroker()
        broker.stop()
        broker.stop()
        assert not broker.process.alive()

    def test_a_taken_port_is_said(self, tmp_path: Path) -> None:
        with embedded_broker() as first, pytest.raises(Transient, match=r"answers on port \d+ already"):
            EmbeddedBroker(port=first.port, log=tmp_path / "log")


class TestProcess:
    """A broker process in general."""

    def test_one_that_never_serves_is_killed_in_time(self, tmp_path: Path) -> None:
        process = BrokerProcess(["sleep", "60"], tmp_path / "log")
        with pytest.raises(Transient, match="not ready after 0 s"):
            process.wait_until(lambda: False, 0.2)
        assert gone(process.pid)

    def test_one_that_ends_is_said_with_its_log(self, tmp_path: Path) -> None:
        process = BrokerProcess(["sh", "-c", "echo no such luck; exit 3"], tmp_path / "log")
        with pytest.raises(Transient, match=r"code 3.*\n.*no such luck"):
            process.wait_until(lambda: False, 5)

    def test_nobody_answers_on_a_free_port(self) -> None:
        assert not answers(free_port(), 0.2)


class TestKafka:
    """A real Kafka node of our own."""

    @pytest.mark.kafka
    @pytest.mark.fault
    def test_keeps_records_over_kill_and_answers_again_after_a_pause(self, brokers: Any) -> None:
        node = KafkaBroker(brokers.cache)
        try:
            node.start()
            make_topic(node.bootstrap, "kept")
            traits = detect(node.bootstrap)
            assert len(asyncio.run(write_and_read(node.bootstrap, "kept", traits, 5))) == 5
            node.kill()
            assert not answers(node.port)
            node.start()
            node.pause()
            assert not answers(node.port, 0.3)
            node.resume()
            assert len(asyncio.run(write_and_read(node.bootstrap, "kept", traits, 2))) == 7
            node.stop()
        finally:
            node.close()
        assert not node.folder.exists()

    def test_says_what_is_missing_without_java(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("JAVA_HOME", raising=False)
        assert missing(tmp_path) == "no Java 17 or later"
