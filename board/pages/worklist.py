"""The worklist of a desk, whichever: the oldest clock first, filters in the URL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, FastAPI, Query, Request, Response

from board.rows import STATES, Chosen, Row, worklist
from board.site import Site
from board.visit import Link, visit
from board.wording import owner as owner_in_words

LINK: Final = Link("/worklist", "Worklist", ("hub", "ward", "council", "provider", "hospice", "voluntary"))
PAGE_ROWS: Final = 500
START: Final = {"hub": "ready", "council": "ready", "ward": "hospital"}
"""What a desk sees first; others see all that is theirs."""


Text = Annotated[str, Query(max_length=40)]


class Filters(NamedTuple):
    """The filters in the URL, of the page and of the file."""

    show: str
    ward: str
    owner: str
    pathway: str
    at: str

    def chosen(self, role: str) -> Chosen:
        """What is asked for; what a desk sees first where nothing that can be shown is."""
        return Chosen(self.show if self.show in STATES else START.get(role, "all"), *self[1:])


def filters(show: str = "", ward: Text = "", owner: Text = "", pathway: Text = "", at: Text = "") -> Filters:
    """Read them."""
    return Filters(show, ward, owner, pathway, at)


def add(app: FastAPI, site: Site) -> None:
    """`/worklist`."""

    @app.get(LINK.path)
    async def show(
        request: Request, asked: Annotated[Filters, Depends(filters)], page: int = Query(1, ge=1, le=1000)
    ) -> Response:
        here = visit(site, request, LINK)
        if (kept := here.kept("worklist")) is not None:
            return kept
        chosen = asked.chosen(here.reader.role)
        people, stale = here.open_people(), here.stale()
        everybody = worklist(people, stale, Chosen("all"))
        rows = [row for row in everybody if chosen.takes(row)]
        shown = rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
        keys = [row.key for row in shown]
        here.read("worklist", keys)
        return here.keep(
            "worklist.html", keys, rows=shown, total=len(rows),
            counts=Counter(row.state for row in everybody),
            page=page, pages=max(1, -(-len(rows) // PAGE_ROWS)), chosen=chosen, states=STATES,
            export=request.url.query, choices=_choices(everybody),
            stale_sources=sorted({s for row in shown for s in row.stale}),
            titles={name: partner.title for name, partner in site.place.partners.items()},
        )  # fmt: skip


def _choices(rows: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: what there is."""
    names = ("ward", "owner", "pathway")
    found = {name: sorted({getattr(row, name) for row in rows} - {""}) for name in names}
    return {
        name: [(one, owner_in_words(one) if name == "owner" else one) for one in found[name]]
        for name in names
    }
