"""Delimited text as partners publish it: bytes to a header and numbered records, or a refusal of the whole
file.

In: bytes, the dialect's charset and delimiter. Out: `Table`. A file that ends inside a row or disagrees with
its `#rows=n` trailer was caught half-written: FILE_INCOMPLETE, so that no missing row is read as a person who
left. Never replaces a character silently.
"""
from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass

from connectors.cells import trimmed
from connectors.message import Refusal
from schemas.reasons import Reason

CHARSET_GUESSED = "charset_guessed"
"""The bytes were not in the agreed character set but were in the one spreadsheets save on Windows."""

_TRAILER = re.compile(r"#\s*rows\s*=\s*(\d{1,9})", re.IGNORECASE | re.ASCII)
_WINDOWS = "cp1252"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CELL_MAX = 32_768


@dataclass(frozen=True, slots=True)
class Record:
    """One row: `number` is what a spreadsheet shows beside it when the header stands in row 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header, its records (of any width) and the doubts about its text."""

    header: tuple[str, ...]
    records: tuple[Record, ...]
    flags: tuple[str, ...] = ()


def decode(body: bytes, charset: str) -> tuple[str, tuple[str, ...]]:
    """Text of the bytes and flags: a byte order mark wins, then the agreed charset, then cp1252 (flagged);
    else BAD_CHARSET.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return _strict(body[len(bom):], name), ()
    try:
        return body.decode(charset), ()
    except (UnicodeDecodeError, LookupError):
        return _strict(body, _WINDOWS), (CHARSET_GUESSED,)


def _strict(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        raise Refusal(Reason.BAD_CHARSET, "file") from None


def read_table(body: bytes, charset: str, delimiter: str) -> Table:
    """Read a whole file (RFC 4180 quoting, CR, LF or CRLF). Raises Refusal: BAD_CHARSET, UNREADABLE,
    FILE_INCOMPLETE.
    """
    text, flags = decode(body, charset)
    lines = _lines(text, delimiter)
    if not lines:
        raise Refusal(Reason.FILE_INCOMPLETE, "header")
    promised = _trailer(lines[-1])
    if promised is not None:
        lines.pop()
    header, *rows = lines or [()]
    if not any(header):
        raise Refusal(Reason.UNREADABLE, "header")
    records = tuple(Record(number, cells) for number, cells in enumerate(rows, start=2) if any(cells))
    if promised is not None and promised != len(records):
        raise Refusal(Reason.FILE_INCOMPLETE, "trailer")
    cut = bool(records) and len(records[-1].cells) < len(header) and not text.endswith(("\n", "\r"))
    if promised is None and cut:
        raise Refusal(Reason.FILE_INCOMPLETE, f"row {records[-1].number}")
    return Table(header, records, flags)


def _lines(text: str, delimiter: str) -> list[tuple[str, ...]]:
    """Every line as trimmed cells; trailing blank lines dropped. An open quote at the end of the file is half
    a row.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[str, ...]] = []
    try:
        lines.extend(_cells(cells, number) for number, cells in enumerate(reader, start=1))
    except csv.Error as exc:
        half = "unexpected end of data" in str(exc)
        reason = Reason.FILE_INCOMPLETE if half else Reason.UNREADABLE
        raise Refusal(reason, f"row {len(lines) + 1}") from None
    while lines and not any(lines[-1]):
        lines.pop()
    return lines


def _cells(cells: list[str], number: int) -> tuple[str, ...]:
    if any(len(cell) > _CELL_MAX for cell in cells):
        raise Refusal(Reason.TOO_LARGE, f"row {number}")
    return tuple(map(trimmed, cells))


def _trailer(cells: tuple[str, ...]) -> int | None:
    found = _TRAILER.fullmatch(cells[0]) if cells and not any(cells[1:]) else None
    return int(found.group(1)) if found else None
