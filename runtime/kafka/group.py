"""Answers to records that were handed over together: threads of a client in, one wake-up of the loop out."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Generic, TypeVar

from runtime.errors import Transient

Got = TypeVar("Got")


class Group(Generic[Got]):
    """As many answers as there are records; complete when the last one is in."""

    def __init__(self, size: int, loop: asyncio.AbstractEventLoop) -> None:
        self._ends: list[Got | Exception | None] = [None] * size
        self._left = size
        self._lock = threading.Lock()
        self._loop = loop
        self._complete = loop.create_future()

    def settle(self, at: int, end: Got | Exception) -> None:
        """What became of one record; from any thread, once each."""
        with self._lock:
            self._ends[at] = end
            self._left -= 1
            if self._left:
                return
        # A loop that has closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wake)

    async def ends(self, seconds: float) -> list[Got | Exception]:
        """All of them; after so many seconds what has no answer yet is Transient."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._complete, seconds)
        with self._lock:
            return [Transient("no word from the broker") if end is None else end for end in self._ends]

    def _wake(self) -> None:
        if not self._complete.done():
            self._complete.set_result(None)
