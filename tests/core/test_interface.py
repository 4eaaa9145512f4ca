"""docs/interface.md is what the code says, every key it lists exists, and every field is filled in some
example line.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from streams.agents.interface_page import PAGE
from streams.core.interface.figures import figure_lines
from streams.core.interface.page import page, paths
from streams.core.interface.story import example_lines
from streams.core.interface.terms import MEANINGS

NO_SOURCE_YET = {"freshness[].stale"}
"""Always empty or null until a partner sends them (or, `stale`, until a reader joins the feeds)."""
LISTED = {
    "spell": (
        "spell_id, partner, visit_number, person_key, class, status, admitted_at, discharged_at, "
        "expected_discharge_at, location, stays, pending, leave, ready, discharge_ready_at, pathway, delays, "
        "checklist, discharge, death, responsible, flags, expected_discharge_history, "
        "planned_destination, ready_coverage, care_home, version"
    ),
    "person": (
        "person_key, merged_into, restricted, flags, candidate_links, "
        "ids, name, birth_date, conflicts, version"
    ),
    "transfer": (
        "person_key, spell_id, packages, tasks, support, notices, told, must_retract, documents, next_step, "
        "waiting, preferred_places, unpaid_carer, why, priority, duty_to_refer, freshness, version"
    ),
    "measure": (
        "measure, subject, as_at, known_at, value, numerator, denominator, complete, until, sources, scheme, "
        "verified, crossed, version"
    ),
}
"""Design.md §9 Lines, by hand."""


def rows(view: str) -> list[dict[str, Any]]:
    """Example rows of a view."""
    lines = (*example_lines(), *figure_lines())
    return [row for line in lines if (row := json.loads(line))["view"] == view]


def test_page_is_up_to_date() -> None:
    """Regenerate and compare."""
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m streams.agents.interface_page"


@pytest.mark.parametrize("view", LISTED)
def test_keys_are_the_listed_ones_in_the_listed_order(view: str) -> None:
    """`--identifiable` adds the keys of the person line that only one example has."""
    fullest = max(rows(view), key=len)
    assert list(fullest) == ["view", *LISTED[view].split(", ")]


@pytest.mark.parametrize("view", LISTED)
def test_every_field_is_filled_in_some_example(view: str) -> None:
    """And every path has its meaning on the page, and the reverse."""
    found = [pair for row in rows(view) for pair in paths(row)]
    filled = {path for path, value in found if value is not None}
    assert set(MEANINGS[view]) - filled <= NO_SOURCE_YET
    assert filled <= set(MEANINGS[view])


def test_example_lines_are_bytes_as_the_contract_says() -> None:
    """Separators without spaces, UTF-8 unescaped, version over the line without version and freshness."""
    for line in example_lines():
        row = json.loads(line)
        assert dumped(row) == line
        digested = {key: value for key, value in row.items() if key not in ("version", "freshness")}
        assert row["version"] == sha256(dumped(digested)).hexdigest()[:16]


def dumped(row: dict[str, Any]) -> bytes:
    """A line as the contract spells it, by another encoder."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
