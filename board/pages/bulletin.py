"""The bulletin: for everybody what was approved, without sign-in; for the control centre the draft of now."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from board.bulletin import Bulletin, draft
from board.measures import newest
from board.rendering import render
from board.site import Site
from board.visit import Link, visit

LINK: Final = Link("/bulletin/draft", "Bulletin", ("control_centre",))
PUBLIC: Final = "/bulletin"


def add(app: FastAPI, site: Site) -> None:
    """`/bulletin` for everybody; `/bulletin/draft`, approved or withdrawn by its form."""

    @app.get(PUBLIC)
    async def bulletin() -> Response:
        shown = site.bulletins.published()
        place = site.place.title
        return HTMLResponse(render("bulletin.html", shown=shown, place=place, synthetic=site.synthetic))

    @app.get(LINK.path)
    async def show(request: Request) -> Response:
        here = visit(site, request, LINK)
        here.read("bulletin draft", [])
        published = site.bulletins.published()
        return here.page("bulletin_draft.html", draft=_draft(site), published=published, public=PUBLIC)

    @app.post(LINK.path)
    async def decide(request: Request) -> Response:
        here = visit(site, request, LINK)
        fields = await here.form()
        if fields.get("decision") == "withdraw":
            site.wrote(here.session, "bulletin withdrawn", "done")
            site.bulletins.withdraw(here.reader.name, here.now)
            return here.back(LINK.path, "Withdrawn: nobody sees a bulletin now.")
        said = _draft(site)
        if fields.get("decision") != "approve" or fields.get("digest") != said.digest:
            site.wrote(here.session, "bulletin", "refused: not what was looked at")
            return here.back(LINK.path, "Not approved: the numbers have changed since. Look at them again.")
        site.wrote(here.session, "bulletin approved", "done")
        site.bulletins.approve(said, here.reader.name, here.now)
        return here.back(LINK.path, "Approved: everybody sees it now.")


def _draft(site: Site) -> Bulletin:
    found = newest(site.board.projection.measures.values())
    return draft(found, list(site.place.sites), site.place.title)
