"""A worklist as a file: the rows of the page under the same filters, as comma-separated values (RFC 4180).

What leaves the board this way is out of its hands, so the audit names everybody in it every time. Each row
says what it is as at. A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Annotated, Final

from fastapi import Depends, FastAPI, Request, Response

from board.pages.worklist import LINK as WORKLIST
from board.pages.worklist import Filters, filters
from board.rows import Row, worklist
from board.site import Site
from board.visit import Link, visit
from runtime.freshness import utc

LINK: Final = Link(f"{WORKLIST.path}.csv", "", WORKLIST.roles)
COLUMNS: Final = (
    "as_at", "complete_to", "person_key", "name", "birth_date", "nhs_number", "site", "ward", "bed", "state",
    "since", "pathway", "waiting_for", "next_step", "due", "promised", "marks", "silent_sources",
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
UNKNOWN: Final = "unknown"


def add(app: FastAPI, site: Site) -> None:
    """`/worklist.csv`."""

    @app.get(LINK.path)
    async def export(request: Request, asked: Annotated[Filters, Depends(filters)]) -> Response:
        here = visit(site, request, LINK)
        rows = worklist(here.open_people(), here.stale(), asked.chosen(here.reader.role))
        site.wrote(here.session, "worklist export", "shown", [row.key for row in rows])
        complete = utc(site.board.projection.complete_to) or UNKNOWN
        text = written(rows, utc(here.now) or UNKNOWN, complete)
        headers = {"Content-Disposition": 'attachment; filename="worklist.csv"', "Complete-To": complete}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def written(rows: Sequence[Row], as_at: str, complete_to: str) -> str:
    """The file."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (
            as_at, complete_to, row.key, row.name, row.birth_date, row.nhs_number, row.site, row.ward,
            row.bed, row.state, row.since or UNKNOWN, row.pathway, row.owner, row.step, row.due or "",
            row.promise, "; ".join(badge.text for badge in row.badges), " ".join(row.stale),
        )  # fmt: skip
        writer.writerow([_plain(cell) for cell in cells])
    return out.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
