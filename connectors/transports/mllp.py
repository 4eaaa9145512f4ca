"""MLLP server: bytes of many connections in, one acknowledgement per message out, in order per connection
(hop 1).

Knows frames and acknowledgements, nothing of partners: what a message means is asked of `receive`. Messages
of one connection are
worked on together up to `in_flight`; beyond that the socket is not read, so a slow broker slows the sender
and nothing piles up.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Literal

from connectors.transports.ack import read_header, replies
from connectors.transports.frames import Frame, FrameReader, wrap
from connectors.verdict import Answer, Verdict
from runtime.logging import get_logger
from runtime.place import AckPolicy
from schemas.reasons import Reason

log = get_logger("connectors.mllp")

Receive = Callable[[bytes], Awaitable[Verdict]]
Seen = Literal["connection", "garbage", "TOO_LARGE", "FRAME_INCOMPLETE"]
Count = Callable[[Seen, int], None]

_CHUNK = 65_536
_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 20, "TCP_KEEPCNT": 3}
"""Seconds and tries: firewalls drop idle sockets in minutes, and a half-open one must be noticed
(lessons.md §4.2).
"""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """A bound on everything. Seconds are real ones: a socket knows no simulated clock."""

    frame_bytes: int = 1 << 20
    frame_seconds: float = 30.0
    """A frame that has begun must go on within this; a connection between frames may stay silent for ever."""
    write_seconds: float = 30.0
    in_flight: int = 64
    connections: int = 256
    grace_seconds: float = 10.0


@dataclass
class Wording:
    """What a reply needs beside the message: time and ids of ours."""

    written_at: Callable[[], str]
    prefix: str = "HW"
    serial: int = field(default=0)

    def next_id(self) -> str:
        """MSH-10 of the next reply."""
        self.serial += 1
        return f"{self.prefix}{self.serial}"


def _nothing(_seen: Seen, _by: int) -> None:
    return None


class MllpServer:
    """One listening socket. `start` it, `close` it: closing answers what was received, within
    `limits.grace_seconds`.
    """

    def __init__(
        self,
        receive: Receive,
        policy: AckPolicy,
        wording: Wording,
        *,
        limits: Limits | None = None,
        count: Count = _nothing,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._receive = receive
        self._policy = policy
        self._wording = wording
        self._limits = limits or Limits()
        self._count = count
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen; gives the address taken (port 0: a free one)."""
        self._server = await asyncio.start_server(self._accept, host, port, ssl=self._tls, limit=_CHUNK)
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def close(self) -> None:
        """Take no more; answer what was received; cut off what is not answered in time."""
        if self._server is None:
            return
        self._server.close()
        for connection in self._connections:
            connection.stop_reading()
        tasks = [connection.task for connection in self._connections]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._limits.grace_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= self._limits.connections:
            writer.close()
            return
        connection = _Connection(task, reader, writer, self._answer, self._limits, self._count)
        self._connections.add(connection)
        _keep_alive(writer)
        try:
            await connection.serve()
        except (ConnectionError, TimeoutError, ssl.SSLError) as exc:
            log.info("connection.lost", error=type(exc).__name__)
        finally:
            self._connections.discard(connection)
            writer.close()

    async def _answer(self, frame: Frame) -> list[bytes]:
        if frame.ended == "too_large":
            self._count("TOO_LARGE", 1)
            verdict = Verdict(Answer.TOO_LARGE, Reason.TOO_LARGE)
        else:
            verdict = await self._receive(frame.body)
        return replies(
            read_header(frame.body),
            verdict,
            self._policy,
            self._wording.written_at(),
            self._wording.next_id(),
        )


class _Connection:
    """One sender's socket: a reader that makes answers and a sender that writes them in order."""

    def __init__(
        self,
        task: asyncio.Task[None],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Callable[[Frame], Coroutine[None, None, list[bytes]]],
        limits: Limits,
        count: Count,
    ) -> None:
        self.task = task
        self._reader, self._writer = reader, writer
        self._answer = answer
        self._limits = limits
        self._count = count
        self._slots = asyncio.Semaphore(limits.in_flight)
        self._answers: asyncio.Queue[asyncio.Task[list[bytes]] | None] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None

    def stop_reading(self) -> None:
        """What was read so far is still answered."""
        if self._reading is not None:
            self._reading.cancel()

    async def serve(self) -> None:
        """Until the peer closes, a frame stays open too long, or `stop_reading`."""
        self._reading = asyncio.create_task(self._read())
        self._reading.add_done_callback(lambda _done: self._answers.put_nowait(None))
        try:
            await self._send()
            if not self._reading.cancelled():
                self._reading.result()
        finally:
            self._reading.cancel()
            left = [self._answers.get_nowait() for _ in range(self._answers.qsize())]
            # What is under way is finished, not cut: it may be in the archive already.
            await asyncio.gather(*(task for task in left if task), self._reading, return_exceptions=True)

    async def _read(self) -> None:
        frames = FrameReader(self._limits.frame_bytes)
        opened, garbage = False, 0
        while chunk := await self._chunk(frames):
            if not opened:
                opened = True  # a load balancer's probe closes without a byte, and is nothing
                self._count("connection", 1)
            for frame in frames.feed(chunk):
                if frame.ended == "incomplete":
                    self._count("FRAME_INCOMPLETE", 1)
                    continue
                await self._slots.acquire()
                self._answers.put_nowait(asyncio.create_task(self._answer(frame)))
            if frames.garbage > garbage:
                self._count("garbage", frames.garbage - garbage)
                garbage = frames.garbage
        if frames.partial:
            self._count("FRAME_INCOMPLETE", 1)
            log.warning("frame.incomplete", held_bytes=frames.held)

    async def _chunk(self, frames: FrameReader) -> bytes:
        """The next bytes; empty at the end of the stream, or when an open frame does not go on."""
        limit = self._limits.frame_seconds if frames.partial else None
        try:
            async with asyncio.timeout(limit):
                return await self._reader.read(_CHUNK)
        except TimeoutError:
            return b""

    async def _send(self) -> None:
        while (task := await self._answers.get()) is not None:
            try:
                for reply in await task:
                    self._writer.write(wrap(reply))
                async with asyncio.timeout(self._limits.write_seconds):
                    await self._writer.drain()
            finally:
                self._slots.release()


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
