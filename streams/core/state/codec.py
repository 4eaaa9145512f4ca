"""A person's state as changelog records: one head, and journal chunks of which only the last is still written
(design.md §6).

In: a `PersonState`. Out: bytes, and back. A head is: codec version (1 byte), next due time (8 bytes,
big-endian, 0 = none), msgpack. A chunk is: codec version, msgpack array of (number of the stream, fact).
Older versions are lifted step by step by `HEADS` and `CHUNKS`.
"""
from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from schemas.fact import Fact
from streams.core.alerts.book import Book
from streams.core.errors import InvariantBroken
from streams.core.identity.claims import Claim
from streams.core.identity.links import LinkSet
from streams.core.identity.restriction import Restriction
from streams.core.identity.routes import Path, StreamId
from streams.core.state.bookkeeping import Sent, Shown
from streams.core.state.person import PersonState

VERSION: Final = 1
MOST_FACTS: Final = 32
MOST_BYTES: Final = 16 * 1024
_PREFIX: Final = struct.Struct(">BQ")

Lift = Callable[[Any], Any]
HEADS: dict[int, Lift] = {}
"""Version -> how its decoded head becomes one of the next version."""
CHUNKS: dict[int, Lift] = {}
"""Version -> how one decoded (number, fact) becomes one of the next version."""


class Head(msgspec.Struct, array_like=True):
    """A state without its journals. New fields go to the end, with defaults; anything else is a new version.
    """

    key: str
    streams: list[tuple[str, str | None, Path, list[tuple[str, Path, int]]]]
    chunk: int
    """Number of the open chunk."""
    entries: int
    """How many entries of the open chunk belong to this head; later ones are of a flush that never ended."""
    known: dict[str, LinkSet]
    claims: dict[str, Claim]
    claims_version: int
    restriction: Restriction
    inhabited: bool
    tags: dict[str, str]
    bearers: dict[str, set[str]]
    receipts: dict[str, int]
    asked: set[str]
    handed_to: str | None
    sent: Sent
    owed: set[str]
    shown: Shown
    buried: bool
    packed: int
    tidied: int = 0
    sealed: dict[str, int] = {}
    first: int = 0
    """Number of the first chunk that counts: earlier ones were written anew."""
    due: int = 0
    alerts: Book = msgspec.field(default_factory=Book)


_SHARED: Final = tuple(
    name for name in Head.__struct_fields__ if name not in ("key", "streams", "chunk", "entries", "first")
)
_encode: Final = msgspec.msgpack.Encoder().encode
_read_head: Final = msgspec.msgpack.Decoder(Head).decode
_read_entries: Final = msgspec.msgpack.Decoder(list[tuple[int, Fact]]).decode
_read_raw: Final = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode


class Chunks:
    """The open end of a journal on disk."""

    __slots__ = ("_new", "dropped", "entries", "first", "number", "size")

    def __init__(self, number: int = 0, entries: Iterable[bytes] = (), first: int = 0) -> None:
        self.number, self.first = number, first
        self.dropped: list[int] = []
        """Chunks that were written anew under other numbers: to be deleted after the head."""
        self.entries = list(entries)
        self.size = sum(map(len, self.entries))
        self._new = 0

    def write(self, fresh: Iterable[tuple[int, Fact]]) -> list[tuple[int, bytes]]:
        """Append entries; return the chunks that changed, oldest first. A fact over the size has a chunk of
        its own.
        """
        out, changed = [], False
        for entry in map(_encode, fresh):
            if self.entries and (len(self.entries) >= MOST_FACTS or self.size + len(entry) > MOST_BYTES):
                if changed:
                    out.append((self.number, self._bytes()))
                self.number, self.entries, self.size = self.number + 1, [], 0
            self.entries.append(entry)
            self.size += len(entry)
            self._new += len(entry)
            changed = True
        return [*out, (self.number, self._bytes())] if changed else out

    def begin_anew(self) -> None:
        """Leave the chunks written so far to be deleted: a head that counts on them stands until then."""
        self.dropped += range(self.first, self.number + 1)
        self.first = self.number = self.number + 1
        self.entries, self.size = [], 0

    def taken(self) -> int:
        """Bytes appended since last asked."""
        new, self._new = self._new, 0
        return new

    def _bytes(self) -> bytes:
        return bytes((VERSION,)) + _encode([msgspec.Raw(entry) for entry in self.entries])


def encode(state: PersonState, chunks: Chunks, next_due: int = 0) -> tuple[bytes, list[tuple[int, bytes]]]:
    """Write a state: its head, and the chunks that changed since the last time (to be written before the
    head; those in `chunks.dropped` are to be deleted after it).
    """
    if state.rewrite:
        chunks.begin_anew()
        state.fresh = [(s.number, fact) for s in state.streams.values() for fact in s.journal.log]
        state.packed, state.rewrite = 0, False
    written = chunks.write(state.fresh)
    state.fresh.clear()
    state.packed += chunks.taken()
    streams = [
        (*stream.id, [(to, path, count) for (to, path), count in stream.given.items()])
        for stream in state.streams.values()
    ]
    shared = {name: getattr(state, name) for name in _SHARED}
    head = Head(
        state.key, streams, chunks.number, len(chunks.entries), first=chunks.first, **shared
    )  # fmt: skip
    return _PREFIX.pack(VERSION, next_due) + _encode(head), written


def next_due(head: bytes) -> int:
    """The due time of a head, without decoding it; 0 = none."""
    return int(_PREFIX.unpack_from(head)[1])


def decode(head: bytes, chunks: Mapping[int, bytes]) -> tuple[PersonState, Chunks]:
    """Read a state back. Raises InvariantBroken when a chunk that the head counts on is missing."""
    found = _head(head)
    state = PersonState(found.key, **{name: getattr(found, name) for name in _SHARED})
    streams = []
    for origin, local, path, given in found.streams:
        stream = state.stream(StreamId(origin, local, path))
        stream.given = {(to, by): count for to, by, count in given}
        streams.append(stream)
    for number in range(found.first, found.chunk + 1 if found.entries else found.chunk):
        if number not in chunks:
            raise InvariantBroken(f"journal chunk {number} is missing")
        entries = _entries(chunks[number])
        for index, fact in entries[:found.entries] if number == found.chunk else entries:
            streams[index].journal.add(fact)
    last = _read_raw(_lifted_chunk(chunks[found.chunk]))[:found.entries] if found.entries else []
    return state, Chunks(found.chunk, (bytes(raw) for raw in last), found.first)


def _head(record: bytes) -> Head:
    version = record[0]
    if version == VERSION:
        return _read_head(memoryview(record)[_PREFIX.size:])
    return msgspec.convert(_lift(HEADS, version, msgspec.msgpack.decode(record[_PREFIX.size:])), Head)


def _entries(chunk: bytes) -> list[tuple[int, Fact]]:
    return _read_entries(_lifted_chunk(chunk))


def _lifted_chunk(chunk: bytes) -> bytes:
    """The entries of a chunk in today's form."""
    if chunk[0] == VERSION:
        return chunk[1:]
    return _encode([_lift(CHUNKS, chunk[0], entry) for entry in msgspec.msgpack.decode(chunk[1:])])


def _lift(lifts: Mapping[int, Lift], version: int, value: Any) -> Any:
    if version > VERSION:
        raise InvariantBroken(f"state of codec version {version} is newer than this program")
    for step in range(version, VERSION):
        if step not in lifts:
            raise InvariantBroken(f"no way from codec version {step} to {step + 1}")
        value = lifts[step](value)
    return value
