"""The partners' side of the wires: an MLLP sender with several connections, signed webhooks, files published
by rename.

In: a `Send`. Out: what the other side answered. Keeps the sender's own log: the only evidence of what was
acknowledged.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import httpx

from simulator.ledger import Send

START, END = b"\x0b", b"\x1c\r"
ANSWER_SECONDS = 60.0
FRESH = httpx.Limits(max_keepalive_connections=0)
"""A connection a request: a server may close an idle one in the moment the next request is written to it."""


@dataclass
class SenderLog:
    """One JSON line for each thing sent, with the answer and both real times (µs); flushed line by line."""

    path: Path
    lines: list[dict[str, object]] = field(default_factory=list)
    _file: TextIO | None = None

    def write(self, send: Send, answer: str, sent_us: int) -> None:
        """Note one answer."""
        line: dict[str, object] = {
            "partner": send.partner,
            "message_id": send.message_id,
            "sha256": send.sha256,
            "label": send.label,
            "answer": answer,
            "sent_us": sent_us,
            "answered_us": time.time_ns() // 1000,
        }
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8")
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        self.lines.append(line)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


class MllpSender:
    """One connection of an engine: one message in flight; reconnects and re-sends what was not answered."""

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, body: bytes) -> bytes:
        """Send until answered (bounded); returns the answer's MSA-1, or what stands in its place."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                return await asyncio.wait_for(self._once(body), max(0.1, deadline - time.monotonic()))
            except (TimeoutError, OSError, asyncio.IncompleteReadError):
                await self.close()
                if time.monotonic() > deadline:
                    raise TimeoutError("the receiver did not answer") from None
                await asyncio.sleep(0.1)

    async def _once(self, body: bytes) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self.address)
        reader, writer = self._streams
        writer.write(START + body + END)
        await writer.drain()
        answer = await reader.readuntil(END)
        for segment in answer.split(b"\r"):
            if segment.startswith(b"MSA|"):
                return segment.split(b"|")[1]
        return b"?"

    async def close(self) -> None:
        """Drop the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The signature header of a webhook."""
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


class Webhooks:
    """Signed posts to the intake. `now_seconds` is the partner's clock."""

    def __init__(self, base_url: str, secrets: dict[str, str]) -> None:
        self.client = httpx.AsyncClient(base_url=base_url, timeout=ANSWER_SECONDS, limits=FRESH)
        self.secrets = secrets

    async def post(
        self,
        partner: str,
        body: bytes,
        key: str,
        now_seconds: int,
        path: str = "",
        content_type: str = "application/json",
    ) -> httpx.Response:
        """One signed request."""
        headers = {
            "Homeward-Timestamp": str(now_seconds),
            "Homeward-Signature": sign(self.secrets[partner], now_seconds, body),
            "Idempotency-Key": key,
            "Content-Type": content_type,
        }
        return await self.client.post(path or f"/v1/webhooks/{partner}", content=body, headers=headers)


def publish_file(folder: Path, name: str, body: bytes) -> None:
    """Write beside, then rename: a reader never sees half a file."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.part"
    part.write_bytes(body)
    part.replace(folder / name)
