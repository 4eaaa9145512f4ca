"""Alerts of a desk: what fell due, whom to ring, and a word on each: in hand, told, put off, over."""

from __future__ import annotations

from functools import partial
from typing import Final

from fastapi import FastAPI, Request, Response

from board.desk_alerts import Row, counts, event_of, rows_of
from board.outbox import NotTaken
from board.site import Site
from board.visit import Link, Refused, Visit, visit
from board.words_of_hub import NotSaid
from runtime.errors import Transient
from runtime.grouping import as_read

LINK: Final = Link(
    "/alerts", "Alerts",
    ("hub", "ward", "council", "provider", "hospice", "voluntary", "control_centre", "integrator"),
)  # fmt: skip


def add(app: FastAPI, site: Site) -> None:
    """`/alerts`, narrowed by `state`; the form says one word of one alert."""

    @app.get(LINK.path)
    async def show(request: Request, state: str = "") -> Response:
        here = visit(site, request, LINK)
        rows = _rows(here)
        chosen = [row for row in rows if not state or row.state == state]
        here.read("alerts", sorted({row.key for row in chosen if row.key}))
        return here.page(
            "alerts.html", rows=chosen, counts=counts(rows), state=state, may_say=site.outbox is not None
        )

    @app.post(LINK.path)
    async def say(request: Request) -> Response:
        here = visit(site, request, LINK)
        fields = await here.form()
        row = next((row for row in _rows(here) if row.id == fields.get("alert", "")), None)
        if row is None:
            site.wrote(here.session, "alert", "refused: no such alert of theirs")
            raise Refused(404, "No such alert is on your desk.")
        return await _say(here, row, fields)


async def _say(here: Visit, row: Row, fields: dict[str, str]) -> Response:
    people = [row.key] if row.key else []
    if here.site.outbox is None:
        raise Refused(503, "This board cannot send what you say: HOMEWARD_SECRET_OWN is not set.")
    try:
        person = here.site.people.one(row.key, reader=here.reader, now=here.now) if row.key else None
        event = event_of(row, fields, here.reader.name, here.now, person)
        await here.site.outbox.send(event.kind, event.fields)
    except NotSaid as why:
        here.site.wrote(here.session, "alert", "refused: cannot be said", people)
        return here.back(LINK.path, f"Not sent. {why}")
    except (Transient, NotTaken):
        here.site.wrote(here.session, "alert", "failed: not taken", people)
        return here.back(
            LINK.path, "It was not taken: the intake does not answer. Nothing has changed. Try again."
        )
    here.site.wrote(here.session, f"alert {fields['verb']}", "done", people)
    return here.back(LINK.path, "Sent. The list follows within seconds.")


def _rows(here: Visit) -> list[Row]:
    shown = partial(here.site.people.one, reader=here.reader, now=here.now)
    read = as_read(here.site.board.projection.alerts, here.site.place)
    return rows_of(read, shown, here.reader.role)
