"""Alerts as the read API gives them: the lines of the public interface, and the whole of each for who acts.

In: the projection, filters, who asks. Out: JSON lines. To the operator only: whose alert it is to see, no
rule says yet, and a replay says as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from board.projection import Projection, Query
from runtime.freshness import compact
from runtime.grouping import as_read
from runtime.place import Place
from runtime.reader import OPERATOR, Reader


def alert_lines(projection: Projection, query: Query, reader: Reader) -> list[str]:
    """The `view:"alert"` lines by id, of all or of one person or site."""
    return [row["line"] for _, row in _chosen(projection, query, reader)]


def alert_rows(place: Place | None, projection: Projection, query: Query, reader: Reader) -> list[str]:
    """Who holds an alert, and every field of `AlertView` but the line: who acts, how it stands, whom to ring;
    and which silent feed it stands under, or how many stand under it.
    """
    chosen = _chosen(projection, query, reader)
    read = as_read(projection.alerts, place) if place is not None and chosen else {}
    return [
        compact({
            "holder": key.rpartition("/")[0],
            **{n: v for n, v in read.get(key, row).items() if n != "line"},
        })
        for key, row in chosen
    ]  # fmt: skip


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
