"""MLLP framing, pure: chunks of a byte stream in, whole frames out (0x0B … 0x1C 0x0D).

Written for what real senders do (lessons.md §4.2): pipelined frames, frames cut anywhere, a lone 0x1C
inside the text, an end
without its CR before the next frame, a frame that never ends followed by a new one, bytes outside frames,
frames over the limit.
Never holds more than `limit` and one chunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

START, END, CR = 0x0B, 0x1C, 0x0D
RESYNC = b"\x0bMSH"
"""A start byte inside a frame is text, unless a message header follows: then the frame before it never
ended.
"""
HEAD_BYTES = 4096
"""Kept of a frame over the limit: enough for its MSH, so that the refusal can name its control id."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `ended` says how: whole, over the limit (`body` is its head only), or cut off by the
    next frame's start.
    """

    body: bytes
    ended: Literal["whole", "too_large", "incomplete"] = "whole"
    size: int = 0


def wrap(body: bytes) -> bytes:
    """The bytes of one frame."""
    return b"\x0b" + body + b"\x1c\x0d"


class FrameReader:
    """Incremental reader of one connection. `feed` bytes as they come; `partial` tells whether a frame
    is open.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.garbage = 0
        """Bytes seen outside frames, line ends not counted."""
        self._buffer = bytearray()
        self._inside = False
        self._scanned = 0
        self._head: bytes | None = None
        """Head of the frame being skipped; None when not skipping."""
        self._dropped = 0

    @property
    def partial(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._inside

    @property
    def held(self) -> int:
        """Bytes held of an unfinished frame."""
        return len(self._buffer)

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take the next bytes of the stream; give the frames they finish, in order."""
        self._buffer += chunk
        frames: list[Frame] = []
        while self._step(frames):
            pass
        return frames

    def _step(self, frames: list[Frame]) -> bool:
        return self._find_end(frames) if self._inside else self._find_start()

    def _find_start(self) -> bool:
        at = self._buffer.find(START)
        outside = self._buffer if at < 0 else self._buffer[:at]
        self.garbage += sum(byte not in b"\r\n" for byte in outside)
        if at < 0:
            self._buffer.clear()
            return False
        del self._buffer[: at + 1]
        self._inside, self._scanned = True, 0
        return True

    def _find_end(self, frames: list[Frame]) -> bool:
        buffer = self._buffer
        end = self._next_end()
        resync = buffer.find(RESYNC, max(0, self._scanned - len(RESYNC)), end if end >= 0 else len(buffer))
        if resync >= 0:
            self._finish(frames, resync, resync, "incomplete")
            return True
        if end >= 0:
            # A missing CR is forgiven only where the next frame follows at once.
            self._finish(frames, end, end + (2 if buffer[end + 1] == CR else 1), "whole")
            return True
        self._scanned = max(0, len(buffer) - 1)
        if self._head is not None or len(buffer) > self.limit:
            self._drop()
        return False

    def _next_end(self) -> int:
        at = self._buffer.find(END, self._scanned)
        while 0 <= at < len(self._buffer) - 1 and self._buffer[at + 1] not in (CR, START):
            at = self._buffer.find(END, at + 1)
        return at if 0 <= at < len(self._buffer) - 1 else -1

    def _drop(self) -> None:
        if self._head is None:
            self._head = bytes(self._buffer[:HEAD_BYTES])
        keep = len(RESYNC)
        self._dropped += max(0, len(self._buffer) - keep)
        del self._buffer[:-keep]
        self._scanned = max(0, len(self._buffer) - 1)

    def _finish(
        self, frames: list[Frame], size: int, consumed: int, ended: Literal["whole", "incomplete"]
    ) -> None:
        total = self._dropped + size
        if self._head is not None or size > self.limit:
            head = self._head if self._head is not None else bytes(self._buffer[:HEAD_BYTES])
            frames.append(Frame(head, "too_large" if ended == "whole" else "incomplete", total))
        else:
            frames.append(Frame(bytes(self._buffer[:size]), ended, total))
        del self._buffer[:consumed]
        self._inside, self._scanned, self._head, self._dropped = False, 0, None, 0
