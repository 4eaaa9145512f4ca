"""What the scenarios cover: every ADT trigger, every rule of the domain, every condition an alert waits for,
each with a folder that shows it and a mutant that the folder kills.

In: `coverage.toml` (rules and conditions, by hand) and the messages of the folders (triggers). Out: rows, and
docs/coverage.md: `python -m tests.scenarios.coverage`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.partners.hl7_adt import translate
from tests.scenarios.mutants import MUTANTS
from tests.scenarios.scenario import load, names

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "coverage.md"

TRIGGERS = tuple(
    f"A{number:02d}" for number in (*range(1, 18), *range(21, 30), 31, *range(34, 48), *range(52, 56))
)
"""The table of domain 03 §3.1, with the reversals it names (A32, A33 reverse A10 and A09)."""
REVERSALS = ("A32", "A33")
ALERTS = (
    "Ready, not referred",
    "Referred, not acknowledged",
    "Package lapsing",
    "Package holder admitted",
    "Discharged without a start",
    "Start overtaken by readmission",
    "Told and no longer true",
    "Death stated",
    "Fast track 48 h",
    "Care-home bed mismatch",
    "Source silent",
    "Feed rejects rising",
    "OPEL worsening",
    "Outbreak",
    "Match waiting",
    "Record parked",
    "Short of beds",
)
"""The catalogue of alerts of domain 02 §2.4: each waits for a condition that a folder shows."""
PARTS = {
    "rule": "Rules of a discharge (domain 01)",
    "condition": "Conditions of alerts (domain 02 §2.4)",
    "governance": "Rules of governance (domain 05)",
}

_TRIGGER = re.compile(rb"[\r\n]?MSH(?P<bar>.)(?:[^\r\n]*?(?P=bar)){7}ADT.(A\d\d)")


class Row(NamedTuple):
    """One thing that must be shown."""

    part: str
    name: str
    text: str
    scenario: str
    mutant: str


def not_read(trigger: str, patch: pytest.MonkeyPatch) -> None:
    """The mutant that refuses a trigger as one nobody knows."""
    patch.setattr(translate, "SUPPORTED", translate.SUPPORTED - {trigger})


@cache
def triggers_of(scenario: str) -> frozenset[str]:
    """The triggers of the HL7 messages of a folder."""
    bodies = (sourced.raw.body for sourced in load(scenario).messages)
    return frozenset(found[1].decode() for body in bodies for found in _TRIGGER.findall(body))


def trigger_rows() -> Iterator[Row]:
    """One row a trigger; the folder with the fewest other triggers shows it best, none is an empty name."""
    for trigger in sorted({*TRIGGERS, *REVERSALS}):
        found = [name for name in names() if trigger in triggers_of(name)]
        best = min(found, key=lambda name: (len(triggers_of(name)), name), default="")
        yield Row("trigger", trigger, "", best, f"{trigger} not read")


def written_rows() -> Iterator[Row]:
    """The rows of `coverage.toml`."""
    written = tomllib.loads((HERE / "coverage.toml").read_text(encoding="utf-8"))
    for part in PARTS:
        for row in written[part]:
            yield Row(part, row["name"], row["text"], row["scenario"], row["mutant"])


def page() -> str:
    """The page."""
    out = [
        "# What the scenarios cover", "",
        "Written by `python -m tests.scenarios.coverage`; a test compares. Each row is shown by a folder of",
        "`tests/scenarios/`: messages as partners send them, lines written by hand from the rule. The folder",
        "fails under the mutant named beside it (the program with one thing broken), else it passes.", "",
        "## ADT triggers (domain 03 §3.1)", "", "| Trigger | Folder | Mutant |", "|---|---|---|",
    ]  # fmt: skip
    out += [f"| {row.name} | `{row.scenario}` | `{row.mutant}` |" for row in trigger_rows()]
    for part, title in PARTS.items():
        out += ["", f"## {title}", "", "| Where | What | Folder | Mutant |", "|---|---|---|---|"]
        rows = (row for row in written_rows() if row.part == part)
        out += [f"| {row.name} | {row.text} | `{row.scenario}` | `{row.mutant}` |" for row in rows]
    return "\n".join([*out, "", f"{len(names())} folders, {len(MUTANTS)} mutants.", ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
