"""What the hub's desk says of a person, from the person's page: one form a field, sent as a signed event."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request, Response

from board.outbox import NotTaken
from board.site import Site
from board.visit import Link, Refused, visit
from board.words_of_hub import NotSaid, event_of
from runtime.errors import Transient

LINK: Final = Link("/person", "", ("hub",))


def add(app: FastAPI, site: Site) -> None:
    """`/person/<key>/say`."""
    sectors = {name: partner.sector for name, partner in site.place.partners.items()}

    @app.post(LINK.path + "/{key}/say")
    async def say(request: Request, key: str) -> Response:
        here = visit(site, request, LINK)
        fields = await here.form()
        shown, back = here.person(key[:40], "person"), f"{LINK.path}/{key[:40]}"
        if site.outbox is None:
            raise Refused(503, "This board cannot send what you say: HOMEWARD_SECRET_OWN is not set.")
        try:
            event = event_of(shown, fields, here.reader.name, sectors)
        except NotSaid as why:
            site.wrote(here.session, "say", "refused: cannot be said", [shown.key])
            return here.back(back, f"Not sent. {why}")
        try:
            await site.outbox.send(event.kind, event.fields)
        except (Transient, NotTaken):
            site.wrote(here.session, f"say {event.kind}", "failed: not taken", [shown.key])
            return here.back(
                back, "It was not taken: the intake does not answer. Nothing has changed. Try again."
            )
        site.wrote(here.session, f"say {event.kind}", "done", [shown.key])
        return here.back(back, "Sent. The page follows within seconds.")
