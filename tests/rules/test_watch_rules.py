"""Every rule about feeds, matches and parked records by its table, in any batches and over restarts."""

from __future__ import annotations

import random
from itertools import groupby
from typing import Any

import pytest

from runtime.place import load_place
from schemas.fact import Fact
from streams.agents.config import core_config
from streams.core.alerts.places import PlaceSweep
from streams.core.alerts.sweep import Alert
from streams.core.alerts.watched import FEED, WatchState, feed_fact, reject_fact, seen_fact
from streams.rules.catalogue import WATCH_RULES
from tests.rules.tables import table
from tests.rules.test_place_rules import at, state

CONFIG = core_config(load_place("bromley"))
RULES = {rule.name: rule for rule in WATCH_RULES}
A, B = "p1:" + "A" * 26, "p1:" + "B" * 26
MINUTE = 60_000_000


def facts_of(rows: list[list[Any]]) -> list[Fact]:
    """The facts of a case."""
    found = []
    for number, (kind, when, *rest) in enumerate(rows):
        said: dict[str, Any] = rest[0] if rest else {}
        moment, received = at(when), at(said.get("received", when))
        if kind in FEED:
            heard = moment if said.get("heard", True) else None
            found.append(feed_fact(kind, {
                "event_id": f"e{number}", "partner": "lbb-webhook", "heard_at": heard, "occurred_at": moment,
                "recorded_at": received, "received_at": received,
            }))  # fmt: skip
        elif kind == "Quarantined":
            names = range(said.get("times", 1))
            found += [reject_fact(f"q{number}-{name}", "lbb-webhook", moment) for name in names]
            found += [reject_fact(f"q{number}-0", "lbb-webhook", moment)] * said.get("again", 0)
        else:
            found.append(seen_fact(kind, f"{A}|{B}" if kind == "MatchSeen" else A, said["waits"], moment))
    return found


def swept(facts: list[Fact], now: int, seed: int = 0) -> list[Alert]:
    """In batches by chance; a new sweep goes on now and then, as after a restart."""
    chance = random.Random(seed)
    sweep = PlaceSweep(WATCH_RULES, CONFIG, WatchState(facts[0].key))
    for _, arrived in groupby(sorted(facts, key=lambda one: one.received_at), lambda one: one.received_at):
        sweep.take(arrived)
        if seed and chance.random() < 0.4:
            again = PlaceSweep(WATCH_RULES, CONFIG, WatchState(facts[0].key))
            for fact in sweep.state.facts.values():
                again.state.take(fact)
            again.swept, again.spans = sweep.swept, sweep.spans
            sweep = again
    return sweep.alerts(now)


CASES = [pytest.param(name, case, id=f"{name}: {case['name']}") for name in RULES for case in table(name)]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_the_table_of_the_rule_holds(rule: str, case: dict[str, Any]) -> None:
    found = swept(facts_of(case["facts"]), at(case["at"]))
    assert [alert.rule for alert in found] == ([] if case["expect"] == "quiet" else [rule])
    assert [state(alert) for alert in found] == ([] if case["expect"] == "quiet" else [case["expect"]])
    if "due" in case:
        assert [alert.due_at for alert in found] == [at(case["due"])]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_batches_and_restarts_do_not_matter(rule: str, case: dict[str, Any]) -> None:
    facts, now = facts_of(case["facts"]), at(case["at"])
    once = swept(facts, now)
    for seed in range(1, 6):
        assert swept([*facts, *facts], now, seed) == once


@pytest.mark.parametrize("seed", range(12))
def test_a_feed_that_is_heard_for_days_keeps_little_and_says_each_silence_once(seed: int) -> None:
    chance, moment, facts, silences = random.Random(seed), at("12 00:00"), [], []
    for number in range(400):
        gap = chance.choice((1, 1, 5, 20, 29, 31, 90)) * MINUTE
        if gap > 30 * MINUTE:
            silences.append(moment + 30 * MINUTE)
        moment += gap
        facts.append(feed_fact("FeedHeard", {
            "event_id": f"e{number}", "partner": "lbb-webhook", "heard_at": moment,
            "occurred_at": moment, "recorded_at": moment, "received_at": moment,
        }))  # fmt: skip
    silences = silences[1:] if silences and silences[0] < facts[0].occurred_at else silences
    sweep = PlaceSweep(WATCH_RULES, CONFIG, WatchState("lbb-webhook"))
    for fact in facts:
        sweep.take([fact])
    assert sorted(alert.due_at for alert in sweep.alerts(moment)) == silences
    assert len(sweep.state.facts) <= 100
    assert {alert.state for alert in sweep.alerts(moment)} <= {"resolved"}
