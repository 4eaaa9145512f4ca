"""The pages mounted beside the read API: static files, headers of every reply, and what errors look like.

In: the application and the site. Out: the same application with pages. Strict content security policy: all
scripts and styles are our own files.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from board.live import add_live
from board.pages import PAGES
from board.rendering import STATIC, render
from board.site import Site
from board.visit import LINKS, NotSignedIn, Refused

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
COMPRESSION: Final = 4
"""A list of 500 rows is 15.0 KB; at 9 it would be 13.8 and take several times as long."""
HEADERS: Final = {
    "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}  # fmt: skip


def add_pages(app: FastAPI, site: Site) -> FastAPI:
    """Mount every page."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    LINKS[:] = [link for page in PAGES if (link := page.LINK).title]
    for page in PAGES:
        page.add(app, site)
    add_live(app, site)

    @app.exception_handler(NotSignedIn)
    async def sign_in(request: Request, _: Exception) -> Response:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(asked, safe='')}", 303)

    @app.exception_handler(Refused)
    async def refused(request: Request, why: Exception) -> Response:
        assert isinstance(why, Refused)
        shown = render("refused.html", why=why.why, status=why.status, place=site.place.title,
                       synthetic=site.synthetic)  # fmt: skip
        return HTMLResponse(shown, why.status)

    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=COMPRESSION)
    app.add_middleware(Headers, secure=site.secure)
    return app


class Headers:
    """What every reply says to a browser; a stream passes as it comes."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        more = {"Strict-Transport-Security": "max-age=31536000"} if secure else {}
        self._always = [(name.lower().encode(), value.encode()) for name, value in (HEADERS | more).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        own = scope.get("path", "").startswith("/static/")
        kept = (b"cache-control", b"public, max-age=3600" if own else b"no-store")

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._always, kept]
            await send(message)

        await self._app(scope, receive, say)
