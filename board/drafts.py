"""Drafts of returns that somebody laid down: what `homeward returns` printed, read again (docs/returns.md).

In: a folder of `*.jsonl`, each one return. Out: drafts with their cells. A file that is none is left out and
counted; nothing is worked out here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

RESIDENTS: Final = {
    "all": "All", "own": "Own council", "out_of_area": "Out of area", "unsaid": "Council not said",
}  # fmt: skip
GROUPS: Final = {
    "nctr": "No longer meet the criteria to reside", "criteria": "Criteria to reside",
    "bed_days": "Bed days", "discharged": "Left", "destination": "Planned destination of who left",
    "reason": "Delay reason of who remains", "reason_los7": "Reason, 7 days or longer",
    "reason_los14": "Reason, 14 days or longer", "excluded": "Left out by a stated exclusion",
    "listed_without_hospital": "On a hub's list, of no hospital",
}  # fmt: skip
KINDS: Final = {"discharge": "Acute discharge situation report", "uec": "Urgent and emergency care return"}


class Cell(NamedTuple):
    """One figure of a return."""

    name: str
    residents: str
    value: float | None
    complete: bool
    missing: tuple[str, ...]
    spells: tuple[str, ...]
    events: tuple[str, ...]
    was: float | None = None
    restated: bool = False
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """What stands before the first dot."""
        return self.name.partition(".")[0]


class Draft(NamedTuple):
    """One return of a trust and a day."""

    name: str
    kind: str
    trust: str
    day: str
    as_at: str | None
    known_at: str | None
    cells: tuple[Cell, ...]
    exclusions: tuple[Mapping[str, Any], ...]
    published: bool
    """The published layout lies beside it."""

    def cell(self, name: str, residents: str) -> Cell | None:
        """The figure of that name, of those people."""
        return next((one for one in self.cells if (one.name, one.residents) == (name, residents)), None)

    @property
    def restated(self) -> int:
        """How many figures are others than they were."""
        return sum(one.restated and one.was != one.value for one in self.cells)


def drafts_in(folder: Path) -> tuple[list[Draft], int]:
    """The newest day first; and how many files are no drafts."""
    paths = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    found = [draft for path in paths for draft in [_read(path)] if draft is not None]
    newest = sorted(found, key=lambda one: (one.day, one.known_at or "", one.name), reverse=True)
    return newest, len(paths) - len(found)


def named(folder: Path, name: str) -> Path | None:
    """A file of the folder by its name alone: no path leads out of it."""
    paths = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    return paths.get(name) if name.endswith((".jsonl", ".csv")) else None


def _read(path: Path) -> Draft | None:
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        head = rows[0]
        if head["view"] != "return":
            return None
        cells = tuple(_cell(row) for row in rows[1:] if row["view"] == "return_cell")
        return Draft(
            path.stem, head["kind"], head["trust"], head["day"], head["as_at"], head["known_at"], cells,
            tuple(head["exclusions"]), path.with_suffix(".csv").is_file(),
        )  # fmt: skip
    except (ValueError, KeyError, IndexError, TypeError, OSError):
        return None


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell(
        row["cell"], row["residents"], row["value"], row["complete"], tuple(row["missing"]),
        tuple(row["spells"]), tuple(row["events"]), row.get("was"), "was" in row,
        tuple(row.get("spells_added", ())), tuple(row.get("spells_gone", ())),
    )  # fmt: skip
