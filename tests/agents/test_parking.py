"""Law 8 as operations see it: types without values on the log, counts that outlive a restart, readiness."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest

from runtime import logging
from runtime.metrics import METER
from schemas.catalogue import topic_of
from schemas.codec import encode, record_from_fact
from streams.agents.parking import EVERY_S, MOST_PARKED, Parking, too_many
from streams.agents.person import PersonFold
from streams.core.config import CoreConfig
from streams.core.reduce import reduce_person
from streams.engine.types import Record
from streams.worker import Readiness, observe
from tests.core.identity.histories import fact

CONFIG = CoreConfig()
SECRET = "ZEPPELINA"


@pytest.fixture
def lines():
    """The log of this test, as JSON objects."""
    out = io.StringIO()
    logging.configure(stream=out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    logging.configure()


class Fragile:
    """A reduce that fails for the keys named."""

    def __init__(self, *keys):
        self.keys = set(keys)

    def __call__(self, facts, config):
        facts = list(facts)
        if any(f.key in self.keys for f in facts):
            raise KeyError(SECRET)
        return reduce_person(facts, config)


def records(count, start=0, at=1):
    kind, numbers = "SpellAdmitted", range(start, start + count)
    facts = [fact(f"e{n}-{at}", kind, f"k{n}", at, local=f"k{n}", thing=f"s{n}") for n in numbers]
    return [
        Record(one.key.encode(), encode(kind, record_from_fact(one)), (), 0, n, 0)
        for n, one in zip(numbers, facts, strict=True)
    ]


def fold_of(reduce, count=20, parking=None):
    fold = PersonFold(CONFIG, reduce, parking=parking)
    fold.fold(topic_of("SpellAdmitted"), records(count))
    return fold


class TestWhyOnTheLog:
    """The type of the error and the place in our code, never its text; at most a line in ten seconds."""

    def test_type_and_place_without_a_value(self, lines):
        fold_of(Fragile("k3")).cut(0)
        (line,) = [row for row in lines() if row["event"] == "person.parked"]
        assert (line["error"], line["times"]) == ("KeyError", 1)
        assert any("test_parking.py" in place for place in line["at"])
        assert SECRET not in json.dumps(line)

    def test_a_storm_of_one_type_is_one_line_in_ten_seconds(self, lines):
        now = [0.0]
        parking = Parking(lambda: now[0])
        for _ in range(500):
            parking.tell(KeyError(SECRET))
        parking.tell(ValueError(SECRET))
        now[0] = EVERY_S
        parking.tell(KeyError(SECRET))
        said = [(row["error"], row["times"]) for row in lines() if row["event"] == "person.parked"]
        assert said == [("KeyError", 1), ("ValueError", 1), ("KeyError", 500)]


class TestCounted:
    """Who is parked is known at once, after a restart too, and no longer after the next success."""

    def test_parked_and_unparked_across_a_restart(self):
        reduce = Fragile("k3", "k4")
        fold = fold_of(reduce)
        log = fold.cut(0).changelog
        assert fold.parked == {b"k3", b"k4"}
        again = PersonFold(CONFIG, reduce)
        again.restore(log)
        again.restored()
        assert again.parked == {b"k3", b"k4"}
        reduce.keys = {"k4"}
        again.fold(topic_of("SpellAdmitted"), records(2, 3, at=2))
        log += again.cut(0).changelog
        assert again.parked == {b"k4"}
        last = PersonFold(CONFIG, reduce)
        last.restore(log)
        assert last.parked == {b"k4"}

    def test_staying_parked_writes_no_mark_again(self):
        fold = fold_of(Fragile("k3"))
        fold.cut(0)
        fold.fold(topic_of("SpellAdmitted"), records(1, 3, at=2))
        assert not [name for name, _ in fold.cut(0).changelog if name.endswith(b"/p")]


def app_of(fold, ready=True):
    units = {0: SimpleNamespace(fold=fold)}
    consumer = SimpleNamespace(owner=SimpleNamespace(units=units))
    return SimpleNamespace(ready=ready, _consumer=consumer, plan=SimpleNamespace(partitions=2))


class TestReady:
    """Few parked persons are their own incident; many at once are ours."""

    @pytest.mark.parametrize(
        ("parked", "persons", "said"),
        [(0, 100, 0), (MOST_PARKED, 20, 0), (MOST_PARKED + 1, 20, 11), (20, 2000, 0), (21, 2000, 21)],
    )
    def test_too_many(self, parked, persons, said):
        fold = SimpleNamespace(parked=set(range(parked)), size=lambda: persons)
        assert too_many([fold]) == said

    def test_the_worker_is_unready_until_they_reduce_or_somebody_accepts_them(self, lines):
        reduce = Fragile(*(f"k{n}" for n in range(15)))
        fold = fold_of(reduce)
        fold.cut(0)
        ready, accepted = (Readiness(app_of(fold), accept_parked=given) for given in (False, True))
        assert [ready(), ready(), accepted()] == [False, False, True]
        said = [row for row in lines() if row["event"] == "worker.too_many_parked"]
        assert [row["parked"] for row in said] == [15]
        observe(app_of(fold))
        assert METER.value("toc_persons_parked_count", partition="0") == 15
        assert b'toc_persons_parked_count{partition="0"}' in METER.exposition()
        gone = app_of(fold)
        gone._consumer.owner.units.clear()
        observe(gone)
        assert b'toc_persons_parked_count{partition="0"}' not in METER.exposition(), "no longer ours to say"
        reduce.keys.clear()
        fold.fold(topic_of("SpellAdmitted"), records(20, at=2))
        fold.cut(0)
        assert ready()
        assert not Readiness(app_of(fold, ready=False), accept_parked=False)()
