"""Full files of any kind: a file in, what each of its rows became out (design.md §7 "Full files").

In: raw bytes, the dialect, a kind (how its rows read, what their changes mean) and the history of files
before. Out: `Taking`. Pure. The way: bytes → `read_csv` → snapshot → `History.add` → changes → the kind's
`translate_row` → drafts.
"""
from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from connectors.file_history import GONE, HERE, Change, History, diff
from connectors.message import Draft, RawMessage, Refusal, Translation
from connectors.snapshot import FileSnapshot, Row, RowShape, read_csv
from runtime.place import Partner
from schemas.reasons import Reason

__all__ = [
    "EMPTY_DIFF", "GONE", "HERE", "Change", "FileSnapshot", "FullFileKind", "History", "Row", "RowShape",
    "RowTranslator", "Taking", "diff", "read_csv", "take", "translate_whole",
]

_DAY_US: Final = 86_400_000_000

EMPTY_DIFF: Final = "empty diff"
"""Cause of a row that says nothing the file before did not."""

RowTranslator = Callable[[Change, Partner], tuple[Draft, ...]]
"""A kind's own part: what a change says as drafts. Pure; every kind of fact is made whole whenever any field
it holds changed.
"""


@dataclass(frozen=True, slots=True)
class FullFileKind:
    """A kind of full file: how its rows read and what their changes mean."""

    shape: RowShape
    translate_row: RowTranslator

    def read_rows(self, raw: RawMessage, dialect: Partner) -> FileSnapshot:
        """The snapshot of a file. Raises Refusal of the whole file."""
        return read_csv(raw, dialect, self.shape)


@dataclass(frozen=True, slots=True)
class Taking:
    """What a file became. Every row of it is in `rows` or `refusals`, once."""

    history: History
    file_id: str
    """Of its bytes and its as_at: a list that reads as it did an hour ago is news, not a re-send."""
    rows: tuple[Translation, ...]
    """One for each readable row: drafts, or `empty diff`."""
    besides: tuple[Translation, ...]
    """Drafts about rows the file no longer holds, and about later files where this one came late: not
    messages of their own.
    """
    refusals: tuple[Refusal, ...]


def take(
    raw: RawMessage, dialect: Partner, kind: FullFileKind, history: History, accepted: Collection[str] = ()
) -> Taking:
    """Read a file and say what it changes. `accepted` holds digests of shrunken files a human let through.

    Raises Refusal of the whole file: HEADER_DRIFT, FILE_INCOMPLETE, BAD_CHARSET, EVENT_IN_FUTURE (one
    misnamed file would make every file after it a late one), and FILE_SHRUNKEN where the file holds less than
    `shrink_hold_ratio` of the rows of the one before it by as_at.
    """
    file = kind.read_rows(raw, dialect)
    if raw.received_at and file.as_at > raw.received_at + _DAY_US:
        raise Refusal(Reason.EVENT_IN_FUTURE, "as_at")
    before = history.before(file)
    if before and file.size < dialect.shrink_hold_ratio * before.size and file.digest not in accepted:
        raise Refusal(Reason.FILE_SHRUNKEN, f"rows {file.size} of {before.size}")
    grown, changes = history.add(file)
    own = {change.row.key: change for change in changes if change.file is file and change.kind != "gone"}
    rows = tuple(
        _translation(own[key], kind, dialect) if key in own
        else Translation(f"{row.ref}@{file.as_at}", no_change=EMPTY_DIFF)
        for key, row in file.rows.items()
    )
    besides = (_translation(c, kind, dialect) for c in changes if c.file is not file or c.kind == "gone")
    said = tuple(translation for translation in besides if translation.drafts)
    return Taking(grown, f"{file.digest[:32]}@{file.as_at}", rows, said, file.refusals)


def _translation(change: Change, kind: FullFileKind, dialect: Partner) -> Translation:
    drafts = kind.translate_row(change, dialect)
    if not drafts:
        return Translation(change.message_id, no_change=EMPTY_DIFF)
    return Translation(change.message_id, drafts, content=change.content)


def translate_whole(raw: RawMessage, dialect: Partner, kind: FullFileKind) -> Translation:
    """A file on its own, as the first of its partner: one translation of all rows (partner try, prove)."""
    taking = take(raw, dialect, kind, History())
    drafts = tuple(draft for row in taking.rows for draft in row.drafts)
    return Translation(raw.sha256[:32], drafts, "" if drafts else EMPTY_DIFF, raw.body, taking.refusals)
