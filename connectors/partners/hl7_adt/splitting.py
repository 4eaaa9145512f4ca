"""A file or a pick-up of HL7 text to its messages, byte for byte as they stand in it.

In: the bytes of a file: one or many messages, CR, LF or CRLF, MLLP-framed or not, with or without FHS/BHS
wrapping and a byte order mark. Out: the bytes of each message. What belongs to no message (garbage, a segment
after a trailer) comes out as a piece of its own, so that it ends in the quarantine and not in the neighbour's
message. A missing or miscounting wrapper refuses nothing: every message stands for itself; a hospital's hour
of messages is worth more than its trailer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BOM = b"\xef\xbb\xbf"
_FRAME = re.compile(rb"\x0b(.*?)(?:\x1c\r?|\Z|(?=\x0bMSH))", re.DOTALL)
_START = re.compile(rb"(?:(?<=[\r\n])|\A)(MSH|FHS|BHS|BTS|FTS)(?=[^A-Za-z0-9\r\n])")
_LINE_END = re.compile(rb"[\r\n]")
_BLANK = b"\r\n \t\x1a\x00"


def _pieces(text: bytes) -> Iterator[bytes]:
    """Messages of unframed text, from each header to the next header or wrapper, and whatever stands outside
    of them.
    """
    starts = list(_START.finditer(text))
    edges = [match.start() for match in starts] + [len(text)]
    pieces = [text[: edges[0]]]
    for match, end in zip(starts, edges[1:], strict=True):
        piece = text[match.start() : end]
        pieces.append(piece if match.group(1) == b"MSH" else b"".join(_LINE_END.split(piece, maxsplit=1)[1:]))
    return (piece for piece in pieces if piece.strip(_BLANK))


def split(body: bytes) -> Iterator[bytes]:
    """Give the messages of a file in order; an empty file has none."""
    text = body.removeprefix(_BOM)
    at = 0
    for frame in _FRAME.finditer(text):
        yield from _pieces(text[at : frame.start()])
        yield from _pieces(frame.group(1))
        at = frame.end()
    yield from _pieces(text[at:])
