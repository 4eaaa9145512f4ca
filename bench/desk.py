"""A board as a process and open pages on it, for the benches.

In: a place. Out: a board that is ready; a page that lives as `board/static/live.js` does: one stream that
says *changed*, then the page is fetched, and again half a second after that if more came meanwhile. It is a
client of ours and no Chromium: two hundred browsers would measure themselves.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from bench.ground import Ground, Wrong
from bench.place import WAIT_S, Place
from board.access.accounts import Account, hash_password, write_accounts
from cli.demo.processes import Child
from runtime.brokers.process import free_port

GAP_S = 0.5
"""As in live.js."""
PASSWORD = "a password of a bench"
KNOWN = re.compile(r'data-known="([^"]+)"')
FORM = re.compile(r'name="form" value="([^"]+)"')
TICK = os.sysconf("SC_CLK_TCK")


class Desk(Place):
    """A place with a board that the hub's desk signs in to."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._accounts = self.folder / "accounts.toml"
        hashed = hash_password(PASSWORD, (2**4, 8, 1))
        write_accounts(self._accounts, {"hub": Account("hub", "bromley-spa", hashed)})

    def board(self, name: str = "board") -> Child:
        """A board, answering; it may be rebuilding still."""
        extra = {"HOMEWARD_BOARD_PORT": str(self.port), "HOMEWARD_ACCOUNTS": str(self._accounts)}
        child = self.processes.homeward(name, "run", "board", extra=extra)
        self.until(lambda: httpx.get(f"{self.url}/v1/health/live").status_code == 200, "answers", 0.01)
        return child

    def ready(self, patience_s: float = WAIT_S) -> None:
        """Until everything there was is read."""
        ask = lambda: httpx.get(f"{self.url}/v1/health/ready", timeout=60).status_code == 200  # noqa: E731
        self.until(ask, "is ready", 0.05, patience_s)

    def until(self, done: Callable[[], bool], what: str, look_s: float, patience_s: float = WAIT_S) -> None:
        """Wait for something that may not answer yet."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            try:
                if done():
                    return
            except httpx.HTTPError:
                self.processes.check()
            time.sleep(look_s)
        raise Wrong(f"no board that {what} within {patience_s:.0f} s")

    def signed_in(self) -> str:
        """The cookie of a session."""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=60) as client:
            token = FORM.search(client.get("/sign-in").text)
            assert token is not None
            said = client.post("/sign-in", data={"form": token[1], "name": "hub", "password": PASSWORD})
            if said.status_code != 303:
                raise Wrong(f"the board let nobody in: {said.status_code}")
            return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


class Page:
    """One open page. `shows` is given every text it shows and the time it was there."""

    def __init__(
        self, client: httpx.AsyncClient, path: str, cookie: str, shows: Callable[[str, float], None]
    ) -> None:
        self._client, self._path, self._shows = client, path, shows
        self._headers = {"Cookie": cookie}
        self._changed = asyncio.Event()
        self.fetched = 0
        self.open = asyncio.Event()

    async def live(self) -> None:
        """Stay open until cancelled."""
        text = await self._fetch({})
        known = KNOWN.search(text)
        assert known is not None
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(known[1]))
            group.create_task(self._follow())

    async def _listen(self, known: str) -> None:
        params = {"known": known}
        async with self._client.stream("GET", "/live", params=params, headers=self._headers) as stream:
            self.open.set()
            async for line in stream.aiter_lines():
                if line == "event: changed":
                    self._changed.set()

    async def _follow(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._fetch({"Homeward-Live": "1"})
            if self._changed.is_set():
                await asyncio.sleep(GAP_S)

    async def _fetch(self, more: dict[str, str]) -> str:
        reply = await self._client.get(self._path, headers=self._headers | more)
        if reply.status_code != 200:
            raise Wrong(f"{self._path}: {reply.status_code}")
        self._shows(reply.text, time.monotonic())
        self.fetched += 1
        return reply.text


def browser(url: str, pages: int) -> httpx.AsyncClient:
    """Connections enough for so many pages and their streams."""
    limits = httpx.Limits(max_connections=2 * pages + 10, max_keepalive_connections=2 * pages + 10)
    timeout = httpx.Timeout(WAIT_S, read=None)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=timeout, trust_env=False)


def used(child: Child) -> dict[str, Any]:
    """CPU seconds so far and resident MiB, now and at most, of a process (Linux)."""
    stat = Path(f"/proc/{child.popen.pid}/stat").read_text().rpartition(")")[2].split()
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{child.popen.pid}/status").read_text().splitlines()
    )
    fields = {"rss_mib": "VmRSS", "peak_mib": "VmHWM"}
    mib = {name: round(int(status[field].split()[0]) / 1024) for name, field in fields.items()}
    return {"cpu_s": (int(stat[11]) + int(stat[12])) / TICK, **mib}
