"""Signing in with an organisation's own provider, and coming back from it."""

from __future__ import annotations

import json
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from board.access.accounts import Account
from board.access.oidc import NotLetIn
from board.pages.sign_in import first_page, local, note
from board.rendering import render
from board.site import Site
from board.visit import Link
from runtime.reader import reader_of

LINK: Final = Link("/sign-in/oidc", "", ())
BINDING_COOKIE: Final = "homeward_oidc"
NAME_MOST: Final = 100


def add(app: FastAPI, site: Site) -> None:
    """`/sign-in/oidc`, `/sign-in/oidc/back`."""
    if site.oidc is None:
        return
    oidc = site.oidc

    @app.get(LINK.path)
    async def go(request: Request) -> Response:
        try:
            url, binding = await oidc.begin(local(request.query_params.get("next", "")), site.monotonic())
        except NotLetIn as why:
            return _refused(site, why)
        reply = RedirectResponse(url, 303)
        # Lax: it has to come along when the provider sends the browser back.
        reply.set_cookie(
            BINDING_COOKIE, binding, httponly=True, samesite="lax", secure=site.secure, path=LINK.path
        )
        return reply

    @app.get(f"{LINK.path}/back")
    async def back(request: Request) -> Response:
        keys = (f"address {request.client.host if request.client else ''}",)
        if site.attempts.wait_seconds(keys, site.monotonic()):
            return _refused(site, NotLetIn("too many tries: wait some minutes"))
        try:
            binding = request.cookies.get(BINDING_COOKIE, "")
            name, reader, after = await oidc.back(dict(request.query_params), binding, site.monotonic())
        except NotLetIn as why:
            site.attempts.failed(keys, site.monotonic())
            return _refused(site, why)
        account = Account(_plain(name), reader, "")
        token, session = site.sessions.begin(account, reader_of(site.place.readers, reader), site.monotonic())
        site.wrote(session, "sign-in", "done")
        # A redirect would still be the provider's navigation, which a strict cookie does not go along with.
        reply = HTMLResponse(
            render("signed_in.html", to=after or first_page(session), place=site.place.title)
        )
        reply.set_cookie(site.cookie, token, httponly=True, samesite="strict", secure=site.secure, path="/")
        reply.delete_cookie(BINDING_COOKIE, path=LINK.path)
        return reply


def _refused(site: Site, why: NotLetIn) -> Response:
    note(site, "(oidc)", f"refused: {why}")
    shown = render("refused.html", why=f"You are not signed in: {why}.", status=403, place=site.place.title)
    return HTMLResponse(shown, 403)


def _plain(name: str) -> str:
    """As the audit names them: printable, of bounded length."""
    return json.dumps(name, ensure_ascii=True)[1:-1][:NAME_MOST]
