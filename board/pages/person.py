"""One person's transfer: who they are, why they wait, what was promised, who was told, and who said so."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request, Response

from board import story
from board.reasons import OFTEN
from board.rows import row_of
from board.site import Site
from board.visit import Link, visit
from board.words_of_hub import fields_of, soon

LINK: Final = Link("/person", "", ("hub", "ward", "council", "provider", "hospice", "voluntary", "auditor"))


def add(app: FastAPI, site: Site) -> None:
    """`/person/<key>`: the key is a pseudonym."""

    sectors = {name: partner.sector for name, partner in site.place.partners.items()}

    @app.get(LINK.path + "/{key}")
    async def person(request: Request, key: str) -> Response:
        here = visit(site, request, LINK)
        shown = here.person(key[:40], "person")
        titles = {one.name: (one.title or one.name, one.phone) for one in site.place.recipients}
        stale, waits = here.stale(), story.waits(shown, here.now)
        return here.page(
            "person.html", shown=shown, row=row_of(shown, stale), spell=shown.spell, transfer=shown.transfer,
            who=shown.identity, waits=waits, waited=sum(one.minutes or 0 for one in waits),
            timeline=story.timeline(shown, here.now, titles), words=story.words(shown, titles),
            promises=list(story.promises(shown)), note=_note(shown.person, shown.transfer, shown.spell),
            sources=[one | {"stale": stale(one["source"])} for one in shown.transfer.get("freshness") or ()],
            titles={name: partner.title for name, partner in site.place.partners.items()},
            says=fields_of(shown, sectors) if here.reader.role == "hub" and site.outbox else [],
            recipients=titles, soon=soon(here.now), often=OFTEN,
        )  # fmt: skip


def _note(*rows: dict[str, object]) -> str:
    """The short note of a restricted person."""
    return next((str(row["note"]) for row in rows if row.get("note")), "")
