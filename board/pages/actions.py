"""The action log: what was agreed at a call, who does it, until when; done or dropped. Nobody is named."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request, Response

from board.actions import Row, event_of, rows_of
from board.outbox import NotTaken
from board.site import Site
from board.visit import Link, Refused, Visit, visit
from board.wording import OWNERS
from board.words_of_hub import NotSaid
from runtime.errors import Transient
from schemas.actions import CALLS, WHATS

LINK: Final = Link("/actions", "Actions", ("control_centre", "hub", "ward", "council"))


def add(app: FastAPI, site: Site) -> None:
    """`/actions`, narrowed by `call`; its forms log an action or say how one ended."""

    @app.get(LINK.path)
    async def show(request: Request, call: str = "") -> Response:
        here = visit(site, request, LINK)
        here.read("actions", [])
        rows = [row for row in rows_here(here) if not call or row.call == CALLS.get(call)]
        return here.page(
            "actions.html", rows=rows, sites=sites(here), whats=WHATS, calls=CALLS, owners=OWNERS, call=call
        )

    @app.post(LINK.path)
    async def say(request: Request) -> Response:
        here = visit(site, request, LINK)
        fields = await here.form()
        if site.outbox is None:
            raise Refused(503, "This board cannot send what you say: HOMEWARD_SECRET_OWN is not set.")
        try:
            event = event_of(fields, rows_here(here), sites(here), here.reader.name)
            await site.outbox.send(event.kind, event.fields)
        except NotSaid as why:
            site.wrote(here.session, "action", "refused: cannot be said")
            return here.back(LINK.path, f"Not sent. {why}")
        except (Transient, NotTaken):
            site.wrote(here.session, "action", "failed: not taken")
            return here.back(
                LINK.path, "It was not taken: the intake does not answer. Nothing has changed. Try again."
            )
        site.wrote(here.session, f"say {event.kind}", "done")
        return here.back(LINK.path, "Sent. The list follows within seconds.")


def rows_here(here: Visit) -> list[Row]:
    """The log as it stands."""
    return rows_of(here.site.board.projection.actions.values(), here.now)


def sites(here: Visit) -> dict[str, str]:
    """Of which an action can be: the place and its sites."""
    place = here.site.place
    return {place.name: place.title} | {code: one.title or code for code, one in place.sites.items()}
