"""What the board knows: the newest view of every person, recent versions of it, feeds and quarantine; all
read from topics, kept in memory in front of the store.

In: decoded records in topic order, how far the views are among them. Out: JSON lines by view, filtered. Pure:
no clock, no I/O.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from board.completeness import Completeness
from board.names import Names
from board.news import NOBODY, News
from runtime.closing import is_shown, shown_until
from runtime.masking import Shield, shield_of, shown_texts
from runtime.reader import OPERATOR, Reader

VERSIONS_KEPT = 200
"""Versions of one person kept for as-of questions; older ones are answered by an offline replay."""
VERSIONS_FOR = 7 * 86_400_000_000
"""And for how long (µs) after another came: a store that lives for months must not hold their every word."""


class Line(NamedTuple):
    """One line of the public interface with what it is found by."""

    view: str
    id: str
    partner: str
    visit: str
    site: str
    text: str


class Version(NamedTuple):
    """A person's lines as published once. `received_through`: the greatest received_at (µs) that was in;
    `at`: the offset it was read from.
    """

    received_through: int
    lines: tuple[Line, ...]
    at: int = 0
    until: int | None = None
    """The last moment (µs) at which the transfer is shown; None: while it is open."""


@dataclass(frozen=True)
class Query:
    """Filters of the read API; empty = any."""

    partner: str = ""
    visit: str = ""
    person: str = ""
    site: str = ""
    as_of: int | None = None
    now: int = 0
    after: str = ""
    limit: int = 0
    reader: Reader = OPERATOR
    """As whom: filters find only by what the reader is shown."""


def read_line(text: str) -> Line:
    """Index one JSON line of a view record."""
    return _line(json.loads(text), text)


def _line(row: Mapping[str, Any], text: str) -> Line:
    view = row["view"]
    name = row["spell_id"] if view == "spell" else row.get("person_key") or row.get("alert_id", "")
    site = ((row.get("location") or {}).get("facility") or "") if view == "spell" else ""
    return Line(view, name, row.get("partner") or "", row.get("visit_number") or "", site, text)


@dataclass
class Projection:
    """All the board holds in memory."""

    people: dict[str, list[Version]] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    feeds: dict[str, dict[str, Any]] = field(default_factory=dict)
    quarantine: dict[str, dict[str, Any]] = field(default_factory=dict)
    measures: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """The newest measure of each key of the pressure topic."""
    alerts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Every alert as it stands, by key of its topic: person or place, `/`, alert id."""
    actions: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Every action of the log as it stands, by site, `/`, action id."""
    news: News = field(default_factory=News)
    applied: int = 0
    progress: Completeness = field(default_factory=Completeness)
    complete_to: int | None = None
    """Up to when all of this is whole; None: unknown. Behind `progress`, which speaks of what can be read, by
    what is read and not yet applied.
    """

    def apply(self, kind: str, key: str, record: Mapping[str, Any] | None, at: int = 0) -> None:
        """Take one record, of offset `at`: a view (or its tombstone), a feed event, a quarantine entry."""
        self.applied += 1
        if record is None:
            self.people.pop(key, None)
            self.measures.pop(key, None)
            self.alerts.pop(key, None)
            self.actions.pop(key, None)
            self.names.merged(key, None)
            who = key.partition("/")[0]
            self.news.note(who if ":" in who else NOBODY)
        elif kind == "TransferView":
            self._view(key, record, at)
        elif kind == "MeasureView":
            self.measures[key] = record
            self.news.note()
        elif kind == "AlertView":
            self.alerts[key] = record
            self.news.note(record.get("person_key") or "")
        elif kind == "ActionView":
            self.actions[key] = record
            self.news.note()
        elif kind == "ViewProgress":
            self.progress.apply(record)
        elif kind == "PersonIdentified":
            self.names.apply(record)
            self.news.note(record["person_key"])
        elif kind == "Quarantined":
            self.quarantine.setdefault(record["quarantine_id"], dict(record))
            self.news.note()
        elif kind.startswith("Feed"):
            self._feed(kind, record)

    def replace(self, other: Projection) -> None:
        """Become what `other` is, at once: after a rebuild nobody sees half of it."""
        self.people, self.feeds, self.quarantine = other.people, other.feeds, other.quarantine
        self.measures, self.alerts, self.actions = other.measures, other.alerts, other.actions
        self.names = other.names
        self.news.all_changed()
        self.applied, self.progress, self.complete_to = other.applied, other.progress, other.complete_to

    def _view(self, key: str, record: Mapping[str, Any], at: int) -> None:
        rows = [json.loads(text) for text in record["lines"]]
        join = next((row for row in rows if row["view"] == "transfer"), None)
        until = shown_until(join, [row for row in rows if row["view"] == "spell"]) if join else None
        version = Version(record["received_through"], tuple(map(_line, rows, record["lines"])), at, until)
        self.names.merged(key, record.get("merged_into"))
        self.news.note(key)
        versions = self.people.setdefault(key, [])
        versions.append(version)
        del versions[:-VERSIONS_KEPT]
        old = version.received_through - VERSIONS_FOR
        while len(versions) > 1 and versions[1].received_through < old:
            del versions[0]

    def _feed(self, kind: str, record: Mapping[str, Any]) -> None:
        feed = self.feeds.setdefault(record["partner"], {"heard_at": None, "state": "heard"})
        if record["heard_at"] is not None:
            feed["heard_at"] = max(feed["heard_at"] or 0, record["heard_at"])
        state = "silent" if kind == "FeedSilent" else "heard"
        if state != feed["state"]:
            self.news.note()
        feed["state"] = state

    def lines(self, view: str, query: Query) -> Iterator[str]:
        """The lines of a view, sorted by their id, that a query asks for."""
        found = sorted((line.id, line.text) for line in self._chosen(view, query))
        start = bisect.bisect_right(found, (query.after, "\uffff")) if query.after else 0
        stop = start + query.limit if query.limit else len(found)
        return (text for _, text in found[start:stop])

    def _chosen(self, view: str, query: Query) -> Iterator[Line]:
        people: Iterable[str] = [query.person] if query.person else self.people
        for key in people:
            lines = self._shown(key, query)
            by_spell = view != "spell" and bool(query.partner or query.visit or query.site)
            if by_spell and not any(_matches(line, query) for line in lines if line.view == "spell"):
                continue
            for line in lines:
                wanted = line.view == view and (by_spell or _matches(line, query))
                if wanted and self._still_shown(line, key, query):
                    yield line

    def _shown(self, key: str, query: Query) -> tuple[Line, ...]:
        """A person's lines as the reader may see them. What restricts them now hides what was published
        before, and who has nothing to do with them any more is not shown what they had; a retired key is
        shielded as its survivor is (domain 05 IG-04, IG-05).
        """
        if query.reader == OPERATOR:
            return self._version(key, query.as_of)
        shield = self.shield(key)
        shown: tuple[Line, ...] = ()
        for as_of in dict.fromkeys((None, query.as_of)):
            texts = [line.text for line in self._version(key, as_of)]
            shown = tuple(map(read_line, shown_texts(texts, query.reader, query.now, shield)))
            if not shown:
                return ()
        return shown

    def newest(self, key: str) -> Version | None:
        """What was published last of a person."""
        versions = self.people.get(key)
        return versions[-1] if versions else None

    def shield(self, key: str) -> Shield:
        """What holds of a person now, and of the record that survives them."""
        found, seen = Shield(), {key}
        while True:
            rows = [json.loads(line.text) for line in self._version(key, None) if line.view == "person"]
            found = found.over(shield_of(rows))
            key = next((row["merged_into"] for row in rows if row.get("merged_into")), "")
            if not key or key in seen:
                return found
            seen.add(key)

    def _still_shown(self, line: Line, key: str, query: Query) -> bool:
        """Whether a transfer is open or closed within 30 days of the time asked about."""
        if line.view != "transfer":
            return True
        rows = [json.loads(one.text) for one in self._version(key, query.as_of)]
        spells = [row for row in rows if row["view"] == "spell"]
        join = next(row for row in rows if row["view"] == "transfer")
        return is_shown(join, spells, query.as_of or query.now)

    def _version(self, key: str, as_of: int | None) -> tuple[Line, ...]:
        versions = self.people.get(key, ())
        if as_of is not None:
            versions = [v for v in versions if v.received_through <= as_of]
        return versions[-1].lines if versions else ()


def _matches(line: Line, query: Query) -> bool:
    wanted: tuple[tuple[str, Callable[[Line], str]], ...] = (
        (query.partner, lambda x: x.partner),
        (query.visit, lambda x: x.visit),
        (query.site, lambda x: x.site),
    )
    return all(not value or read(line) == value for value, read in wanted)
