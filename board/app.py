"""The HTTP read API (design.md §9): the JSON lines of the views, quarantine, feeds, health.

In: a projection that somebody keeps up to date. Out: JSON lines, problem+json. Every reply says up to when
it is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from board.alerts import alert_lines, alert_rows
from board.projection import Projection
from board.projection import Query as Filters
from runtime.clock import Clock
from runtime.freshness import compact, feed_rows, staleness, utc, with_freshness
from runtime.masking import shown_beside
from runtime.place import Place
from runtime.reader import OPERATOR, Reader

VIEWS = ("spell", "person", "transfer", "alert", "feed", "measure", "quarantine")
LINES = "application/x-ndjson"
UNKNOWN = "unknown"
"""`Complete-To` while not every partition of the views has said how far it is."""


class Door(Protocol):
    """The side of sign-in and audit that the read API needs."""

    def reader_of(self, request: Request) -> Reader | None:
        """Who asks: signed in, or nobody."""

    def note(self, request: Request, reader: Reader, view: str, lines: Sequence[str]) -> None:
        """Write down what is about to be shown."""

    def refused(self, request: Request, view: str) -> None:
        """Write down that nobody was served."""


@dataclass
class Board:
    """What the API serves from: `ready` says whether the topics were read to their ends; `silence` is minutes
    by partner.
    """

    projection: Projection
    clock: Clock
    silence_minutes: Mapping[str, float]
    ready: Callable[[], bool]
    reader: Reader | None = OPERATOR
    """Whom it serves where nobody is signed in, by configuration; None: nobody."""
    door: Door | None = None
    """Who is signed in, and where it is written down that they read."""
    place: Place | None = None
    """Says behind which silent feed an alert waits."""


def problem(status: int, title: str, detail: str) -> JSONResponse:
    """An RFC 9457 problem."""
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status, "detail": detail},
        status,
        media_type="application/problem+json",
    )


def heard(board: Board) -> dict[str, int]:
    """When each partner was last heard, µs."""
    return {p: f["heard_at"] for p, f in board.projection.feeds.items() if f["heard_at"]}


def feed_lines(board: Board, reader: Reader) -> list[str]:
    """The feed lines, by partner."""
    silent = [p for p, feed in board.projection.feeds.items() if feed["state"] == "silent"]
    now = board.clock.now()
    rows = feed_rows(heard(board), board.silence_minutes, now, silent)
    return [compact(row) for row in rows if shown_beside(row, reader, now)]


def quarantine_lines(board: Board, reader: Reader) -> list[str]:
    """The quarantine lines: no patient text, by (partner, sha256, reason, where)."""
    rows = sorted(
        board.projection.quarantine.values(),
        key=lambda r: (r["partner"], r["sha256"], r["reason"], r["where"]),
    )
    names, now = ("partner", "sha256", "message_id", "reason", "where"), board.clock.now()
    lines = [{"view": "quarantine"} | {name: row[name] for name in names} for row in rows]
    return [compact(line) for line in lines if shown_beside(line, reader, now)]


def measure_lines(board: Board, reader: Reader, site: str = "") -> list[str]:
    """The measure lines, by measure, subject and hour: of all places, or of one site and its parts."""
    now = board.clock.now()
    if not shown_beside({"view": "measure"}, reader, now):
        return []
    rows = sorted(
        board.projection.measures.values(),
        key=lambda row: (row["measure"], row["subject"], row["until_at"] or 0),
    )
    return [row["line"] for row in rows if not site or row["subject"].partition("/")[0] == site]


BESIDE = {"feed": feed_lines, "quarantine": quarantine_lines}
"""Views that no filter is for."""


def _as_of(text: str) -> int | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000_000)


def _reply(
    board: Board,
    request: Request,
    view: str,
    lines: Callable[[Reader], list[str]],
    *,
    whole: bool = True,
) -> Response:
    """Lines as whoever asks may see them, once it is written down that they do."""
    door = board.door
    reader = (door.reader_of(request) if door else None) or board.reader
    if reader is None:
        if door:
            door.refused(request, view)
        return problem(401, "not signed in", "sign in to the board, or see docs/board.md")
    said = lines(reader)
    if door:
        door.note(request, reader, view, said)
    complete = (utc(board.projection.complete_to) if whole else None) or UNKNOWN
    body = "".join(line + "\n" for line in said)
    return PlainTextResponse(body, media_type=LINES, headers={"Complete-To": complete})


def _lines_of(board: Board, view: str, query: Filters) -> Callable[[Reader], list[str]]:
    """What gives the lines of a view to a reader."""
    if view in BESIDE:
        return partial(BESIDE[view], board)
    if view == "measure":
        return partial(measure_lines, board, site=query.site)
    if view == "alert":
        return partial(alert_lines, board.projection, query)
    stale = staleness(heard(board), board.silence_minutes, query.now)

    def found(reader: Reader) -> list[str]:
        lines = board.projection.lines(view, replace(query, reader=reader))
        return [with_freshness(text, stale) for text in lines]

    return found


def make_app(
    board: Board, lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None
) -> FastAPI:
    """The ASGI application."""
    app = FastAPI(title="Homeward read API", version="1", docs_url=None, redoc_url=None, lifespan=lifespan)

    @app.get("/v1/views/{view}")
    async def views(
        request: Request,
        view: str,
        partner: str = "",
        visit: str = "",
        person: str = "",
        site: str = "",
        as_of: str = "",
        after: str = "",
        limit: int = Query(0, ge=0, le=100_000),
    ) -> Response:
        if view not in VIEWS:
            return problem(404, "no such view", f"views are {', '.join(VIEWS)}")
        now = board.clock.now()
        try:
            query = Filters(partner, visit, person, site, _as_of(as_of), now, after, limit)
        except ValueError:
            return problem(422, "not a time", "as_of is an ISO 8601 time, e.g. 2027-01-12T09:00:00Z")
        # The workers of places do not say yet how far they are; each of their lines has its own as_at.
        return _reply(board, request, view, _lines_of(board, view, query), whole=view != "measure")

    @app.get("/v1/alerts")
    async def alerts(request: Request, person: str = "", site: str = "") -> Response:
        query = Filters(person=person, site=site)
        return _reply(board, request, "alert", partial(alert_rows, board.place, board.projection, query))

    @app.get("/v1/quarantine")
    async def quarantine(request: Request) -> Response:
        return _reply(board, request, "quarantine", lambda reader: quarantine_lines(board, reader))

    @app.get("/v1/feeds")
    async def feeds(request: Request) -> Response:
        return _reply(board, request, "feed", lambda reader: feed_lines(board, reader))

    @app.get("/v1/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/v1/health/ready")
    async def ready() -> Response:
        if not board.ready():
            return problem(503, "rebuilding", "the topics are being read; try again in a moment")
        return JSONResponse({"status": "ready", "applied": board.projection.applied})

    return app
