"""Alert truth through workers that are killed: the alerts on the topic are those the ledger's words must
raise, each step is said once, a long outage and a day that is played again change nothing.

The clock of each worker stands still, at the middle and at the end of the play: what falls due does not
depend on how long anything takes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from cli.demo.processes import Child, Processes
from runtime.brokers.detect import detect
from runtime.kafka.reader import Reader
from schemas.catalogue import ALERT, VIEW_ALERT, topic_of
from schemas.codec import decode, encode, record_from_fact
from schemas.fact import Fact
from simulator.fortnight import MONDAY, build
from streams.agents.config import core_config
from streams.core.alerts.judging import judged_anew
from streams.core.alerts.sweep import alert_line
from streams.core.state.network import Network
from streams.rules.catalogue import RULES
from tests.agents.test_place_worker import WAIT_S
from tests.conftest import own_broker
from tests.rules.alert_truth import micros, owed, place, said_by, taken
from tests.system.place import ROOT, tail, until

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]
MIDDLE, END = MONDAY + timedelta(hours=10), MONDAY + timedelta(days=1)
Steps = set[tuple[str, str, int]]
"""(Alert, what, when)."""


def offline(facts: Iterable[Fact], now: int) -> tuple[list[str], Steps]:
    """Lines and steps of a replay of what was received by then."""
    network, config = Network(), core_config(place())
    network.take([fact for fact in facts if fact.received_at <= now])
    network.settle()
    alive = [view.person_key for view in network.views(config) if view.status == "alive"]
    found = [one for key in alive for one in judged_anew(network.states[key], RULES, config, now)]
    steps = {
        (row.alert.alert_id, f"Alert{step.name.title()}", step.at) for row, lived in found for step in lived
    }
    return sorted(alert_line(row.alert, row.life.state).decode() for row, _ in found), steps


def read(bootstrap: str, topic: str) -> list[tuple[bytes | None, Any]]:
    """All of a topic: (key, record with its kind, or None)."""

    async def all_of_it() -> list[tuple[bytes | None, Any]]:
        found = []
        async with Reader(bootstrap, [topic], detect(bootstrap)) as reader:
            async for batch in reader.to_end():
                found += [(one.key, _record(one.value)) for one in batch]
        return found

    return asyncio.run(asyncio.wait_for(all_of_it(), WAIT_S))


def _record(value: bytes | None) -> dict[str, Any] | None:
    if value is None:
        return None
    kind, row = decode(value)
    return row | {"kind": kind}


def lines(bootstrap: str) -> list[str]:
    """The last of each key of the alert topic."""
    last = dict(read(bootstrap, VIEW_ALERT))
    return sorted(row["line"] for row in last.values() if row is not None)


def steps(bootstrap: str) -> dict[str, dict[str, Any]]:
    """Every step that was said, by its id."""
    return {row["event_id"]: row for _, row in read(bootstrap, ALERT) if row is not None}


def publish(bootstrap: str, facts: Sequence[Fact]) -> None:
    """As the connectors do."""
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for fact in facts:
        payload = encode(fact.kind, record_from_fact(fact))
        producer.send(topic_of(fact.kind), key=fact.key.encode(), value=payload)
    producer.flush()
    producer.close()


@contextmanager
def worker(processes: Processes, name: str, at: datetime) -> Iterator[Child]:
    """One whose clock stands still; killed where it stands at the end."""
    clock = {"HOMEWARD_CLOCK": f"{at.isoformat()}@0.00001", "HOMEWARD_CLOCK_ANCHOR": f"{time.time():.6f}"}
    child = processes.homeward(name, "run", "worker", extra=clock)
    try:
        yield child
        assert child.ended() is None, tail(child)
    finally:
        child.popen.kill()
        child.popen.wait(WAIT_S)


def test_kills_an_outage_and_a_day_played_again_change_no_alert(tmp_path: Path) -> None:
    play = build(23, MONDAY, 1, a_day=20)
    everybody = [fact for _, of_one in taken(play, place()).facts for fact in of_one]
    assert said_by(offline(everybody, micros(END))[0]) == owed(play, END)
    assert said_by(offline(everybody, micros(MIDDLE))[0]) == owed(play, MIDDLE)
    last = set(sorted({fact.key for fact in everybody})[::8])
    facts = [fact for fact in everybody if fact.key not in last]
    early = [fact for fact in facts if fact.received_at <= micros(MIDDLE)]
    late = [fact for fact in facts if fact.received_at > micros(MIDDLE)]
    half, whole = offline(early, micros(MIDDLE)), offline(facts, micros(END))
    both = offline(everybody, micros(END))
    assert len(both[0]) > len(whole[0]) > len(half[0])
    with own_broker("embedded") as bootstrap:
        environment = {
            "KAFKA_BOOTSTRAP": bootstrap, "HOMEWARD_PLACE": "bromley", "HOMEWARD_STATE": str(tmp_path / "s"),
            "PYTHONPATH": str(ROOT), "HOMEWARD_WORKER_PORT": "0", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        with Processes(tmp_path, environment) as processes:
            topics = processes.homeward("topics", "topics", "apply")
            until(lambda: topics.ended() is not None, WAIT_S, "topics")
            publish(bootstrap, early)
            with worker(processes, "first", MIDDLE):
                until(lambda: lines(bootstrap) == half[0], WAIT_S, "the first half", every=0.5)
                publish(bootstrap, late[::2])
            publish(bootstrap, late[1::2])
            with worker(processes, "after the outage", END):
                until(lambda: lines(bootstrap) == whole[0], WAIT_S, "all of it", every=0.5)
                until(lambda: len(steps(bootstrap)) >= len(whole[1]), WAIT_S, "every step", every=0.5)
            once = steps(bootstrap)
            publish(bootstrap, [*facts, *(fact for fact in everybody if fact.key in last)])
            with worker(processes, "third", END):
                until(lambda: lines(bootstrap) == both[0], WAIT_S, "whoever came last too", every=0.5)
                until(lambda: len(steps(bootstrap)) >= len(both[1]), WAIT_S, "their steps", every=0.5)
            again = steps(bootstrap)
    assert {_said(row) for row in once.values()} == whole[1]
    assert {_said(row) for row in again.values()} == both[1]
    assert (len(once), len(again)) == (len(whole[1]), len(both[1])), "a step under two ids"
    raised = [row["alert_id"] for row in again.values() if row["kind"] == "AlertRaised"]
    assert len(raised) == len(set(raised)) > 0
    for row in again.values():
        if row["kind"] == "AlertRaised":
            assert row["occurred_at"] == row["due_at"] <= row["recorded_at"]


def _said(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["alert_id"], row["kind"], row["recorded_at"]
