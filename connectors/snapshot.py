"""One full file as a snapshot: what it says about each of its rows, as at one time (design.md §7 "Full
files").

In: the bytes of a file and the shape of a kind's rows. Out: `FileSnapshot`. Pure: `as_at` comes from the name
or a column, never from arrival. A row that cannot be read is refused alone and counts as *unread*: neither
changed nor gone.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final

from connectors import times
from connectors.cells import Cell, folded
from connectors.delimited import Record, Table, read_table
from connectors.message import RawMessage, Refusal
from runtime.place import Partner
from schemas import ids
from schemas.reasons import Reason

PLACES_IN_ROW: Final = {"birth_date": "dob"}
"""Our fields whose place is told by a shorter word (`row 7 dob`)."""


@dataclass(frozen=True, slots=True)
class RowShape:
    """What a kind's rows hold, whatever the headers are called."""

    cells: Mapping[str, Cell]
    """Reader of each field; a mapped field without one is ignored."""
    keys: tuple[str, ...]
    """Fields that name a row, best first; the first one given counts. `nhs_number` last: it is never written
    into an id.
    """
    needs: tuple[str, ...] = ()
    """Fields without which a row is refused."""


@dataclass(frozen=True, slots=True)
class Row:
    """A readable row. `values` holds only what was given: an empty cell is a missing field."""

    key: str = field(repr=False)
    """Names the row from file to file; may be built of an identifier, so it never leaves the process."""
    ref: str
    """Stands for the key in ids: says nothing about the person."""
    values: Mapping[str, Any] = field(repr=False)
    row_no: int


@dataclass(frozen=True, slots=True)
class FileSnapshot:
    """One complete file. `unread` are keys of rows that were refused; `complete` is False where a refused row
    could not even be named.
    """

    partner: str
    as_at: int
    digest: str
    rows: Mapping[str, Row] = field(repr=False)
    refusals: tuple[Refusal, ...] = ()
    unread: frozenset[str] = field(default=frozenset(), repr=False)
    complete: bool = True
    flags: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    """Headers of the file that the dialect does not map."""

    @property
    def order(self) -> tuple[int, str]:
        """Position among files: as_at, then content, so that two files of one minute have an order that
        arrival cannot change.
        """
        return (self.as_at, self.digest)

    @property
    def sequence(self) -> int:
        """The content's part of `order` as a fact's sequence."""
        return int(self.digest[:12], 16)

    @property
    def size(self) -> int:
        """Rows in the file, readable or not."""
        return len(self.rows) + len(self.refusals)


def read_csv(raw: RawMessage, dialect: Partner, shape: RowShape) -> FileSnapshot:
    """Read a full file by the dialect's column map. Raises Refusal of the whole file (HEADER_DRIFT,
    FILE_INCOMPLETE, BAD_DATE …).
    """
    table = read_table(raw.body, dialect.charset, dialect.delimiter)
    columns = {name: column(table, header) for name, header in dialect.columns.items()}
    at = made_at(raw.name, table, dialect)
    mapped = frozenset(columns.values())
    rows = _Rows(raw, table, columns, shape, dialect)
    for record in table.records:
        rows.take(record)
    return FileSnapshot(
        partner=raw.partner, as_at=at.us, digest=raw.sha256,
        rows=rows.readable(), refusals=tuple(rows.refusals),
        unread=frozenset(rows.unread), complete=rows.named, flags=tuple(sorted({*table.flags, *at.flags})),
        ignored=tuple(header for index, header in enumerate(table.header) if index not in mapped),
    )


def column(table: Table, header: str) -> int:
    """Where a header stands; once and only once, or the file has drifted."""
    found = [index for index, there in enumerate(table.header) if folded(there) == folded(header)]
    if len(found) != 1:
        raise Refusal(Reason.HEADER_DRIFT, f"header {header}")
    return found[0]


def made_at(name: str, table: Table, dialect: Partner) -> times.Moment:
    """When a file was made, by its name or a column. Raises Refusal BAD_DATE, FIELD_MISSING, HEADER_DRIFT."""
    how, _, what = dialect.as_at.partition(":")
    if how == "column":
        place = column(table, what)
        said = [times.required(r.cells[place], f"row {r.number} as_at", dialect.time_zone)
                for r in table.records if place < len(r.cells) and r.cells[place]]
        if said:
            return max(said, key=lambda moment: moment.us)
        raise Refusal(Reason.FIELD_MISSING, f"header {what}")
    try:
        read = datetime.strptime(PurePosixPath(name).name, what)  # noqa: DTZ007  the zone is the dialect's, below
    except ValueError:
        raise Refusal(Reason.BAD_DATE, "file name") from None
    return times.required(read.isoformat(), "file name", dialect.time_zone)


class _Rows:
    """Rows of one file as they are read; twins are merged where they agree and both refused where they do
    not.
    """

    def __init__(
        self, raw: RawMessage, table: Table, columns: Mapping[str, int], shape: RowShape, dialect: Partner
    ) -> None:
        self._raw, self._shape, self._dialect = raw, shape, dialect
        self._width = len(table.header)
        self._columns = {name: column for name, column in columns.items() if name in shape.cells}
        self._rows: dict[str, list[Row]] = {}
        self.refusals: list[Refusal] = []
        self.unread: set[str] = set()
        self.named = True

    def take(self, record: Record) -> None:
        """Read one record, or note its refusal."""
        there = record.cells
        cells = {name: there[c] for name, c in self._columns.items() if c < len(there) and there[c]}
        name = next((name for name in self._shape.keys if name in cells), "")
        key = f"{name}={cells[name]}" if name else ""
        try:
            if len(record.cells) != self._width:
                raise Refusal(Reason.BAD_ROW, f"row {record.number}")
            if not key:
                raise Refusal(Reason.NO_IDENTIFIER, _spot(record.number, self._shape.keys[0]))
            values = dict(self._read(cells, record.number))
        except Refusal as refusal:
            self._refuse(refusal, key if len(record.cells) == self._width else "")
            return
        self._rows.setdefault(key, []).append(Row(key, self._ref(key, record.number), values, record.number))

    def readable(self) -> dict[str, Row]:
        """The rows by key. Twins of a refused row are unread as well: which of them is true is not ours to
        say.
        """
        merged: dict[str, Row] = {}
        for key, twins in self._rows.items():
            values = _agreed(twins)
            if values is None or key in self.unread:
                for row in twins:
                    self._refuse(Refusal(Reason.BAD_ROW, _spot(row.row_no, key.partition("=")[0])), key)
            else:
                merged[key] = Row(key, twins[0].ref, values, twins[0].row_no)
        return merged

    def _read(self, cells: Mapping[str, str], number: int) -> Iterator[tuple[str, Any]]:
        for name in self._shape.needs:
            if name not in cells:
                raise Refusal(Reason.FIELD_MISSING, _spot(number, name))
        for name, cell in cells.items():
            try:
                yield name, self._shape.cells[name](cell, self._dialect)
            except Refusal as refusal:
                raise Refusal(refusal.reason, _spot(number, name)) from None

    def _ref(self, key: str, number: int) -> str:
        """An unkeyed hash of an NHS number could be undone by trying them all: such a row is named by its
        place.
        """
        if key.startswith("nhs_number="):
            return f"{self._raw.sha256[:16]}/{number}"
        return ids.row_id(self._raw.partner, key)

    def _refuse(self, refusal: Refusal, key: str) -> None:
        self.refusals.append(refusal)
        if key:
            self.unread.add(key)
        else:
            self.named = False


def _agreed(twins: list[Row]) -> dict[str, Any] | None:
    """What rows of one key say together: the known over the empty (corpora/cld); None where two of them
    differ.
    """
    together: dict[str, Any] = {}
    for row in twins:
        for name, value in row.values.items():
            if together.setdefault(name, value) != value:
                return None
    return together


def _spot(number: int, name: str) -> str:
    return f"row {number} {PLACES_IN_ROW.get(name, name)}"


def plain(value: Any) -> Any:
    """A cell's value as it stands in an event: a moment as µs UTC."""
    return value.us if isinstance(value, times.Moment) else value
