"""Views through a subscriber's webhook, as `homeward run views` sends them, without a network."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from board.projection import Projection
from connectors.views_out import Subscriber, ViewsOut
from connectors.webhook_out import Said
from runtime.audit import Audit
from runtime.clock import Clock
from runtime.reader import Reader
from schemas.catalogue import VIEW_TRANSFER
from schemas.codec import encode
from tests.connectors.process.parts import FakeBroker


async def sent(projection: Projection, reader: Reader, path: Path, clock: Clock) -> list[dict[str, Any]]:
    """Everybody's view through the webhook of a reader, from the beginning; those it was given."""
    broker, got, audit = FakeBroker(), list[dict[str, Any]](), Audit(path)
    for person_key, versions in projection.people.items():
        lines = [line.text for line in versions[-1].lines]
        record = {"person_key": person_key, "status": "alive", "version": "1", "lines": lines}
        await broker.publish(VIEW_TRANSFER, person_key, encode("TransferView.v1", record))

    async def post(_url: str, _secret: bytes, body: bytes, _key: str) -> Said:
        got.append(json.loads(body))
        return Said(204, "webhook")

    async def sleep(_: float) -> None:
        await asyncio.sleep(0.001)

    to = Subscriber(name="lbb", url="http://council", secret=b"s", reader=reader)
    views = ViewsOut(to, post, broker, broker, clock, sleep, audit=audit)
    task = asyncio.create_task(views.run(replay=True))
    end = len(projection.people)
    async with asyncio.timeout(120):
        while broker.groups.get((to.group, VIEW_TRANSFER), {}).get(0, 0) < end:
            assert not task.done(), task.exception()
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    audit.close()
    return got
