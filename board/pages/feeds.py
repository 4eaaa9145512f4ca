"""Feeds: when each partner was last heard, and which of them are silent."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from board.app import feed_lines
from board.site import Site
from board.visit import Link, Visit, visit
from runtime.reader import ROLES

LINK: Final = Link("/feeds", "Feeds", ROLES)
ORDER: Final = {"silent": 0, "unknown": 1, "heard": 2}


def add(app: FastAPI, site: Site) -> None:
    """`/feeds`."""

    @app.get(LINK.path)
    async def feeds(request: Request) -> Response:
        here = visit(site, request, LINK)
        rows = [_row(here, json.loads(line)) for line in feed_lines(site.board, here.reader)]
        shown = sorted((row for row in rows if row), key=lambda row: (ORDER[row["state"]], row["title"]))
        return here.page("feeds.html", rows=shown)


def _row(here: Visit, line: dict[str, Any]) -> dict[str, Any]:
    partner = here.site.place.partners.get(line["partner"])
    if partner is None or partner.sector == "own":
        return {}
    said = {"title": partner.title, "sector": partner.sector, "silence": partner.silence_minutes}
    return line | said
