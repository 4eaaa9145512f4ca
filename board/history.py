"""What measures were on earlier days: what trends and control charts stand on.

In: measure lines (docs/interface.md) in files, as `homeward replay --as-at` prints them; the board adds
its own once a day, as at 08:00. Out: series by day. A day nobody wrote down is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from board.wording import london, moment
from runtime.spc import Better, Chart, chart

SNAPSHOT_HOUR: Final = 8
"""The bed snapshot of the day (domain 02 §2.3)."""
WINTER_BEFORE: Final = timedelta(days=364)
"""The same day last winter: 52 weeks before, so that it is the same day of the week."""
DAYS_SHOWN: Final = 60
OWN_FILE: Final = "board.jsonl"


class Day(NamedTuple):
    """One day of a series."""

    day: date
    value: float | None


class Trend(NamedTuple):
    """A measure beside the same day last winter."""

    day: date
    before: float
    change: float | None


@dataclass
class History:
    """Values by (measure, subject) and day. `folder`: where its files are; None: nothing is kept."""

    folder: Path | None = None
    _days: dict[tuple[str, str], dict[date, float | None]] = field(default_factory=dict)
    _written: date | None = None

    def read(self) -> None:
        """Take every `*.jsonl` of the folder in the order of their names, the board's own last."""
        if self.folder is None or not self.folder.is_dir():
            return
        files = sorted(self.folder.glob("*.jsonl"), key=lambda path: (path.name == OWN_FILE, path.name))
        for path in files:
            with path.open(encoding="utf-8") as lines:
                days = [self.take(line) for line in lines if line.strip()]
            if path.name == OWN_FILE:
                self._written = max(filter(None, days), default=None)

    def take(self, line: str) -> date | None:
        """Take one line; of a measure and day the last one counts. Hours to come are left out."""
        row: dict[str, Any] = json.loads(line)
        if row.get("view") != "measure" or row.get("until") or row.get("as_at") is None:
            return None
        at = moment(row["as_at"])
        assert at is not None
        value = row["value"] if row.get("complete") else None
        self._days.setdefault((row["measure"], row["subject"]), {})[at.date()] = value
        return at.date()

    def keep_day(self, measures: Iterable[Mapping[str, Any]], now: int) -> bool:
        """Write today down, once, at 08:00 or later. Says whether it did. Raises OSError."""
        at = london(now)
        if self.folder is None or at.hour < SNAPSHOT_HOUR or self._written == at.date():
            return False
        lines = sorted(row["line"] for row in measures if row["until_at"] is None and row["line"])
        if not lines:
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / OWN_FILE).open("a", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in lines)
        for line in lines:
            self.take(line)
        self._written = at.date()
        return True

    def series(self, measure: str, subject: str, until: date, days: int = DAYS_SHOWN) -> list[Day]:
        """The last days up to one, from the first that is known; days between are unknown."""
        said = self._days.get((measure, subject), {})
        known = [day for day in said if until - timedelta(days=days) < day <= until]
        if not known:
            return []
        first = min(known)
        return [Day(first + timedelta(days=n), said.get(first + timedelta(days=n)))
                for n in range((until - first).days + 1)]  # fmt: skip

    def trend(self, measure: str, subject: str, today: date, value: float | None) -> Trend | None:
        """Beside the same day last winter; None: no history."""
        day = today - WINTER_BEFORE
        before = self._days.get((measure, subject), {}).get(day)
        if before is None:
            return None
        return Trend(day, before, None if value is None else value - before)


def charted(days: Sequence[Day], better: Better) -> Chart:
    """The control chart of a series."""
    return chart([one.value for one in days], better)
