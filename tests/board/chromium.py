"""Debian's Chromium by Playwright, on a board that runs in a thread; where there is none, the reason."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from tests.board.ward import PASSWORD, Site, app_of

BROWSER = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
]
SIZES = {"desk": (1366, 900), "wall": (1920, 1080), "phone": (390, 844)}
PATIENCE_MS = 60_000
ROOT = Path(__file__).resolve().parents[2]
SHOTS = Path(os.environ.get("HOMEWARD_SCREENSHOTS", ROOT / "build" / "screenshots"))
"""Where screenshots are kept to be looked at: no part of the repository."""


def missing() -> str:
    """Why no browser test can run here; empty: they can."""
    return "" if BROWSER.exists() or shutil.which("chromium") else "no Chromium: apt-get install chromium"


@contextmanager
def served(site: Site) -> Iterator[str]:
    """The board's address, while it runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app_of(site), log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(BROWSER), args=ARGUMENTS)
        try:
            yield launched
        finally:
            launched.close()


def signed_in(
    chromium: Any, url: str, name: str, size: str = "desk", password: str = PASSWORD, **options: Any
) -> Any:
    """A page of somebody who has signed in by the form."""
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB", **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.get_by_label("Account").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    page.wait_for_load_state("load")
    return page


def violations(page: Any, without: str = "") -> list[str]:
    """What axe finds, with the first element of each."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {without: {"enabled": False}} if without else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], "rules": rules}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def keep(page: Any, name: str) -> None:
    """A screenshot that is not of nothing."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=str(path))
    assert path.stat().st_size > 5_000
