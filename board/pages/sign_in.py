"""Signing in and out: local accounts, a rate limit, one answer for every wrong try."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from board.access.accounts import hash_password, is_password
from board.access.sessions import Session
from board.rendering import render
from board.site import Site
from board.visit import Link, NotSignedIn, Refused, read_form, same_origin
from runtime.audit import Act
from runtime.reader import reader_of

LINK: Final = Link("/sign-in", "", ())
FORM_COOKIE: Final = "homeward_form"
WRONG: Final = "The name or the password is not right."
_AT_ONCE: Final = asyncio.Semaphore(2)
"""A hash takes 32 MiB and a third of a second, on purpose."""


def add(app: FastAPI, site: Site) -> None:
    """`/`, `/sign-in`, `/sign-out`."""

    @app.get("/")
    async def start(request: Request) -> Response:
        session = site.session(request)
        return RedirectResponse(first_page(session) if session else "/sign-in", 303)

    @app.get(LINK.path)
    async def show(request: Request) -> Response:
        return _form(site, request.query_params.get("next", ""))

    @app.post(LINK.path)
    async def sign_in(request: Request) -> Response:
        fields = await read_form(request)
        token = request.cookies.get(FORM_COOKIE, "")
        if not same_origin(request) or not token or not secrets.compare_digest(token, fields.get("form", "")):
            return _form(site, fields.get("next", ""), "Please try again: the page was too old.", 403)
        name = fields.get("name", "")[:100]
        keys = (f"account {name.casefold()}", f"address {request.client.host if request.client else ''}")
        wait = site.attempts.wait_seconds(keys, site.monotonic())
        if wait:
            note(site, name, "refused: too many tries")
            said = f"Too many tries. Wait {wait // 60 + 1} minutes."
            return _form(site, fields.get("next", ""), said, 429, {"Retry-After": str(wait)})
        account = site.accounts.get(name)
        async with _AT_ONCE:
            hashed = account.hashed if account else _nobody()
            right = await asyncio.to_thread(is_password, fields.get("password", ""), hashed)
        if account is None or not right:
            site.attempts.failed(keys, site.monotonic())
            note(site, name if account else "(unknown)", "refused: name or password")
            return _form(site, fields.get("next", ""), WRONG, 403)
        site.attempts.succeeded(keys[:1])
        token, session = site.sessions.begin(
            account, reader_of(site.place.readers, account.reader), site.monotonic()
        )
        site.wrote(session, "sign-in", "done")
        reply = RedirectResponse(local(fields.get("next", "")) or first_page(session), 303)
        reply.set_cookie(site.cookie, token, httponly=True, samesite="strict", secure=site.secure, path="/")
        reply.delete_cookie(FORM_COOKIE, path="/sign-in")
        return reply

    @app.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        session = site.session(request)
        if session is None:
            raise NotSignedIn
        fields = await read_form(request)
        if not same_origin(request) or not session.is_own(fields.get("form", "")):
            raise Refused(403, "This form is not from a page of your session.")
        site.wrote(session, "sign-out", "done")
        site.sessions.end(request.cookies.get(site.cookie, ""))
        reply = RedirectResponse("/sign-in", 303)
        reply.delete_cookie(site.cookie, path="/")
        return reply


def _form(
    site: Site, after: str, wrong: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    token = secrets.token_urlsafe(24)
    oidc = site.oidc.provider.title if site.oidc else ""
    shown = render(
        "sign_in.html", form=token, next=local(after), wrong=wrong, place=site.place.title,
        synthetic=site.synthetic, accounts=bool(site.accounts), oidc=oidc,
    )  # fmt: skip
    reply = HTMLResponse(shown, status, headers)
    reply.set_cookie(
        FORM_COOKIE, token, httponly=True, samesite="strict", secure=site.secure, path="/sign-in"
    )
    return reply


@cache
def _nobody() -> str:
    """A hash for accounts there are none of: a wrong name takes as long as a wrong password."""
    return hash_password(secrets.token_hex(16))


def local(path: str) -> str:
    """A path of this board, or nothing: nobody is sent elsewhere after signing in."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\", "/sign")) and "\\" not in path
    return path if fine and path.isprintable() else ""


def first_page(session: Session) -> str:
    """Where somebody of that role begins."""
    return {
        "viewer": "/wall", "control_centre": "/wall", "integrator": "/quarantine", "auditor": "/audit",
    }.get(session.reader.role, "/worklist")  # fmt: skip


def note(site: Site, name: str, outcome: str) -> None:
    """Write down what became of somebody who is not signed in yet."""
    site.audit.write(Act(name, "", "", "", "sign-in", outcome), site.now())
