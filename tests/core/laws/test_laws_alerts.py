"""Alerts are the sweep of design.md §6 Time, whatever way the facts come: held against its text as oracle."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from schemas.ids import alert_id
from streams.core import reduce
from streams.core.alerts.sweep import Sweep
from streams.core.errors import InvariantBroken
from streams.core.reduce import reduce_person
from streams.core.state.growing import Growing
from streams.rules.catalogue import RULES
from tests.core.laws.histories import START, histories, requeued, resent, tagged, unique
from tests.core.laws.test_laws_memo import batches
from tests.core.story import HOUR, MINUTE, at
from tests.oracles import alert_oracle
from tests.rules.test_rules import CONFIG, NAMES, history, table

later = st.integers(-24, 24 * 12).map(lambda hours: START + hours * HOUR)


@st.composite
def late_stories(draw: Callable[..., Any]) -> list[Fact]:
    """The stories of one or two tables of rules, part of each unheard, the rest heard early or late: in them
    things really become late, end late, and turn out never to have been so.
    """
    out: list[Fact] = []
    for rule in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2)):
        for one in history(draw(st.sampled_from(table(rule)))["facts"]):
            late = draw(st.sampled_from((0, 0, 0, 0, MINUTE, HOUR, 5 * HOUR, 30 * HOUR, None)))
            if late is not None:
                out.append(msgspec.structs.replace(one, received_at=one.received_at + late))
    return unique(out)


stories = st.one_of(histories(), late_stories())


def with_repeats(facts: list[Fact], chance: random.Random) -> list[Fact]:
    """Re-sends and re-queues among the facts."""
    facts = [tagged(one) if chance.random() < 0.5 else one for one in facts]
    facts += [resent(one, HOUR) for one in facts if chance.random() < 0.2]
    return facts + [requeued(one, HOUR) for one in facts if chance.random() < 0.2]


def hold(facts: list[Fact], now: int, chance: random.Random) -> set[str]:
    """Compare the sweep in random batches with the oracle; returns the states that were met."""
    facts = with_repeats(facts, chance)
    sweep = Sweep(RULES, CONFIG)
    for batch in batches(facts, chance):
        sweep.take(batch)
        if chance.random() < 0.3:
            sweep.alerts(now)
    given = {(a.rule, a.alert_id, a.raised_at, a.due_at, a.state) for a in sweep.alerts(now)}
    wanted = {
        (rule, alert_id(rule, thing, opening), raised, due, state)
        for rule, thing, opening, raised, due, state in alert_oracle.alerts(facts, RULES, CONFIG, now)
    }
    assert given == wanted
    return {state for *_, state in given}


@pytest.mark.slow
@settings(max_examples=250, deadline=None)
@given(stories, later, st.randoms(use_true_random=False))
def test_alerts_in_any_order_and_batches_are_the_sweep(
    facts: list[Fact], now: int, chance: random.Random
) -> None:
    hold(facts, now, chance)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@settings(max_examples=50_000, deadline=None)
@given(stories, later, st.randoms(use_true_random=False))
def test_fifty_thousand_histories_give_the_sweeps_alerts(
    facts: list[Fact], now: int, chance: random.Random
) -> None:
    hold(facts, now, chance)


def test_the_stories_reach_every_state_of_every_rule() -> None:
    """A law over histories in which nothing is ever late would say nothing."""
    states: set[str] = set()
    rules: set[str] = set()

    @settings(max_examples=900, deadline=None, derandomize=True, database=None)
    @given(late_stories())
    def look(facts: list[Fact]) -> None:
        sweep = Sweep(RULES, CONFIG)
        sweep.take(facts)
        for alert in sweep.alerts(START + 240 * HOUR):
            states.add(alert.state)
            rules.add(alert.rule)

    look()
    assert states == {"open", "resolved", "withdrawn"}
    assert rules == set(NAMES)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(histories(filings=True), st.randoms(use_true_random=False))
def test_what_grows_gives_the_picture_of_all(facts: list[Fact], chance: random.Random) -> None:
    facts = with_repeats(facts, chance)
    growing, held = Growing(), list[Fact]()
    for batch in batches(facts, chance):
        held += batch
        if growing.plain(batch):
            growing.add(batch)
        else:
            growing = Growing(held)
        assert growing.picture(CONFIG) == reduce_person(held, CONFIG)


def test_who_does_not_reduce_keeps_the_clocks_of_what_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 8: what fell due while a person was parked is raised, with its true time."""
    ready = history(table("ready_not_referred")[0]["facts"])
    later = ready[-1].received_at + 1
    poison = msgspec.structs.replace(ready[0], id=ready[0].id[:-4] + "bad0", received_at=later)
    real = reduce.account_of

    def account_of(thing: str, facts: Any, config: Any) -> Any:
        if any(one.id == poison.id for one in facts):
            raise InvariantBroken("planted")
        return real(thing, facts, config)

    monkeypatch.setattr(reduce, "account_of", account_of)
    sweep = Sweep(RULES, CONFIG)
    sweep.take([*ready, poison])
    (alert,) = sweep.alerts(later + 5 * HOUR)
    assert (alert.rule, alert.state, alert.due_at) == ("ready_not_referred", "open", at("10 14:00"))
