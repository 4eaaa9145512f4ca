"""The board process: pages and the read API over a projection that its follower keeps up to date.

Reads topics; what people decide goes to the intake, which writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI

from board.access.accounts import Account, load_accounts
from board.access.oidc import Oidc, load_oidc
from board.app import Board, make_app
from board.bulletin import Bulletins
from board.follower import Follower
from board.history import History
from board.outbox import IntakeOutbox
from board.projection import Projection
from board.site import Site
from board.store.store import Store, url_of
from board.web import add_pages
from runtime.audit import Audit
from runtime.errors import Misconfigured
from runtime.own_events import SECRET
from runtime.place import Place, load_place
from runtime.reader import OPERATOR, reader_of
from runtime.reader import Reader as Served
from runtime.settings import LOOPBACK, Settings

DAY_LOOK_SECONDS = 30.0
"""How often it looks whether a day's measures are to be written down."""
SHUTDOWN_SECONDS = 2
"""Open pages hold their streams: they are not waited for."""
log = structlog.get_logger()


async def _keep_days(site: Site, follower: Follower) -> None:
    """Once a day the measures are written down, for trends and charts; where they cannot be, the log says so.
    """
    while True:
        await asyncio.sleep(DAY_LOOK_SECONDS)
        if follower.caught_up:
            try:
                site.history.keep_day(site.board.projection.measures.values(), site.now())
            except OSError as exc:
                log.warning("board.day_not_kept", error=type(exc).__name__)


def _stop_with(task: asyncio.Task[None]) -> None:
    """A follower that died of a bug stops the process: a board that goes on without it would show old as
    fresh.
    """
    if not task.cancelled() and task.exception() is not None:
        log.error("board.follower_died", error=type(task.exception()).__name__)
        os.kill(os.getpid(), signal.SIGTERM)


def served_by(settings: Settings, readers: Sequence[Served]) -> Served | None:
    """As whom the read API serves whoever is not signed in. Raises Misconfigured: off loopback it has to be
    said.
    """
    if (settings.accounts or settings.oidc) and not settings.reader:
        return None
    if not settings.reader and settings.host not in LOOPBACK:
        raise Misconfigured("HOMEWARD_READER: not set, and the board is not on loopback: say who will read")
    return reader_of(readers, settings.reader or OPERATOR.name)


def accounts_of(settings: Settings, readers: Sequence[Served]) -> dict[str, Account]:
    """Who may sign in. Raises Misconfigured: an account of no reader, or passwords over an open wire."""
    if not settings.accounts:
        return {}
    _closed(settings)
    found = load_accounts(Path(settings.accounts))
    for account in found.values():
        if reader_of(readers, account.reader) == OPERATOR:
            raise Misconfigured(f"account {account.name}: the operator signs in to nothing; name a reader")
    return found


def oidc_of(settings: Settings, readers: Sequence[Served]) -> Oidc | None:
    """An organisation's own sign-in. Raises Misconfigured: readers there are none of, or an open wire."""
    found = load_oidc(settings.oidc)
    if found is not None:
        _closed(settings)
        for name in found.provider.readers.values():
            if reader_of(readers, name) == OPERATOR:
                raise Misconfigured("HOMEWARD_OIDC: the operator signs in to nothing; name a reader")
    return found


def _closed(settings: Settings) -> None:
    if settings.host not in LOOPBACK and not settings.behind_tls:
        raise Misconfigured("HOMEWARD_BEHIND_TLS: not set, and the board is not on loopback: nobody signs in")


def site_of(settings: Settings, board: Board, place: Place) -> Site:
    """The pages' side of a board. Raises Misconfigured."""
    secret = os.environ.get(SECRET, "").encode()
    url = settings.intake_url or f"http://127.0.0.1:{settings.intake_port}"
    outbox = IntakeOutbox(url, secret, settings.wall) if secret else None
    audit = Audit(Path(settings.audit) if settings.audit else settings.state / "audit.jsonl")
    audit.open()
    site = Site(board, place, accounts_of(settings, place.readers), audit, outbox, settings.behind_tls)
    site.oidc = oidc_of(settings, place.readers)
    site.history = History(settings.state / "measures")
    site.history.read()
    site.returns = settings.state / "returns"
    site.bulletins = Bulletins(settings.state / "bulletins")
    board.door = site
    return site


def store_of(settings: Settings) -> Store | None:
    """Where the board keeps what it has read. Raises Misconfigured or Transient."""
    url = url_of(settings.board_store, settings.state)
    if url is None:
        return None
    store = Store(url)
    store.open()
    return store


def board_app(settings: Settings) -> FastAPI:
    """The application with its follower started and stopped by its lifespan."""
    place = load_place(settings.place)
    projection = Projection()
    store = store_of(settings)
    follower = Follower(settings, projection, store)
    follower.restore()
    silence = {name: p.silence_minutes for name, p in place.partners.items()}
    served = served_by(settings, place.readers)
    board = Board(projection, settings.wall, silence, lambda: follower.caught_up, served, place=place)
    site = site_of(settings, board, place)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(follower.run()), asyncio.create_task(_keep_days(site, follower))]
        for task in tasks:
            task.add_done_callback(_stop_with)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            if store is not None:
                store.close()

    return add_pages(make_app(board, lifespan), site)


def serve(settings: Settings) -> None:
    """Run until stopped."""
    app = board_app(settings)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.board_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
