"""The system wall: how many wait, for whom, and how sure that is. Numbers of the place; nobody is named.

A tile whose source is silent keeps its number, greyed, with the time it is from; where nobody ever spoke it
reads unknown. Viewers see no number below five.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from fastapi import FastAPI, Request, Response

from board.actions import rows_of
from board.pages.actions import LINK as ACTIONS
from board.rows import Chosen, Row, worklist
from board.site import Site
from board.small import FEW, few
from board.visit import Link, Visit, visit
from board.wording import UNKNOWN, duration, minutes_since, owner
from runtime.freshness import utc
from runtime.reader import OPERATOR

LINK: Final = Link("/wall", "Wall", ("hub", "ward", "council", "control_centre", "viewer", "integrator"))
OWNERS: Final = ("hospital", "hub", "council", "community", "voluntary", "family")
SOURCE_OF: Final = {"council": "council", "voluntary": "voluntary"}
"""Owner -> the sector whose feed says what they do; the rest stand on hospital and hub."""


class Tile(NamedTuple):
    """One number."""

    title: str
    value: str
    beside: str = ""
    stale_since: str | None = None
    """The newest word of the most silent of its sources; it is greyed."""
    unheard: bool = False
    link: str = ""


def add(app: FastAPI, site: Site) -> None:
    """`/wall`."""

    @app.get(LINK.path)
    async def wall(request: Request) -> Response:
        here = visit(site, request, LINK)
        rows = worklist(site.people.open(OPERATOR, here.now), here.stale(), Chosen("all"))
        here.read("wall", [])
        return here.page("wall.html", tiles=list(_tiles(here, rows)))


def _tiles(here: Visit, rows: list[Row]) -> Iterable[Tile]:
    states = Counter(row.state for row in rows)
    ready = [row for row in rows if row.state == "ready"]
    inside = states["ready"] + states["in hospital"] + states["frozen"]
    yield _tile(here, "Ready to leave", len(ready), ("hospital", "hub"), f"of {inside} in hospital")
    waiting = Counter(row.owner for row in ready)
    for name in OWNERS:
        sectors = ("hospital", "hub", *([SOURCE_OF[name]] if name in SOURCE_OF else []))
        yield _tile(here, f"Waiting for {owner(name).lower()}", waiting[name], sectors)
    rest = sum(count for name, count in waiting.items() if name not in OWNERS)
    yield _tile(here, "Waiting for others or nobody named", rest, ("hospital", "hub"))
    oldest = max((minutes_since(row.since, here.now) or 0 for row in ready), default=None)
    yield Tile("Longest ready", duration(oldest) if ready else "nobody")
    told = sum(any(badge.text.startswith("told") for badge in row.badges) for row in rows)
    yield _tile(
        here, "Told, no longer true", told, ("hospital",), "people of whom somebody believes it still"
    )
    yield _actions(here)
    yield _tile(here, "Frozen", states["frozen"], (), "people whose view stands still")
    feeds = [name for name, one in here.site.place.partners.items() if one.sector != "own"]
    late = sum(map(here.stale(), feeds))
    yield Tile("Feeds heard", f"{len(feeds) - late} of {len(feeds)}", link="/feeds")


def _actions(here: Visit) -> Tile:
    if not here.site.board.ready():
        return Tile("Actions open", UNKNOWN, unheard=True)
    states = Counter(row.state for row in rows_of(here.site.board.projection.actions.values(), here.now))
    link = "/actions" if here.reader.role in ACTIONS.roles else ""
    return Tile("Actions open", str(states["open"] + states["late"]), f"{states['late']} late", link=link)


def _tile(here: Visit, title: str, count: int, sectors: tuple[str, ...], beside: str = "") -> Tile:
    """A number and the age of what it stands on: a sector is as fresh as its freshest feed."""
    heard = [_heard(here, sector) for sector in sectors]
    if not here.site.board.ready() or any(at is None for at, _ in heard):
        return Tile(title, UNKNOWN, beside, unheard=True)
    value = FEW if here.reader.role == "viewer" and few(count) else str(count)
    stale = [at for at, late in heard if late and at is not None]
    return Tile(title, value, beside, utc(min(stale)) if stale else None)


def _heard(here: Visit, sector: str) -> tuple[int | None, bool]:
    """When a sector was last heard, and whether all of its feeds are silent."""
    partners, stale = here.site.place.partners, here.stale()
    feeds = here.site.board.projection.feeds
    said = {
        name: feeds[name]["heard_at"]
        for name in feeds
        if name in partners and partners[name].sector == sector
    }
    times = [at for at in said.values() if at]
    return max(times, default=None), all(stale(name) for name in said)
