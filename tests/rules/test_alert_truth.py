"""Alert truth: what a play must raise by its ledger and what is raised are the same, for every rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from runtime.place_terms import Threshold
from simulator.fortnight import MONDAY, build
from tests.oracles.alert_truth_rules import RULES
from tests.rules.alert_truth import Said, load, owed, place, played, scores

DAYS = 3
END = MONDAY + timedelta(days=DAYS)
SEEDS_OF_A_FORTNIGHT = (2027, 1)
BUDGET = 25
"""Actionable alerts of a hub desk in eight hours of an ordinary winter day (domain 02 §2.4)."""


def differences(raised: set[Said], wanted: set[Said]) -> list[Said]:
    return sorted(raised ^ wanted)


def test_three_days_raise_what_their_words_must_raise() -> None:
    play = build(11, MONDAY, DAYS, a_day=25)
    raised, wanted = played(play, END, place()), owed(play, END)
    assert differences(raised, wanted) == []
    assert len({one.rule for one in wanted}) > len(RULES) / 2
    assert {one.state for one in wanted} == {"open", "resolved", "withdrawn"}


def test_an_hour_more_and_words_that_never_came_are_noticed() -> None:
    """The comparison can fail: by the rule that is otherwise, and where the fold was told less."""
    play, end, here = build(11, MONDAY, 1, a_day=25), MONDAY + timedelta(days=1), place()
    wanted = owed(play, end)
    three = (Threshold(since=date(2026, 1, 1), value=3),)
    other = here.model_copy(
        update={"thresholds": {**here.thresholds, "package_holder_admitted.hours": three}}
    )
    assert {one.rule for one in differences(played(play, end, other), wanted)} == {"package_holder_admitted"}
    play.sends = [send for send in play.sends if send.label != "package started"]
    assert wanted - played(play, end, here)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", SEEDS_OF_A_FORTNIGHT)
def test_a_fortnight(seed: int) -> None:
    end, play = MONDAY + timedelta(days=14), build(seed, MONDAY, 14)
    raised, wanted = played(play, end, place()), owed(play, end)
    assert [one for one in scores(raised, wanted) if (one.precision, one.recall) != (1.0, 1.0)] == []
    assert differences(raised, wanted) == []
    assert {one.rule for one in wanted} == set(RULES), "every rule has something to decide"
    assert max(load(raised, "hub", MONDAY, 14)) <= BUDGET
