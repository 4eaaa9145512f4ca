"""The folders together: every field of the lines stands in one of them, each is told in a few lines and says
what it kills.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest

from streams.core.interface.page import paths
from streams.core.interface.terms import MEANINGS
from streams.core.spells.spell import Status
from tests.scenarios.scenario import Row, load, names

NO_SENDER_YET = {
    "spell": {"version"},
    "transfer": {"tasks[].due_at", "tasks[].reason", "version"},
    "person": {"version"},
    "measure": {"version"},
}
"""Fields that no partner of today can fill (interface.md says so of the lists), and the digest."""
OTHER_FIELDS = {
    "alert": {"alert_id", "rule", "thing", "raised_at", "due_at", "state"},
    "feed": {"partner", "heard_at", "state"},
    "quarantine": {"partner", "sha256", "message_id", "reason", "where"},
    "summary": {"read", "accepted", "duplicates", "quarantined", "ignored"},
}


def expected_rows() -> Iterator[Row]:
    """Every line of every scenario."""
    for name in names():
        yield from load(name).expected


def test_there_are_enough() -> None:
    assert len(names()) >= 18


@pytest.mark.parametrize("view", sorted({*MEANINGS, *OTHER_FIELDS}))
def test_every_field_is_given_in_some_expected_line(view: str) -> None:
    wanted = OTHER_FIELDS.get(view) or set(MEANINGS[view]) - NO_SENDER_YET[view]
    rows = [row for row in expected_rows() if row["view"] == view]
    given = {path for row in rows for path, value in paths(row) if value is not None}
    assert wanted - given == set()


def test_every_status_of_a_spell_is_expected_somewhere() -> None:
    seen = {row["status"] for row in expected_rows() if row["view"] == "spell"}
    assert set(get_args(Status)) == seen


@pytest.mark.parametrize("name", names())
def test_the_story_is_short_and_names_its_source_and_its_mutants(name: str) -> None:
    scenario = load(name)
    told = [line for line in scenario.story.splitlines()[1:] if line.strip()]
    assert 3 <= len(told) <= 9
    assert scenario.planted or "Planted:" not in scenario.story
    assert any(line.startswith("Source: ") for line in told)
    assert scenario.kills
    assert scenario.expected
