"""The people a reader is shown now, each with their lines and their name: one place where pages get them.

In: the projection, a reader, a time. Out: `Shown` people, masked by the one masking function; what was worked
out is kept until the person's view changes, or the hour does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from board.projection import Projection, Version
from runtime.closing import is_shown
from runtime.masking import shown_to
from runtime.naming import Identity, named
from runtime.reader import Reader

Row = dict[str, Any]
HOUR_US = 3_600_000_000


class Shown(NamedTuple):
    """One person as a reader may see them."""

    key: str
    person: Row
    """Empty where the role is told of stays alone."""
    spells: tuple[Row, ...]
    transfer: Row
    """Empty where nothing is under way."""
    identity: Identity
    open: bool
    """The transfer is open, or closed within 30 days."""

    @property
    def spell(self) -> Row:
        """The stay that the transfer is about."""
        wanted = self.transfer.get("spell_id")
        chosen = [row for row in self.spells if row["spell_id"] == wanted] or list(self.spells[:1])
        return chosen[0] if chosen else {}

    @property
    def frozen(self) -> bool:
        """Their lines stand still: what came since could not be read."""
        return self.person.get("state") == "parked"


class _Kept(NamedTuple):
    version: Version
    said: Identity
    hour: int
    shown: Shown | None


@dataclass
class People:
    """People as readers see them."""

    projection: Projection
    _kept: dict[tuple[str, str], _Kept] = field(default_factory=dict)

    def all(self, reader: Reader, now: int) -> Iterator[Shown]:
        """Everybody a reader is shown; retired keys and people of no line are left out."""
        for key in list(self.projection.people):
            found = self.one(key, reader, now)
            if found is not None:
                yield found

    def open(self, reader: Reader, now: int) -> Iterator[Shown]:
        """Whoever's transfer is open, or closed within 30 days: most of those a board holds are long at home.
        """
        for key, versions in list(self.projection.people.items()):
            if (until := versions[-1].until) is not None and until < now:
                continue
            found = self.one(key, reader, now)
            if found is not None and found.open:
                yield found

    def one(self, key: str, reader: Reader, now: int) -> Shown | None:
        """One person; None where there is nobody or nobody for this reader."""
        version = self.projection.newest(key)
        if version is None:
            self._kept.pop((reader.name, key), None)
            return None
        said, hour = self.projection.names.of(key), now // HOUR_US
        kept = self._kept.get((reader.name, key))
        if kept is None or kept.version is not version or (kept.said, kept.hour) != (said, hour):
            kept = _Kept(version, said, hour, self._look(key, version, said, reader, now))
            self._kept[reader.name, key] = kept
        return kept.shown

    def _look(self, key: str, version: Version, said: Identity, reader: Reader, now: int) -> Shown | None:
        rows: list[Row] = [json.loads(line.text) for line in version.lines]
        if any(row.get("merged_into") for row in rows if row["view"] == "person"):
            return None
        shield = self.projection.shield(key)
        shown = shown_to(rows, reader, now, shield)
        if not shown:
            return None
        erased = any(row.get("state") == "erased" for row in rows)
        identity = Identity() if erased else named(said, rows, reader, now, shield)
        join = next((row for row in rows if row["view"] == "transfer"), None)
        spells = [row for row in rows if row["view"] == "spell"]
        return Shown(
            key, _first(shown, "person"), tuple(row for row in shown if row["view"] == "spell"),
            _first(shown, "transfer"), identity, join is None or is_shown(join, spells, now),
        )  # fmt: skip


def _first(rows: list[Row], view: str) -> Row:
    return next((row for row in rows if row["view"] == view), {})
