"""The bulletin for everybody: few numbers of the place, rounded, approved by a person before anyone sees them
(domain 06 §6.2: winter plan communications; domain 05 IG-09).

In: measures of the place's sites. Out: a draft; once approved, it is a line of a file that is only added to.
An indicative OPEL is not in it: nobody has verified its thresholds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from board.measures import Row
from board.small import few, public
from board.wording import UNKNOWN
from runtime.freshness import utc

COUNTS: Final = (
    ("in_hospital", "People in our hospitals"), ("ready_to_leave", "Of these ready to leave"),
    ("stays_21_days", "Of these three weeks or longer"), ("discharges", "Left hospital today so far"),
    ("ed_12h_from_arrival", "Waits over 12 hours in emergency departments"),
)  # fmt: skip
BEDS: Final = ("beds_occupied", "beds_open")
FILE: Final = "bulletins.jsonl"


@dataclass(frozen=True)
class Bulletin:
    """What is or was to be said. `as_at`: of its oldest number; `lines`: title and text."""

    place: str
    as_at: str | None
    lines: tuple[tuple[str, str], ...]
    approved_at: str | None = None
    approved_by: str = ""

    @property
    def digest(self) -> str:
        """Of what is said, so that what is approved is what was looked at."""
        return sha256(json.dumps([self.as_at, self.lines]).encode()).hexdigest()[:16]


def draft(found: Mapping[tuple[str, str], Row], sites: Sequence[str], place: str) -> Bulletin:
    """The numbers of all sites together. One that a site lacks is unknown: a part is not the place's."""
    lines = [(title, public(_sum(found, sites, name))) for name, title in COUNTS]
    taken, open_ = (_sum(found, sites, name) for name in BEDS)
    share = f"{100 * taken / open_:.0f} %" if taken is not None and open_ and not few(taken) else UNKNOWN
    lines.append(("Beds taken", share))
    names = (*(name for name, _ in COUNTS), *BEDS)
    times = [found[site, name]["as_at"] for site in sites for name in names
             if (site, name) in found and found[site, name]["as_at"]]  # fmt: skip
    return Bulletin(place, utc(min(times, default=None)), tuple(lines))


def _sum(found: Mapping[tuple[str, str], Row], sites: Sequence[str], name: str) -> float | None:
    rows = [found[site, name] for site in sites if (site, name) in found]
    values = [row["value"] for row in rows if row["complete"] and row["value"] is not None]
    return sum(values) if values and len(values) == len(sites) else None


@dataclass
class Bulletins:
    """What was approved, in a file of the state folder; None: nothing can be approved."""

    folder: Path | None = None

    def approve(self, said: Bulletin, by: str, now: int) -> None:
        """From now on everybody sees it. Raises OSError."""
        self._add({"what": "approved", **asdict(said), "approved_at": utc(now), "approved_by": by})

    def withdraw(self, by: str, now: int) -> None:
        """From now on nobody sees one. Raises OSError."""
        self._add({"what": "withdrawn", "at": utc(now), "by": by})

    def published(self) -> Bulletin | None:
        """What everybody sees."""
        path = self.folder / FILE if self.folder else None
        lines = path.read_text("utf-8").splitlines() if path and path.is_file() else []
        row: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        if row.pop("what", "") != "approved":
            return None
        return Bulletin(**{**row, "lines": tuple((title, text) for title, text in row["lines"])})

    def _add(self, row: Mapping[str, Any]) -> None:
        if self.folder is None:
            raise OSError("no folder for bulletins")
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / FILE).open("a", encoding="utf-8") as out:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
