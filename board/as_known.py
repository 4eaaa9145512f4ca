"""People as they were known at a moment, for one reader: the frozen picture of a huddle.

In: the projection's versions, a reader, a moment. Out: `Shown` people. Restrictions of today hide yesterday
too, and names are today's: neither is ever shown again because a page is of the past (domain 05 IG-05).
"""

from __future__ import annotations

import json
from typing import Any

from board.people import Shown
from board.projection import Projection, Query
from runtime.naming import named
from runtime.reader import Reader

Row = dict[str, Any]


def people_at(projection: Projection, reader: Reader, at: int) -> list[Shown]:
    """Everybody the reader would have been shown then and may be shown still."""
    query = Query(as_of=at, now=at, reader=reader)
    by_view: dict[str, dict[str, list[Row]]] = {}
    for view in ("person", "spell", "transfer"):
        for text in projection.lines(view, query):
            row: Row = json.loads(text)
            by_view.setdefault(row.get("person_key", ""), {}).setdefault(view, []).append(row)
    return [_shown(projection, reader, at, key, rows) for key, rows in sorted(by_view.items())
            if not any(row.get("merged_into") for row in rows.get("person", ()))]  # fmt: skip


def _shown(projection: Projection, reader: Reader, at: int, key: str, rows: dict[str, list[Row]]) -> Shown:
    version = projection.newest(key)
    now = [json.loads(line.text) for line in version.lines] if version else []
    identity = named(projection.names.of(key), now, reader, at, projection.shield(key))
    person, transfer = (next(iter(rows.get(view, ())), {}) for view in ("person", "transfer"))
    spells = tuple(rows.get("spell", ()))
    return Shown(key, person, spells, transfer, identity, bool(transfer) or bool(spells))
