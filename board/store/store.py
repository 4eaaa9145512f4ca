"""The board's store: what it knows, and how far it has read, in one transaction, in SQLite or PostgreSQL.

In: changes of a projection with the offsets they came from. Out: a projection as it stood, and where to go on
reading. One process writes: whoever opened it last. Everything in it can be read from the topics again, so a
store in doubt is emptied.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, bindparam, create_engine, delete, event, insert, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from board.completeness import Completeness
from board.projection import Line, Projection, Version
from board.store.changes import Changes, encode
from board.store.tables import BY_KEY, HOLDER, LAYOUT, METADATA, POSITION, TRANSFER
from runtime.errors import Misconfigured, Transient
from schemas.catalogue import TOPICS, VIEW_TRANSFER

MEMORY: Final = "memory"
DRIVERS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
ROWS_AT_ONCE: Final = 2_000
FORGETS_AFTER_S: Final = ((TOPICS[VIEW_TRANSFER].delete_retention_hours or 0) - 1) * 3600
"""A tombstone may be gone from the log after so long: whoever was away for longer would go on showing a
person who was erased, and reads everything anew (design.md §3).
"""
_lines: Final = msgspec.json.Decoder(tuple[Line, ...])
_progress: Final = msgspec.json.Decoder(Completeness)


class Held(NamedTuple):
    """How far a projection has read, of which cluster, when last (real epoch seconds)."""

    cluster: str
    offsets: Mapping[tuple[str, int], int]
    at: float

    def goes_on(self, cluster: str, now: float) -> bool:
        """Whether the log of `cluster` still tells everything that came after."""
        return bool(self.offsets) and cluster == self.cluster and now - self.at < FORGETS_AFTER_S


@dataclass
class Store:
    """`Store(url_of(...))`, then `open`."""

    url: URL
    clock: Callable[[], float] = time.time
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    _engine: Engine | None = None

    def open(self) -> None:
        """Make the tables where there are none, and become the one that writes.

        Raises Transient (it does not answer) or Misconfigured (it cannot be made).
        """
        self.close()
        if self.url.get_backend_name() == "sqlite":
            _private_file(Path(self.url.database or ""))
        self._engine = create_engine(self.url, pool_pre_ping=True)
        if self.url.get_backend_name() == "sqlite":
            event.listen(self._engine, "connect", _careful)
        with self._writing() as db:
            METADATA.create_all(db)
            layout = db.execute(select(HOLDER.c.layout)).scalar()
            if layout != LAYOUT:
                METADATA.drop_all(db)
                METADATA.create_all(db)
                db.execute(insert(HOLDER).values(**_nothing(self.token), id=1))
            db.execute(update(HOLDER).values(token=self.token))

    def close(self) -> None:
        """Let go of it."""
        if self._engine is not None:
            self._engine.dispose()

    def load(self) -> tuple[Projection, Held]:
        """What is kept. Raises Transient."""
        found = Projection()
        with self._writing() as db:
            row = db.execute(select(HOLDER)).one()
            found.complete_to = row.complete_to
            if row.progress:
                found.progress = _progress.decode(row.progress)
            for name, table in BY_KEY.items():
                kept = getattr(found, name)
                kept.update((key, msgspec.json.decode(said)) for key, said in db.execute(select(table)))
            _load_people(db, found)
            offsets = {(topic, part): at for topic, part, at in db.execute(select(POSITION))}
        return found, Held(row.cluster, offsets, row.written_at)

    def clear(self, cluster: str) -> None:
        """Forget everything: the topics of `cluster` are read anew. Raises Transient."""
        with self._writing() as db:
            self._mine(db, **_nothing(self.token) | {"cluster": cluster})
            for table in (POSITION, TRANSFER, *BY_KEY.values()):
                db.execute(delete(table))

    def write(self, changes: Changes, projection: Projection) -> None:
        """What a batch changed, and how far it reached, or nothing of both. Raises Transient, or
        Misconfigured where another board has opened the store since.
        """
        with self._writing() as db:
            self._mine(
                db, written_at=int(self.clock()), complete_to=projection.complete_to,
                progress=encode(projection.progress),
            )  # fmt: skip
            _each(db, _CUT, changes.cuts(projection))
            _each(db, insert(TRANSFER), changes.versions(projection))
            for name, table in BY_KEY.items():
                _each(db, _GONE[name], [{"of": key} for key in changes.keys.get(name, ())])
                _each(db, insert(table), changes.records(projection, name))
            places = [{"of": topic, "in": part, "to": at} for (topic, part), at in changes.offsets.items()]
            _each(db, _LEFT, places)
            _each(db, _STANDS, places)

    def _mine(self, db: Connection, **said: Any) -> None:
        if db.execute(update(HOLDER).where(HOLDER.c.token == self.token).values(**said)).rowcount != 1:
            raise Misconfigured("the board's store was opened by another board since: one board, one store")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        assert self._engine is not None, "open it first"
        try:
            with self._engine.begin() as db:
                yield db
        except SQLAlchemyError as exc:
            # Never its text: it holds the rows.
            raise Transient(f"the board's store: {type(exc).__name__}") from None


_CUT: Final = delete(TRANSFER).where(
    TRANSFER.c.person_key == bindparam("key"), TRANSFER.c.at_offset < bindparam("before")
)
_GONE: Final = {name: delete(table).where(table.c.key == bindparam("of")) for name, table in BY_KEY.items()}
_LEFT: Final = delete(POSITION).where(
    POSITION.c.topic == bindparam("of"), POSITION.c.part == bindparam("in")
)
_STANDS: Final = insert(POSITION).values(
    topic=bindparam("of"), part=bindparam("in"), next_offset=bindparam("to")
)


def url_of(said: str, state: Path) -> URL | None:
    """Where a board keeps what it knows: a file in the state folder unless said otherwise; None: in memory.

    Raises Misconfigured: another kind of database, or a password in the URL (libpq has files for it).
    """
    if said == MEMORY:
        return None
    try:
        url = make_url(said) if said else URL.create("sqlite", database=str(state / "board.sqlite3"))
    except ArgumentError:
        raise Misconfigured("HOMEWARD_BOARD_STORE: not a database URL") from None
    backend = url.get_backend_name()
    if backend not in DRIVERS or (backend == "sqlite" and not url.database):
        raise Misconfigured("HOMEWARD_BOARD_STORE: sqlite:///FILE, postgresql://HOST/NAME or `memory`")
    if url.password:
        raise Misconfigured("HOMEWARD_BOARD_STORE: no password in the URL; PGPASSFILE or PGSERVICEFILE")
    return url.set(drivername=DRIVERS[backend])


def _load_people(db: Connection, into: Projection) -> None:
    query = select(TRANSFER).order_by(TRANSFER.c.person_key, TRANSFER.c.at_offset)
    rows = db.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
    for key, at, through, merged, until, lines in rows:
        into.people.setdefault(key, []).append(Version(through, _lines.decode(lines), at, until))
        into.names.merged(key, merged)


def _each(db: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(statement, rows)


def _nothing(token: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"layout": LAYOUT, "token": token, "cluster": "", "written_at": 0}
    return empty | {"complete_to": None, "progress": b""}


def _private_file(path: Path) -> None:
    """Readable by its owner alone from the first byte; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError as exc:
        raise Misconfigured(f"the board's store cannot be written: {exc.strerror}") from None


def _careful(connection: Any, _: Any) -> None:
    """Readers do not wait for the writer; a power cut may lose the last writes with their offsets, together;
    what is deleted is overwritten.
    """
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
