"""What keeps an open page live: a stream that says *something of yours has changed*, and nothing of anybody.

In: the projection's changes, a session. Out: server-sent events. The first one makes the page fetch itself
whole unless it has what it names already (`known`, `Last-Event-ID`); the page is fetched like any other, so
the same rules and the same audit hold. A council hears nothing of another's people, not even that there was
news.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from board.access.sessions import Session
from board.site import Site
from board.visit import NotSignedIn

PATH: Final = "/live"
LOOK_SECONDS: Final = 0.25
BEAT_SECONDS: Final = 15.0
"""A line now and then, so that proxies and browsers see that the stream lives."""
RETRY_MS: Final = 2000


def add_live(app: FastAPI, site: Site) -> None:
    """`/live`."""
    @app.get(PATH)
    async def live(request: Request) -> StreamingResponse:
        session = site.session(request, use=False)
        if session is None:
            raise NotSignedIn
        known = request.headers.get("last-event-id", "") or request.query_params.get("known", "")
        stream = follow(site, session, request.cookies.get(site.cookie, ""), known)
        return StreamingResponse(stream, media_type="text/event-stream")


async def follow(site: Site, session: Session, token: str, known: str) -> AsyncIterator[str]:
    """The events of one page until its session ends."""
    news = site.board.projection.news
    seen = news.to
    yield f"retry: {RETRY_MS}\n\n"
    if known != site.news_id():
        yield _event("changed", site.news_id())
    quiet = 0.0
    while site.sessions.find(token, site.monotonic(), use=False) is session:
        await asyncio.sleep(LOOK_SECONDS)
        quiet += LOOK_SECONDS
        if news.to != seen:
            keys, seen = news.since(seen), news.to
            if keys is None or any(concerns(site, session, key) for key in keys):
                quiet = 0.0
                yield _event("changed", site.news_id())
        elif quiet >= BEAT_SECONDS:
            quiet = 0.0
            yield ": beat\n\n"
    yield _event("signed-out", site.news_id())


def concerns(site: Site, session: Session, key: str) -> bool:
    """Whether a change is the reader's to hear of. A key of nobody is everybody's: a feed, a refusal, a
    figure. Who was shown somebody hears that they no longer are.
    """
    if not key:
        return True
    return key in session.seen or site.people.one(key, session.reader, site.now()) is not None


def _event(name: str, number: str) -> str:
    return f"event: {name}\nid: {number}\ndata: \n\n"
