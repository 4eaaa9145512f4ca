"""Complete-To: never later than what everybody has folded, and never held back for ever."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from board.completeness import HOPS, Completeness


def say(whole, partition, complete_to, *, of=2, forwarded=False, written_at=None):
    whole.apply({
        "partition": partition, "partitions": of, "complete_to": complete_to,
        "written_at": complete_to if written_at is None else written_at, "forwarded": forwarded,
    })  # fmt: skip


def test_unknown_until_every_partition_has_confirmed_what_it_said():
    whole = Completeness()
    for at in (10, 20, 30):
        say(whole, 0, at)
    assert whole.complete_to is None
    say(whole, 1, 15)
    assert whole.complete_to is None  # its flush may not be readable yet
    say(whole, 1, 25)
    assert whole.complete_to == 15


def test_the_least_counts_and_a_partition_that_lags_holds_it_back():
    whole = Completeness()
    for at in (10, 20, 30, 40):
        say(whole, 0, at)
        say(whole, 1, min(at, 20), written_at=at)
    assert whole.complete_to == 20


def test_idle_partitions_do_not_hold_it_back():
    whole = Completeness()
    for at in range(10, 100, 10):
        say(whole, 0, at)
        say(whole, 1, at + 5)
    assert whole.complete_to == 80


def test_what_is_under_way_holds_it_back_until_it_is_read():
    whole = Completeness()
    for partition in (0, 1):
        say(whole, partition, 10)
    say(whole, 0, 20, forwarded=True)
    say(whole, 1, 21)
    assert whole.complete_to is None  # 0's flush at 20 sent something: 1 may not have read it
    say(whole, 0, 30)  # by 30 it could be read
    say(whole, 1, 29)
    say(whole, 1, 35)
    assert whole.complete_to is None  # 1 had read to 29
    say(whole, 0, 40)
    say(whole, 1, 45)
    assert whole.complete_to == 30


@dataclass
class Worker:
    """One partition: what lies in its log, and the flush it is making."""

    log: list[tuple[int, int]] = field(default_factory=list)
    flush: tuple[list[tuple[int, int]], dict | None] | None = None
    forwarded: bool = True


def simulated(seed, whole, partitions=3, steps=4000, deepest=HOPS, often=0.4):
    """Facts come in at any time and travel up to `deepest` keys; flushes take their time, progress is said in
    some of them. Gives (worst overclaim, final lag): no fact received before `complete_to` may be on its way.
    """
    chance, workers = random.Random(seed), [Worker() for _ in range(partitions)]
    worst = 0
    for now in range(1, steps):
        worker = workers[number := chance.randrange(partitions)]
        if chance.random() < 0.3:
            worker.log.append((now, chance.randint(0, deepest)))
        elif worker.flush is not None:
            sent, said = worker.flush
            worker.flush = None
            for fact in sent:
                workers[chance.randrange(partitions)].log.append(fact)
            if said is not None:
                whole.apply(said)
        else:
            sent = [(received, hops - 1) for received, hops in worker.log if hops]
            worker.log = []
            worker.forwarded = worker.forwarded or bool(sent)
            said = None
            if chance.random() < often:
                said = {"partition": number, "partitions": partitions, "complete_to": now, "written_at": now,
                        "forwarded": worker.forwarded}  # fmt: skip
                worker.forwarded = False
            worker.flush = sent, said
        under_way = [fact for w in workers for fact in (*w.log, *(w.flush[0] if w.flush else ()))]
        first = min((received for received, _ in under_way), default=now + 1)
        worst = max(worst, (whole.complete_to or 0) + 1 - first)
    return worst, steps - (whole.complete_to or 0)


@pytest.mark.parametrize("often", [0.4, 1.0])
@pytest.mark.parametrize("seed", range(8))
def test_nothing_received_before_is_on_its_way(seed, often):
    worst, lag = simulated(seed, Completeness(), often=often)
    assert worst <= 0
    assert lag < 800  # somebody always sends here, and it moves on all the same


class Naive(Completeness):
    """The least of what the partitions say, as said."""

    def apply(self, record):
        self._newest[record["partition"]] = record
        if len(self._newest) == record["partitions"]:
            self.complete_to = min(row["complete_to"] for row in self._newest.values())


def test_the_simulation_tells_a_wrong_answer(monkeypatch):
    assert simulated(0, Naive())[0] > 0
    monkeypatch.setattr("board.completeness.HOPS", 1)
    assert max(simulated(seed, Completeness(), often=1.0)[0] for seed in range(8)) > 0
