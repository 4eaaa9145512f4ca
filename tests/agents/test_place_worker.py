"""`homeward run worker --group place` as a process: figures published as the connectors do become the lines
of a replay; one started again goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from kafka import KafkaProducer

from cli.demo.processes import Child, Processes
from runtime.brokers.detect import detect
from runtime.kafka.reader import Reader
from runtime.place import load_place
from schemas.catalogue import CAPACITY, VIEW_PRESSURE
from schemas.codec import decode
from schemas.fact import Fact
from streams.agents.config import core_config
from streams.core.pressure.as_at import measures
from streams.core.pressure.lines import measure_lines
from tests.conftest import own_broker
from tests.scenarios.together import figure_payload, figures
from tests.system.place import ROOT, tail, until

pytestmark = pytest.mark.timeout(420)
WAIT_S = 120.0


def publish(bootstrap: str, some: Sequence[Fact]) -> None:
    """As the connectors do."""
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for fact in some:
        producer.send(CAPACITY, key=fact.key.encode(), value=figure_payload(fact))
    producer.flush()
    producer.close()


def shown(bootstrap: str) -> list[str]:
    """The last of each key of the pressure topic."""

    async def read() -> list[str]:
        found: dict[bytes | None, str] = {}
        async with Reader(bootstrap, [VIEW_PRESSURE], detect(bootstrap)) as reader:
            async for batch in reader.to_end():
                for message in batch:
                    found.pop(message.key, None)
                    if message.value is not None:
                        found[message.key] = decode(message.value)[1]["line"]
        return sorted(found.values())

    return asyncio.run(asyncio.wait_for(read(), WAIT_S))


def replayed(facts: Sequence[Fact]) -> list[str]:
    """What `homeward replay` shows of them."""
    found = measures(facts, core_config(load_place("bromley")))
    return sorted(line.decode() for line in measure_lines(found))


def worker(processes: Processes, name: str, group: str = "place") -> Child:
    """One that is ready."""
    child = processes.homeward(name, "run", "worker", "--group", group)

    def ready() -> bool:
        assert child.ended() is None, tail(child)
        return any(row.get("event") == "worker.ready" for row in child.lines())

    until(ready, WAIT_S, f"{name} ready")
    return child


@pytest.mark.parametrize(
    "kind", ["embedded", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.nightly])]
)
def test_live_lines_are_those_of_a_replay_across_a_restart(kind: str, tmp_path: Path) -> None:
    said = figures()
    half = len(said) // 2
    assert replayed(said[:half]) != replayed(said)
    with own_broker(kind) as bootstrap:
        environment = {
            "KAFKA_BOOTSTRAP": bootstrap, "HOMEWARD_PLACE": "bromley", "HOMEWARD_STATE": str(tmp_path / "s"),
            "PYTHONPATH": str(ROOT), "HOMEWARD_WORKER_PORT": "0", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        with Processes(tmp_path, environment) as processes:
            topics = processes.homeward("topics", "topics", "apply")
            until(lambda: topics.ended() is not None, WAIT_S, "topics")
            first = worker(processes, "place-1")
            publish(bootstrap, said[:half])
            until(lambda: shown(bootstrap) == replayed(said[:half]), WAIT_S, "the first half", every=0.5)
            first.popen.terminate()
            assert first.popen.wait(WAIT_S) == 0, tail(first)
            publish(bootstrap, said[half:])
            second = worker(processes, "place-2")
            until(lambda: shown(bootstrap) == replayed(said), WAIT_S, "all of it", every=0.5)
            second.popen.terminate()
            assert second.popen.wait(WAIT_S) == 0, tail(second)
