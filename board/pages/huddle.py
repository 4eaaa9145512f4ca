"""The huddle's snapshot, frozen as at a moment with what changed since the one before; the downtime list.

The same moment gives the same page, to be printed and read from. Both name people: who was on them is
written down.
"""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Query, Request, Response

from board.as_known import people_at
from board.huddle import KEPT_US, changes, last_calls
from board.pages.worklist import LINK as WORKLIST
from board.rows import Chosen, Row, worklist
from board.site import Site
from board.visit import Link, Refused, Visit, visit
from board.wording import micros_of
from runtime.freshness import utc

LINK: Final = Link("/huddle", "Huddle", ("hub", "ward", "council"))
DOWNTIME: Final = Link("/downtime", "Downtime list", WORKLIST.roles)


def add(app: FastAPI, site: Site) -> None:
    """`/huddle`: `at` and `before` are UTC times, by default the last two bed meetings; `/downtime`."""

    @app.get(LINK.path)
    async def huddle(
        request: Request, at: str = Query("", max_length=30), before: str = Query("", max_length=30)
    ) -> Response:
        here = visit(site, request, LINK)
        calls = last_calls(here.now)
        now, then = _moment(here, at, calls[0]), _moment(here, before, calls[1])
        rows, old = _rows(here, now), _rows(here, then)
        here.read("huddle", [row.key for row in rows])
        return here.page(
            "huddle.html", rows=rows, changes=changes(old, rows), at=now, at_text=utc(now),
            before_text=utc(then), missing=_missing(here, rows, now), whole=_whole(here, now),
            calls=[utc(one) for one in last_calls(here.now, 6)],
        )  # fmt: skip

    @app.get(DOWNTIME.path)
    async def downtime(request: Request) -> Response:
        here = visit(site, request, DOWNTIME)
        rows = worklist(here.people(), here.stale(), Chosen("hospital"))
        rows = sorted(rows, key=lambda row: (row.site, row.ward, row.bed, row.name, row.key))
        here.read("downtime list", [row.key for row in rows])
        phones = [(one.title or one.name, one.phone) for one in site.place.recipients if one.phone]
        return here.page("downtime.html", rows=rows, phones=phones)


def _moment(here: Visit, text: str, default: int) -> int:
    """A moment asked for. Raises Refused: not a time, not over yet, or older than is kept."""
    try:
        at = micros_of(text) if text else default
    except ValueError:
        at = None
    if at is None or not here.now - KEPT_US <= at <= here.now:
        raise Refused(400, "Say a moment of the last seven days: older ones are kept by an offline replay.")
    return at


def _rows(here: Visit, at: int) -> list[Row]:
    """The list of that moment. Nothing is stale in it: what was known then is what was known then."""
    people = people_at(here.site.board.projection, here.reader, at)
    return worklist(people, lambda _: False, Chosen("hospital"))


def _missing(here: Visit, rows: list[Row], at: int) -> int:
    """People who were in hospital then and are not in the picture."""
    shown, text = {row.key for row in rows}, utc(at) or ""
    return sum(
        one.spell.get("status") == "admitted" and (one.spell.get("admitted_at") or "9") <= text
        for one in here.people()
        if one.key not in shown
    )


def _whole(here: Visit, at: int) -> bool:
    complete = here.site.board.projection.complete_to
    return complete is not None and complete >= at
