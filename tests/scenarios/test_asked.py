"""Measures as at one time, as known at another (design.md §6 Aggregates): folders with `asked_*.jsonl` say by
hand what must be answered.
"""

from __future__ import annotations

import json

import pytest

from cli.replay.export import Asked, all_lines
from runtime.clock import micros
from tests.scenarios.scenario import Row, Scenario, comparable, load, names

QUESTIONS = [(name, asked) for name in names() for asked in load(name).asked()]


def moment(question: Row, field: str) -> int | None:
    return micros(question[field].replace("Z", "+00:00")) if field in question else None


def answered(scenario: Scenario, question: Row) -> list[Row]:
    """The measure lines `homeward replay --as-at --as-of` prints."""
    taken = scenario.intake().take(scenario.messages, as_of=moment(question, "as_of"))
    lines = all_lines(taken, scenario.place, Asked(as_at=moment(question, "as_at")))
    return [row for row in map(json.loads, lines) if row["view"] == "measure"]


@pytest.mark.parametrize(("name", "asked"), QUESTIONS)
def test_a_question_is_answered_as_written_by_hand(name: str, asked: str) -> None:
    scenario = load(name)
    question, lines = scenario.asked()[asked]
    assert comparable(answered(scenario, question)) == comparable(lines)
    assert comparable(answered(scenario, {})) != comparable(lines), "the question makes no difference"


def test_there_are_questions_of_both_kinds() -> None:
    asked = [load(name).asked()[one][0] for name, one in QUESTIONS]
    assert {field for question in asked for field in question} == {"as_at", "as_of"}
