"""Signed webhooks out: a JSON body in, what the other side said out. Knows nothing of notices or views."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from runtime.clock import SECOND, Clock
from runtime.signatures import IDEMPOTENCY, SIGNATURE, TIMESTAMP, sign

POST_SECONDS = 10.0
_BODY_BYTES_MAX = 65_536
_FIRST_SECONDS, _LAST_SECONDS = 0.5, 60.0
FINAL = frozenset({400, 410, 413, 422})
"""The other side will never take this one. What may be mended at either end (401, 404, 5xx …) is tried again.
"""


@dataclass(frozen=True, slots=True)
class Said:
    """The other side's answer. `status` 0: none came; `how` is short and holds nothing of the body."""

    status: int
    how: str
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def taken(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def never(self) -> bool:
        """Not to be tried again."""
        return self.status in FINAL


class Post(Protocol):
    """Sends one signed body."""

    async def __call__(self, url: str, secret: bytes, body: bytes, key: str) -> Said:
        """Never raises for what the other side or the network does."""


class WebhookOut:
    """`Post` over httpx: no redirects, bounded time, bounded replies."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def __call__(self, url: str, secret: bytes, body: bytes, key: str) -> Said:
        """Send `body` under idempotency key `key`."""
        at = self._clock.now() // SECOND
        headers = {
            TIMESTAMP: str(at),
            SIGNATURE: sign(secret, at, body),
            IDEMPOTENCY: key,
            "Content-Type": "application/json",
        }
        try:
            reply = await self._client.post(url, content=body, headers=headers, timeout=POST_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            return Said(0, f"webhook {type(exc).__name__}")
        return Said(reply.status_code, f"webhook {reply.status_code}", _object(reply.content))


def _object(content: bytes) -> Mapping[str, Any]:
    if len(content) > _BODY_BYTES_MAX:
        return {}
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def backoff_seconds(failures: int, chance: Callable[[], float] = random.random) -> float:
    """How long to wait after so many failures in a row: exponential, capped, fully jittered from the half up.
    """
    ceiling = min(_LAST_SECONDS, _FIRST_SECONDS * 2.0 ** min(failures, 16))
    return ceiling * (0.5 + chance() / 2)
