"""One transition function, held to the diagram of docs/alerts.md for any words about any condition."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.place import load_place
from streams.agents.config import core_config
from streams.core.alerts.desk_hours import DeskHours
from streams.core.alerts.desks import ALWAYS, Contact, DeskTerms
from streams.core.alerts.life import DIAGRAM, Word, lived
from streams.core.alerts.rows import terms_of
from streams.rules.catalogue import RULES
from tests.core.story import HOUR, MINUTE, at

ALERTS = Path(__file__).parents[2] / "docs" / "alerts.md"
VERBS = ("acknowledge", "unacknowledge", "snooze", "resolve", "reopen", "told_by_phone", "nonsense")
SOON = DeskTerms(escalate_us=30, acknowledged_us=100)

words = st.lists(
    st.builds(Word, st.integers(0, 300), st.sampled_from(VERBS), st.sampled_from((None, "hub", "ward")),
              st.sampled_from((None, "in_hand")), st.one_of(st.none(), st.integers(0, 400))),
    max_size=8,
)  # fmt: skip


@st.composite
def histories(draw: Any) -> list[tuple[int, Any]]:
    """Raised, and ended and raised again as a sweep does it: a withdrawn or resolved one may come back."""
    moments = sorted(draw(st.lists(st.integers(0, 300), min_size=1, max_size=5)))
    ends = draw(st.lists(st.sampled_from(("resolved", "withdrawn")), min_size=5, max_size=5))
    return [(when, "open" if not number % 2 else ends[number]) for number, when in enumerate(moments)]


@settings(max_examples=400, deadline=None)
@given(histories(), words, st.sampled_from((ALWAYS, SOON)), st.integers(0, 500))
def test_every_step_is_one_of_the_diagram_and_leads_to_how_it_stands(
    history: list[Any], said: list[Word], terms: DeskTerms, later: int
) -> None:
    now = history[-1][0] + later
    life, steps = lived(history, said, terms, now)
    state = ""
    for step in steps:
        ways = {after for before, name, after in DIAGRAM if (before, name) == (state, step.name)}
        assert len(ways) == 1, (state, step)
        (state,) = ways
    assert state == life.state
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert life.holds == (history[-1][1] == "open")
    if not life.holds:
        assert life.state in ("resolved", "withdrawn"), "nothing reopens what has ended"
    assert life.times == sum(condition == "open" for _, condition in history)


@settings(max_examples=200, deadline=None)
@given(histories(), words, st.integers(0, 500))
def test_words_after_the_end_change_nothing(history: list[Any], said: list[Word], now: int) -> None:
    over = [*history, (1000, "resolved")] if history[-1][1] == "open" else history
    end = over[-1][0]
    after = [word._replace(at=end + word.at) for word in said]
    assert lived(over, after, SOON, end + 2000) == lived(over, [], SOON, end + 2000)


def test_the_diagram_is_that_of_the_page() -> None:
    drawn = re.findall(r"^ +(\S+) --> (\w+): (\w+)$", ALERTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert {("" if one == "[*]" else one, name, two) for one, two, name in drawn} == set(DIAGRAM)
    assert len(drawn) == len(DIAGRAM)


@pytest.mark.parametrize(
    ("said", "now", "state"),
    [
        ([], 29, "open"),
        ([], 30, "escalated"),
        ([Word(30, "acknowledge", "hub")], 200, "escalated"),
        ([Word(29, "acknowledge", "hub")], 128, "acknowledged"),
        ([Word(29, "acknowledge", "hub")], 129, "open"),
        ([Word(29, "acknowledge", "hub", None, 500)], 499, "acknowledged"),
        ([Word(29, "acknowledge", "hub", None, 29)], 29, "open"),
        ([Word(40, "told_by_phone", "hub")], 50, "acknowledged"),
        ([Word(10, "snooze", "hub", None, 90)], 89, "snoozed"),
        ([Word(10, "snooze", "hub", None, 90)], 90, "open"),
        ([Word(10, "snooze", "hub")], 20, "open"),
        ([Word(10, "resolve", "hub")], 500, "resolved"),
        ([Word(10, "resolve", "hub"), Word(20, "acknowledge", "ward")], 25, "resolved"),
        ([Word(10, "resolve", "hub"), Word(20, "reopen", "ward")], 25, "open"),
        ([Word(10, "acknowledge", "hub"), Word(12, "unacknowledge", "hub")], 20, "open"),
        ([Word(10, "acknowledge", "hub"), Word(12, "unacknowledge", "hub")], 42, "escalated"),
        ([Word(10, "nonsense", "hub")], 20, "open"),
    ],
)
def test_how_it_stands(said: list[Word], now: int, state: str) -> None:
    assert lived([(0, "open")], said, SOON, now)[0].state == state


def test_the_same_word_again_is_no_news_and_another_hand_is() -> None:
    again = [Word(10, "acknowledge", "hub", None, 90), Word(12, "acknowledge", "hub", None, 90)]
    assert len(lived([(0, "open")], again, SOON, 20)[1]) == 2
    other = [again[0], again[1]._replace(actor="ward")]
    life, steps = lived([(0, "open")], other, SOON, 20)
    assert (life.actor, len(steps)) == ("ward", 3)


def test_who_rings_whom_when() -> None:
    days = DeskHours(days=(1, 2, 3, 4, 5), opens_minute=9 * 60, closes_minute=17 * 60)
    rota = (Contact("lead", "1", days), Contact("deputy", "2", days), Contact("on call", "3"))
    terms = DeskTerms(contacts=rota)
    assert [one.name for when in ("13 10:00", "13 20:00", "16 10:00") if (one := terms.ring(at(when)))] == [
        "lead", "on call", "on call",
    ]  # fmt: skip
    only = DeskTerms(contacts=(Contact("lead", "1", days),))
    assert only.ring(at("16 10:00")) == only.contacts[0], "who answers first, where nobody does now"
    assert ALWAYS.ring(at("13 10:00")) is None


def test_an_answer_is_due_in_the_hours_of_the_desk() -> None:
    terms = DeskTerms(hours=DeskHours(opens_minute=8 * 60, closes_minute=20 * 60), escalate_us=30 * MINUTE)
    history: list[Any] = [(at("12 19:50"), "open")]
    assert lived(history, [], terms, at("13 08:19"))[0].state == "open"
    life = lived(history, [], terms, at("13 08:20") + HOUR)[0]
    assert (life.state, life.escalated_at) == ("escalated", at("13 08:20"))


def test_who_was_told_what_is_no_longer_true_is_rung_after_twenty_minutes_desk_open_or_not() -> None:
    """demo.md F10: an alert at the moment at which it stands no more, a number twenty minutes later."""
    rule = next(rule for rule in RULES if rule.name == "told_no_longer_true")
    for moment in ("12 14:41", "13 02:41"):
        terms = terms_of(rule, core_config(load_place("bromley")), at(moment))
        early, _ = lived([(at(moment), "open")], (), terms, at(moment) + 20 * MINUTE - 1)
        late, steps = lived([(at(moment), "open")], (), terms, at(moment) + 20 * MINUTE)
        assert (early.state, late.state, late.escalated_at) == ("open", "escalated", steps[-1].at)
        assert terms.ring(steps[-1].at) is not None
