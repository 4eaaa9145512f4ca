"""Health and metrics of the worker over HTTP: `/v1/health/live`, `/v1/health/ready` (503 until recovered),
`/metrics`.

Three fixed answers; nothing of a person is in any of them. Faust's own web server stays off.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from mode import Service

from runtime.metrics import CONTENT_TYPE, METER

REQUEST_BYTES_MAX = 8192
READ_S = 5.0
Reply = tuple[int, str, bytes]
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


class Health(Service):  # type: ignore[misc]  # mode has no types
    """A listener that starts before the engine and ends after it. `port` is the real one once started."""

    mundane_level = "debug"

    def __init__(self, host: str, port: int, ready: Callable[[], bool], observe: Callable[[], None]) -> None:
        super().__init__()
        self.host, self.port = host, port
        self._ready, self._observe = ready, observe
        self._server: asyncio.Server | None = None

    async def on_start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port, limit=REQUEST_BYTES_MAX)
        self.port = self._server.sockets[0].getsockname()[1]

    async def on_stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    def answer(self, method: str, path: str) -> Reply:
        """Status, content type and body for a request."""
        if method not in ("GET", "HEAD"):
            return 405, "application/json", b"{}"
        match path.partition("?")[0]:
            case "/v1/health/live":
                return 200, "application/json", b'{"live":true}'
            case "/v1/health/ready":
                ready = self._ready()
                return (200 if ready else 503), "application/json", json.dumps({"ready": ready}).encode()
            case "/metrics":
                self._observe()
                return 200, CONTENT_TYPE, METER.exposition()
        return 404, "application/json", b"{}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), READ_S)
            method, path, *_ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
            writer.write(_response(*self.answer(method, path), body_wanted=method != "HEAD"))
            await writer.drain()
        except (TimeoutError, ValueError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked did not speak HTTP to the end
        finally:
            writer.close()


def _response(status: int, kind: str, body: bytes, *, body_wanted: bool) -> bytes:
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\nCache-Control: no-store\r\n\r\n"
    )
    return head.encode() + (body if body_wanted else b"")
