"""The tables of the board's store, the same on SQLite and on PostgreSQL.

What is kept is what a restart would otherwise read from the topics again, and nothing beside it: pseudonym
keys, the lines and records of the views, how far each topic was read. Names, dates of birth and numbers have
no column: they stay in memory (ADR 17).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

LAYOUT: Final = 2
"""Raised with every change of a table: a store of another layout is emptied and read anew."""
METADATA: Final = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(f"board_{name}", METADATA, *columns)


def _key(name: str) -> Column[Any]:
    return Column(name, Text, primary_key=True)


HOLDER: Final = _table(
    "holder",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("layout", Integer, nullable=False),
    Column("token", Text, nullable=False),
    Column("cluster", Text, nullable=False),
    Column("written_at", BigInteger, nullable=False),
    Column("complete_to", BigInteger),
    Column("progress", LargeBinary, nullable=False),
)
"""One row: the process that writes, which cluster was read, when last (real epoch seconds), what is whole."""

POSITION: Final = _table(
    "position",
    _key("topic"),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)
"""The offset to be read next."""

TRANSFER: Final = _table(
    "transfer",
    _key("person_key"),
    Column("at_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("received_through", BigInteger, nullable=False),
    Column("merged_into", Text),
    Column("shown_until", BigInteger),
    Column("lines", LargeBinary, nullable=False),
)
"""The versions of each person's view, by their offset."""

ALERT: Final = _table("alert", _key("key"), Column("record", LargeBinary, nullable=False))
MEASURE: Final = _table("measure", _key("key"), Column("record", LargeBinary, nullable=False))
ACTION: Final = _table("action", _key("key"), Column("record", LargeBinary, nullable=False))
FEED: Final = _table("feed", _key("key"), Column("record", LargeBinary, nullable=False))
QUARANTINE: Final = _table("quarantine", _key("key"), Column("record", LargeBinary, nullable=False))
BY_KEY: Final = {
    "alerts": ALERT, "measures": MEASURE, "actions": ACTION, "feeds": FEED, "quarantine": QUARANTINE,
}  # fmt: skip
"""Attribute of the projection -> the table with one record a key."""
