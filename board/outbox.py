"""The board's way out: what people decide on a page becomes a signed event of our own, posted to the intake,
which keeps it before it says yes (the same path as `homeward match`).

In: a kind and its fields; pseudonyms only. Out: nothing, once it is kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from runtime.clock import Clock
from runtime.errors import Transient
from runtime.own_events import PATH, signed
from schemas.catalogue import ce_type

SOURCE = "/homeward/board"
TIMEOUT_SECONDS = 10.0


class NotTaken(Exception):
    """The intake refused it: its reason code."""


@dataclass
class IntakeOutbox:
    """Posts to one intake."""

    url: str
    secret: bytes = field(repr=False)
    clock: Clock

    async def send(self, kind: str, fields: Mapping[str, str | None]) -> None:
        """Return once it is kept. Raises Transient or NotTaken."""
        body, headers = signed(
            ce_type(kind), fields, self.clock.now(), str(uuid.uuid4()), SOURCE, self.secret
        )
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                response = await client.post(self.url + PATH, content=body, headers=headers)
        except httpx.HTTPError as exc:
            raise Transient(f"the intake: {type(exc).__name__}") from None
        if response.status_code not in (200, 202):
            raise NotTaken(f"{response.status_code}")
