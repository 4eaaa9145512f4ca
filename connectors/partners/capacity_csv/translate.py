"""A situation report as a file: one row a ward, a service, a care home or a figure, each as at its own time
(domain 02 §2.3).

In: a CSV and the dialect's column map. Out: one translation a row, or the row's refusal with its place.
Pure. Not a full file: a row that reads as it did an hour ago is news, and one that is missing says nothing.
An empty cell was not said, which is never zero; more people than beds is what the ward says, and is kept.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from connectors import cells, times
from connectors.cells import Cell
from connectors.delimited import Record, Table, read_table
from connectors.figures import (
    ADMISSIONS,
    METRIC_WORDS,
    REASON_WORDS,
    SERVICE_WORDS,
    figure,
    says_a_figure,
)
from connectors.message import Draft, RawMessage, Refusal, Translation
from connectors.partners.full_file import EMPTY_DIFF, History, Taking
from connectors.snapshot import column, made_at
from runtime.place import Partner
from schemas import ids
from schemas.figures import figure_fields
from schemas.reasons import Reason

STATUS: Final = "CareHomeStatusChanged"
KINDS: Final = (
    ("metric", "PressureMetricReported"), ("home", "CareHomeCapacityReported"),
    ("service", "ServiceCapacityReported"), ("", "BedCapacityReported"),
)
"""The column that says what a row is about, first come; a row of none is a ward's or a site's."""


def count(cell: str, dialect: Partner) -> int:
    """People or beds: a whole number that is not negative."""
    number = cells.quantity(cell, dialect)
    if number != int(number):
        raise Refusal(Reason.BAD_VALUE)
    return int(number)


READERS: Final[Mapping[str, Cell]] = {
    "site": cells.text, "ward": cells.text, "service": cells.text, "home": cells.text,
    "as_at": cells.moment, "until_at": cells.moment, "metric": cells.code("metric", METRIC_WORDS),
    "service_type": cells.code("service_type", SERVICE_WORDS),
    "admissions": cells.code("admissions", ADMISSIONS), "reason": cells.code("reason", REASON_WORDS),
    "value": cells.quantity, "numerator": cells.quantity, "denominator": cells.quantity,
} | {
    name: count
    for kind in ("BedCapacityReported", "CareHomeCapacityReported", "ServiceCapacityReported")
    for name in figure_fields(kind) if name != "service_type"
}


class _Row(NamedTuple):
    """One readable row: what it is about, and its drafts."""

    number: int
    key: str
    drafts: tuple[Draft, ...]


def rows(raw: RawMessage, dialect: Partner) -> Taking:
    """Every row on its own. Raises Refusal of the whole file: HEADER_DRIFT, FILE_INCOMPLETE, BAD_CHARSET,
    BAD_DATE.
    """
    table = read_table(raw.body, dialect.charset, dialect.delimiter)
    columns = {name: column(table, header) for name, header in dialect.columns.items()}
    made, file = made_at(raw.name, table, dialect), int(raw.sha256[:12], 16)
    read: list[_Row] = []
    refusals: list[Refusal] = []
    for record in table.records:
        try:
            read.append(_read(record, table, columns, made, file, dialect))
        except Refusal as refusal:
            refusals.append(refusal)
    agreed, torn = _agreed(read)
    said = tuple(_translation(row, made.us, raw.partner) for row in agreed)
    return Taking(History(), f"{raw.sha256[:32]}@{made.us}", said, (), (*refusals, *torn))


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """All rows as one translation (partner try). Raises Refusal of the whole file."""
    taking = rows(raw, dialect)
    drafts = tuple(draft for row in taking.rows for draft in row.drafts)
    return Translation(raw.sha256[:32], drafts, "" if drafts else EMPTY_DIFF, raw.body, taking.refusals)


def _read(
    record: Record, table: Table, columns: Mapping[str, int], made: times.Moment, file: int, dialect: Partner
) -> _Row:
    if len(record.cells) != len(table.header):
        raise Refusal(Reason.BAD_ROW, f"row {record.number}")
    said = dict(_values(record, columns, dialect))
    at: times.Moment = said.get("as_at", made)
    flags = {*table.flags, *at.flags}
    kind = next(kind for name, kind in KINDS if not name or name in said)
    site, part = said.get("home" if "home" in said else "site", ""), said.get("service", said.get("ward", ""))
    if not site:
        raise Refusal(Reason.FIELD_MISSING, f"row {record.number} site")
    drafts = []
    for reported in (kind, STATUS) if "home" in said else (kind,):
        fields = {name: _plain(said[name]) for name in figure_fields(reported) if name in said}
        if says_a_figure(fields):
            try:
                drafts.append(figure(
                    reported, (site, part), at.us, made.us, fields, sequence=file, flags=flags,
                ))
            except Refusal as refusal:
                raise Refusal(refusal.reason, f"row {record.number} site") from None
    about = (kind, site, part, str(said.get("metric", "")), str(_plain(said.get("until_at"))), str(at.us))
    return _Row(record.number, "|".join(about), tuple(drafts))


def _values(record: Record, columns: Mapping[str, int], dialect: Partner) -> Iterator[tuple[str, Any]]:
    for name, place in columns.items():
        cell = record.cells[place]
        if cell and name in READERS:
            try:
                yield name, READERS[name](cell, dialect)
            except Refusal as refusal:
                raise Refusal(refusal.reason, f"row {record.number} {name}") from None


def _plain(value: Any) -> Any:
    return value.us if isinstance(value, times.Moment) else value


def _agreed(read: list[_Row]) -> tuple[list[_Row], list[Refusal]]:
    """Twins that differ are refused, all of them: which is true is not ours to say."""
    twins: dict[str, list[_Row]] = {}
    for row in read:
        twins.setdefault(row.key, []).append(row)
    torn = {key for key, same in twins.items() if any(row.drafts != same[0].drafts for row in same)}
    refusals = [Refusal(Reason.BAD_ROW, f"row {row.number}") for row in read if row.key in torn]
    return [row for row in read if row.key not in torn], refusals


def _translation(row: _Row, made: int, partner: str) -> Translation:
    """A restatement that says again what was said before it was restated is news: when it was made counts."""
    message_id = f"{ids.row_id(partner, row.key)}@{made}"
    if not row.drafts:
        return Translation(message_id, no_change=EMPTY_DIFF)
    said = [(draft.kind, sorted(draft.fields.items())) for draft in row.drafts]
    return Translation(message_id, row.drafts, content=repr((row.key, made, said)).encode())
