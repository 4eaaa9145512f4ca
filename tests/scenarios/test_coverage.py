"""Nothing of the domain is without a folder that shows it and a mutant that the folder kills."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.scenarios.coverage import (
    ALERTS,
    PAGE,
    REVERSALS,
    TRIGGERS,
    Row,
    not_read,
    page,
    trigger_rows,
    triggers_of,
    written_rows,
)
from tests.scenarios.scenario import comparable, load, names

TRIGGER_ROWS = list(trigger_rows())
WRITTEN_ROWS = list(written_rows())
SHARED = Path(os.environ.get("HOMEWARD_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.mark.parametrize("row", TRIGGER_ROWS, ids=lambda row: row.name)
def test_the_trigger_is_shown_and_missed(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    assert row.scenario, f"no folder sends an {row.name}"
    told = load(row.scenario)
    expected = comparable(told.expected)
    assert comparable(told.replayed(), told.expected) == expected
    not_read(row.name, monkeypatch)
    assert comparable(told.replayed(), told.expected) != expected, f"{row.mutant} survives"


@pytest.mark.parametrize("row", WRITTEN_ROWS, ids=lambda row: row.name)
def test_the_rule_is_shown_by_a_folder_that_kills_its_mutant(row: Row) -> None:
    """That the folder kills what it names is test_mutants.py."""
    assert row.scenario in names()
    assert row.mutant in load(row.scenario).kills


def test_no_row_is_there_twice() -> None:
    for rows in (TRIGGER_ROWS, WRITTEN_ROWS):
        assert len({(row.part, row.name, row.text) for row in rows}) == len(rows)


def test_every_folder_of_hl7_is_read() -> None:
    """The reading of triggers finds what the folders' file names say."""
    for name in names():
        named = {
            found
            for sourced in load(name).messages
            for found in re.findall(r"_(A\d\d)(?=[._])", f"_{sourced.file}")
        }
        assert named <= triggers_of(name) | {"A00", "A99"}, name


def test_the_list_of_triggers_is_the_tables() -> None:
    notes = SHARED / "domain" / "03-sources-and-formats.md"
    if not notes.exists():
        pytest.skip("the domain notes are not beside this clone (HOMEWARD_SHARED)")
    table = notes.read_text(encoding="utf-8").partition("### 3.1")[2].partition("Rules (ITK)")[0]
    rows = [line.split("|") for line in table.splitlines() if re.match(r"\| \**A\d\d", line)]
    firsts = {code for row in rows for code in re.findall(r"A\d\d", row[1])}
    reversals = {code for row in rows for code in re.findall(r"A\d\d", row[4])}
    spans = {f"A{n:02d}" for n in range(34, 37)} | {f"A{n:02d}" for n in range(39, 43)}
    named = firsts | spans | reversals
    assert set(TRIGGERS) | set(REVERSALS) >= named
    more = (set(TRIGGERS) | set(REVERSALS)) - named
    assert more == {"A24", "A43", "A46"}, "of the issue's range, not of the table"


def test_every_alert_of_the_catalogue_has_a_row() -> None:
    """One without a row, or a row of none, fails the build."""
    rows = [row.name for row in WRITTEN_ROWS if row.part == "condition"]
    assert sorted(rows) == sorted(ALERTS)


def test_the_list_of_alerts_is_the_tables() -> None:
    notes = SHARED / "domain" / "02-pressure-and-alerts.md"
    if not notes.exists():
        pytest.skip("the domain notes are not beside this clone (HOMEWARD_SHARED)")
    table = notes.read_text(encoding="utf-8").partition("### 2.4")[2].partition("\nSuppression:")[0]
    names = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")]
    assert tuple(names[1:]) == ALERTS


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.scenarios.coverage"
