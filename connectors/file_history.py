"""Full files against each other: which rows are new, changed or gone, in whatever order the files arrive
(design.md §7 "Full files").

In: a `FileSnapshot` and the `History` of those before. Out: `Change`s, each true of the file it names, and
the new `History`. Pure. A file that comes late is held against both neighbours by as_at: what it changes in
the reading of a later file is said again there. The invariant: after any arrivals, the newest change at or
before any time T gives what the newest file at or before T says.
"""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Literal

from connectors.snapshot import FileSnapshot, Row, plain

HERE = "+"
"""Token of a change: the row stands in the file and did not in the one before."""
GONE = "-"
"""Token of a change: the row stood in the file before and not in this one. Unknown since, never discharged
(domain/03 §3.9).
"""


class Absence(Enum):
    """Why a file holds no readable row of a key."""

    GONE = "gone"
    UNREAD = "unread"


State = Row | Absence


@dataclass(frozen=True, slots=True)
class Change:
    """What one file says newly about one row. `tokens` are names of fields given or deleted there, and HERE
    or GONE.
    """

    file: FileSnapshot = field(repr=False)
    row: Row = field(repr=False)
    """The row in `file`; of a row that is gone, its last."""
    tokens: frozenset[str]
    deleted: frozenset[str] = frozenset()
    """Fields empty here that an earlier file gave, whenever that was first said."""

    @property
    def kind(self) -> Literal["new", "changed", "gone"]:
        """The change in one word."""
        return "gone" if GONE in self.tokens else "new" if HERE in self.tokens else "changed"

    @property
    def message_id(self) -> str:
        """(row key, as_at), the key by its stand-in (design.md §3)."""
        return f"{self.row.ref}@{self.file.as_at}"

    def said(self, name: str) -> Any:
        """A field's value in this row as events hold it; None where it is empty."""
        return plain(self.row.values.get(name))

    def body(self, **names: str) -> dict[str, Any]:
        """Event fields by name from row fields: given, or None where this file deleted it, or missing."""
        return {
            ours: self.said(theirs) for ours, theirs in names.items()
            if theirs in self.row.values or theirs in self.deleted
        }

    def touches(self, *names: str) -> bool:
        """Whether any of the fields was newly given, changed or deleted."""
        return not self.tokens.isdisjoint(names)

    def flags(self, *names: str) -> tuple[str, ...]:
        """Doubts about the file and about the times in the named fields."""
        of_times = (getattr(self.row.values.get(name), "flags", ()) for name in names)
        return tuple(sorted({*self.file.flags, *(flag for flags in of_times for flag in flags)}))

    @property
    def content(self) -> bytes:
        """What makes a re-send the same: the row's values, what it deleted, and its as_at (a value that
        comes back later is another fact).
        """
        said = sorted((name, repr(plain(value))) for name, value in self.row.values.items())
        return repr((self.file.as_at, self.kind == "gone", said, sorted(self.deleted))).encode()


@dataclass(frozen=True, slots=True)
class History:
    """The last files of one partner in their order; bounded.

    What was forgotten has one price: a row that went, and comes back after every file that held it was
    forgotten, with a cell emptied meanwhile, says nothing of that cell.
    """

    files: tuple[FileSnapshot, ...] = ()
    limit: int = 48
    forgot: bool = False
    """There were older files: what the oldest kept one already said is not known. True after a restart."""

    def add(self, file: FileSnapshot) -> tuple[History, tuple[Change, ...]]:
        """Take a file wherever its as_at puts it; the same file again changes nothing."""
        at = bisect_left([known.order for known in self.files], file.order)
        if at < len(self.files) and self.files[at].order == file.order:
            return self, ()
        changes = tuple(_changes(self.files[:at], file, self.files[at:], self.forgot))
        files = (*self.files[:at], file, *self.files[at:])
        kept = files[-self.limit:]
        return replace(self, files=kept, forgot=self.forgot or len(kept) < len(files)), changes

    def before(self, file: FileSnapshot) -> FileSnapshot | None:
        """The newest file that is older than `file`."""
        older = [known for known in self.files if known.order < file.order]
        return older[-1] if older else None


def diff(
    previous: FileSnapshot | None, current: FileSnapshot, next_: FileSnapshot | None
) -> tuple[Change, ...]:
    """Changes `current` brings between its two neighbours: at its own as_at, then those to be said again at
    the next one's.
    """
    older = (previous,) if previous else ()
    return tuple(_changes(older, current, (next_,) if next_ else (), forgot=False))


def _changes(
    older: Sequence[FileSnapshot], file: FileSnapshot, later: Sequence[FileSnapshot], forgot: bool
) -> Iterator[Change]:
    for key in sorted(_named(older[::-1]) | _named((file,)) | _named(later)):
        now = _state(file, key)
        if now is not Absence.UNREAD:
            past = _Past(older, key)
            tokens = _tokens(past, now)
            yield from _change(file, now, past, tokens, tokens)
            yield from _said_again(key, now, past, later, forgot and not older)


def _named(files: Sequence[FileSnapshot]) -> set[str]:
    """Keys that files, nearest first, may say something of: those of the nearest, and of the next one where
    that could not name a row it refused.
    """
    keys: set[str] = set()
    for known in files:
        keys |= known.rows.keys() | known.unread
        if known.complete:
            break
    return keys


class _Past:
    """The states of a key before a file, newest first; looked up only as far as somebody asks."""

    def __init__(self, older: Sequence[FileSnapshot], key: str, nearer: Sequence[State] = ()) -> None:
        self._older, self._key, self._nearer = older, key, nearer

    def __iter__(self) -> Iterator[State]:
        yield from self._nearer
        for known in reversed(self._older):
            yield _state(known, self._key)

    def after(self, nearer: Sequence[State]) -> _Past:
        """The same past with newer states before it."""
        return _Past(self._older, self._key, nearer)


def _said_again(
    key: str, news: State, past: _Past, later: Sequence[FileSnapshot], forgot: bool
) -> Iterator[Change]:
    """What later files must say again because of the news before them: up to the next file that holds the
    row.
    """
    between: list[State] = []
    for known in later:
        state = _state(known, key)
        with_news = past.after([*between, news])
        already = _tokens(past.after(between), state)
        tokens = _tokens(with_news, state)
        new = tokens if forgot else tokens - already
        yield from _change(known, state, with_news, new, tokens | already)
        if isinstance(state, Row):
            return
        between.insert(0, state)


def _change(
    file: FileSnapshot, now: State, past: Iterable[State], tokens: frozenset[str], known: frozenset[str]
) -> Iterator[Change]:
    """The change, if there is one.

    `known` are all tokens of the row here: which of its fields were deleted is a matter of all of them, so
    that a fact said again says all it said.
    """
    row = now if isinstance(now, Row) else next((state for state in past if isinstance(state, Row)), None)
    if tokens and row is not None:
        yield Change(file, row, tokens, known.difference(row.values, (HERE, GONE)))


def _state(file: FileSnapshot, key: str) -> State:
    if key in file.rows:
        return file.rows[key]
    return Absence.UNREAD if key in file.unread or not file.complete else Absence.GONE


def _tokens(past: Iterable[State], now: State) -> frozenset[str]:
    """What a state says that the states before it (newest first) did not."""
    returned, last = False, None
    for state in past:
        if isinstance(state, Row):
            last = state
            break
        returned = returned or state is Absence.GONE
    if not isinstance(now, Row):
        return frozenset({GONE}) if now is Absence.GONE and last is not None and not returned else frozenset()
    deleted = frozenset(last.values).difference(now.values) if last else frozenset[str]()
    if last is None or returned:
        return frozenset({HERE, *now.values}) | deleted
    return deleted | {name for name, value in now.values.items() if last.values.get(name) != value}
