"""What waits together goes together: items one by one in, carried in groups, in the order they came.

One group is under way at a time, and whatever comes meanwhile is the next: with nothing going on an item
leaves at once, under load a group grows until it pays for its round trip. Knows nothing of messages.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")

Carry = Callable[[Sequence[Item]], Awaitable[Sequence[BaseException | None]]]
"""Takes a group; says of each item, in their order, why it failed, or None."""


class Belt(Generic[Item]):
    """One after another through `carry`, at most `most` at once."""

    def __init__(self, carry: Carry[Item], most: int = 100) -> None:
        self._carry = carry
        self._most = most
        self._waiting: deque[tuple[Item, asyncio.Future[None]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> None:
        """Return when the item was carried; raises why it was not.

        Who stops waiting takes an item off that has not left; one that has left arrives without them.
        """
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, arrived))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        await arrived

    async def _run(self) -> None:
        try:
            while group := self._next():
                for (_, arrived), failure in zip(group, await self._ends(group), strict=True):
                    if arrived.done():
                        continue
                    if failure is None:
                        arrived.set_result(None)
                    else:
                        arrived.set_exception(failure)
        finally:
            self._running = None

    def _next(self) -> list[tuple[Item, asyncio.Future[None]]]:
        group: list[tuple[Item, asyncio.Future[None]]] = []
        while self._waiting and len(group) < self._most:
            item, arrived = self._waiting.popleft()
            if not arrived.done():
                group.append((item, arrived))
        return group

    async def _ends(
        self, group: Sequence[tuple[Item, asyncio.Future[None]]]
    ) -> Sequence[BaseException | None]:
        try:
            return await self._carry([item for item, _ in group])
        except BaseException as exc:  # those who wait hear of it, whatever it is
            if isinstance(exc, asyncio.CancelledError):
                for _, arrived in group:
                    arrived.cancel()
                raise
            return [exc] * len(group)
