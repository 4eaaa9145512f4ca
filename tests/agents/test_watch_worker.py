"""`homeward run worker --group watch` as a process: a feed that was last heard long ago is silent, a partner
whose messages are refused is said, and a word on an alert counts.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka import KafkaProducer

from cli.demo.processes import Processes
from runtime.brokers.detect import detect
from runtime.kafka.reader import Reader
from schemas.catalogue import ALERT_COMMAND, FEED, QUARANTINE, VIEW_ALERT
from schemas.codec import decode
from streams.core.config import HOUR_US
from streams.engine.types import Record
from tests.agents.test_place_alerts import commands, word
from tests.agents.test_place_worker import WAIT_S, worker
from tests.agents.test_watch_fold import heard, refused
from tests.conftest import own_broker
from tests.system.place import ROOT, tail, until

pytestmark = pytest.mark.timeout(420)


def publish(bootstrap: str, topic: str, records: list[Record]) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for one in records:
        producer.send(topic, key=one.key, value=one.value)
    producer.flush()
    producer.close()


def alerts(bootstrap: str) -> dict[str, Any]:
    """Rule -> its alert as the topic has it."""

    async def read() -> dict[str, Any]:
        found = {}
        async with Reader(bootstrap, [VIEW_ALERT], detect(bootstrap)) as reader:
            async for batch in reader.to_end():
                for message in batch:
                    if message.value is not None:
                        view = decode(message.value)[1]
                        found[view["rule"]] = view
        return found

    return asyncio.run(asyncio.wait_for(read(), WAIT_S))


@pytest.mark.parametrize(
    "kind", ["embedded", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.nightly])]
)
def test_the_watch_says_what_it_misses_and_hears_who_has_it_in_hand(kind: str, tmp_path: Path) -> None:
    now = int(time.time() * 1_000_000)
    with own_broker(kind) as bootstrap:
        environment = {
            "KAFKA_BOOTSTRAP": bootstrap, "HOMEWARD_PLACE": "bromley", "HOMEWARD_STATE": str(tmp_path / "s"),
            "PYTHONPATH": str(ROOT), "HOMEWARD_WORKER_PORT": "0", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        with Processes(tmp_path, environment) as processes:
            topics = processes.homeward("topics", "topics", "apply")
            until(lambda: topics.ended() is not None, WAIT_S, "topics")
            watch = worker(processes, "watch", "watch")
            publish(bootstrap, FEED, [heard(now - 10 * HOUR_US)])
            publish(bootstrap, QUARANTINE, [refused(number, now) for number in range(11)])
            both = {"source_silent", "feed_rejects_rising"}
            until(lambda: alerts(bootstrap).keys() == both, WAIT_S, "both alerts", every=0.5)
            silent = alerts(bootstrap)["source_silent"]
            assert silent["due_at"] == now - 10 * HOUR_US + HOUR_US // 2
            said = word(1, "x", silent["alert_id"], int(time.time() * 1_000_000), "acknowledge")
            said = msgspec.structs.replace(said, key="watch:lbb-webhook")
            publish(bootstrap, ALERT_COMMAND, commands([said]))

            def taken() -> bool:
                return bool(alerts(bootstrap)["source_silent"]["state"] == "acknowledged")

            until(taken, WAIT_S, "in hand", every=0.5)
            watch.popen.terminate()
            assert watch.popen.wait(WAIT_S) == 0, tail(watch)
