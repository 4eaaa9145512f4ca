"""Alerts as the read API gives them: the lines of the public interface, and the whole of each for who acts.

In: the projection, filters, who asks. Out: JSON lines. To the operator only: whose alert it is to see, no
rule says yet, and a replay says as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from board.projection import Projection, Query
from runtime.freshness import compact
from runtime.reader import OPERATOR, Reader


def alert_lines(projection: Projection, query: Query, reader: Reader) -> list[str]:
    """The `view:"alert"` lines by id, of all or of one person or site."""
    return [row["line"] for _, row in _chosen(projection, query, reader)]


def alert_rows(projection: Projection, query: Query, reader: Reader) -> list[str]:
    """Who holds an alert, and every field of `AlertView` but the line: who acts, how it stands, whom to ring.
    """
    return [
        compact({"holder": key.rpartition("/")[0], **{n: v for n, v in row.items() if n != "line"}})
        for key, row in _chosen(projection, query, reader)
    ]


def _chosen(projection: Projection, query: Query, reader: Reader) -> list[tuple[str, Mapping[str, Any]]]:
    if reader != OPERATOR:
        return []
    rows = sorted(projection.alerts.items(), key=lambda item: (item[1]["alert_id"], item[1]["line"]))
    found = [
        (key, row) for key, row in rows
        if row["alert_id"] > query.after and (not query.person or row["person_key"] == query.person)
        and (not query.site or row["site"] == query.site)
    ]
    return found[: query.limit or None]
