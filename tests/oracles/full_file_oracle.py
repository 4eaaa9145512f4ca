"""What full files say at any time, the naive way: look at the newest file, ask the older ones only for rows
it could not read.

Independent of `connectors.file_history`: no diffs, no neighbours, no tokens. A file is (as_at, rows by key,
unreadable keys).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class File(NamedTuple):
    """One full file as somebody reads it on paper."""

    as_at: int
    rows: Mapping[str, Mapping[str, Any]]
    unreadable: frozenset[str] = frozenset()
    complete: bool = True
    """False: it has a row whose name nobody could read, so that no row can be said to be missing."""

    def says(self, key: str) -> bool:
        """Whether the file says anything of a row, there or not."""
        return key in self.rows or (self.complete and key not in self.unreadable)


def said_at(files: Sequence[File], at: int) -> dict[str, dict[str, Any]]:
    """Every row that stands at a time, with the values it is known to have."""
    known = sorted((file for file in files if file.as_at <= at), key=lambda file: file.as_at)
    keys = {key for file in known for key in file.rows}
    standing: dict[str, dict[str, Any]] = {}
    for key in keys:
        readable = [file for file in known if file.says(key)]
        if readable and key in readable[-1].rows:
            standing[key] = dict(readable[-1].rows[key])
    return standing
