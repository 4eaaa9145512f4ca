"""A council at the intake's HTTP doors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from connectors.events_door import cloud_event
from connectors.message import RawMessage
from connectors.transports.doors import Door
from connectors.transports.http import intake_app
from connectors.verdict import Answer, Verdict
from runtime.clock import SECOND, FakeClock
from runtime.metrics import Metrics
from runtime.place import AckPolicy
from runtime.signatures import sign

SECRET = b"test secret"


NOW = 1_800_000_000


BODY = b'{"event":"package.started","package_id":"P1"}'


class Council:
    """An intake app, and what its partner's intake received."""

    def __init__(self, policy: AckPolicy | None = None) -> None:
        self.received: list[RawMessage] = []
        self.verdict = Verdict(Answer.ACCEPTED)
        self.clock = FakeClock(NOW * SECOND)
        self.meter = Metrics()
        self.acknowledged: list[str] = []
        self.up = True
        door = Door("lbb-webhook", SECRET, self.receive, policy or AckPolicy())
        closed = Door("no-secret", b"", self.receive)
        self.app = intake_app(
            {"lbb-webhook": door, "no-secret": closed},
            self.clock,
            own=Door("homeward", SECRET, self.receive, prepare=cloud_event),
            desk=self,
            ready=lambda: self.up,
            meter=self.meter,
        )

    async def receive(self, raw: RawMessage) -> Verdict:
        self.received.append(raw)
        return self.verdict

    def secrets(self) -> Mapping[str, bytes]:
        return {"gp": b"gp secret", "oakfield": b"oakfield secret"}

    def recipient_of(self, notice_id: str) -> str | None:
        return {"n1": "oakfield"}.get(notice_id)

    async def acknowledge(self, notice_id: str) -> Verdict:
        self.acknowledged.append(notice_id)
        return self.verdict

    def send(
        self,
        path: str,
        body: bytes = BODY,
        *,
        secret: bytes = SECRET,
        at: int = NOW,
        key: str = "",
        method: str = "POST",
        **headers: str,
    ) -> tuple[int, dict[str, Any]]:
        async def play() -> tuple[int, dict[str, Any]]:
            sent = {
                "Homeward-Timestamp": str(at),
                "Homeward-Signature": sign(secret, at, body),
                "Content-Type": "application/json",
            }
            sent |= ({"Idempotency-Key": key} if key else {}) | {
                name.replace("_", "-"): value for name, value in headers.items()
            }
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
                reply = await client.request(method, path, content=body, headers=sent)
            kind = reply.headers["content-type"]
            assert reply.status_code < 400 or kind == "application/problem+json", kind
            return reply.status_code, reply.json()

        return asyncio.run(play())


HOOK = "/v1/webhooks/lbb-webhook"
