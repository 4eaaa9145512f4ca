"""What an engine says of how far a partition is: in the flush it speaks of, once a second, and nothing it
does not know.
"""

from __future__ import annotations

import asyncio

import pytest

from streams.engine import progress
from streams.engine.types import Output
from streams.engine.unit import Unit
from tests.engine.fakes import TOPICS, FakeProducer, plan
from tests.engine.test_engine_unit import CHANGELOG, open_gate, record

SAID: list[progress.Reached] = []


def tell(reached):
    SAID.append(reached)
    return Output("progress", b"%d" % reached.partition, b"said", (), 0)


@pytest.fixture(autouse=True)
def _fresh():
    SAID.clear()


def unit_of(**given):
    producer = FakeProducer()
    unit = Unit(plan(tell=tell, **given), 2, producer, open_gate)
    unit.begin({})
    return unit, producer


def topics(producer):
    return [entry[1] for entry in producer.log if entry[0] == "send"]


def test_it_is_said_in_the_transaction_it_speaks_of():
    unit, producer = unit_of()
    unit.take(TOPICS.events, [record(1, 10)])
    unit.safe_now = 700
    asyncio.run(unit.flush(marker=False))
    assert producer.steps()[0] == "begin"
    assert producer.steps()[-1] == "commit"
    assert topics(producer) == [CHANGELOG, TOPICS.out, "progress"]
    (said,) = SAID
    assert said == progress.Reached(2, 700, 1_000, True)  # unknown what the owner before had sent


def test_an_idle_partition_speaks_with_the_commit_timer_only_and_once_a_period():
    unit, producer = unit_of()
    unit.safe_now = 700
    asyncio.run(unit.flush(marker=False))
    assert topics(producer) == []
    asyncio.run(unit.flush(marker=True))
    asyncio.run(unit.flush(marker=True))
    assert topics(producer) == [CHANGELOG, "progress"]


def test_nothing_is_said_before_the_log_was_read_to_its_end():
    unit, producer = unit_of()
    unit.take(TOPICS.events, [record(1, 10)])
    asyncio.run(unit.flush(marker=True))
    assert topics(producer) == [CHANGELOG, TOPICS.out]
    assert SAID == []


def test_what_went_to_an_internal_topic_is_told_once(monkeypatch):
    monkeypatch.setattr(progress, "EVERY_S", 0.0)
    teller = progress.Progress(0, tell, ["internal"])
    teller.due(5, 6)
    teller.sending([Output("elsewhere", b"k", b"v", (), None)])
    teller.due(7, 8)
    teller.sending([Output("internal", b"k", b"v", (), None)])
    teller.due(9, 10)
    teller.due(11, 12)
    assert [said.forwarded for said in SAID] == [True, False, True, False]
