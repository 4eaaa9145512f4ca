"""The character set of a message: what MSH-18 says where it is true, else the partner's own.

In: bytes, MSH-18 and the dialect's character set. Out: text. No character is ever replaced silently: a name
with a hole in it is another name (lessons.md §4.8).
"""

from __future__ import annotations

from connectors.message import Refusal
from schemas.reasons import Reason

CHARSET_DIFFERS = "charset_differs"
"""Flag: the bytes are not in the character set the header names, but they are in the partner's."""

_DECLARED = {
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "8859/1": "iso-8859-1",
    "ISO-8859-1": "iso-8859-1",
    "8859/15": "iso-8859-15",
    "WINDOWS-1252": "cp1252",
    "CP1252": "cp1252",
    "1252": "cp1252",
}
"""MSH-18 (table 0211 and what engines write). ASCII and what is not here mean the partner's own set, which
contains ASCII.
"""


def decode(body: bytes, asked: str, charset: str) -> tuple[str, str, tuple[str, ...]]:
    """Give the text, the character set it is in, and a flag where the header lied. Raises Refusal
    BAD_CHARSET.
    """
    declared = _DECLARED.get(asked.strip().upper(), "")
    for name, flags in ((declared, ()), (charset, (CHARSET_DIFFERS,) if declared else ())):
        try:
            return body.decode(name), name, flags
        except (UnicodeDecodeError, LookupError):
            continue
    raise Refusal(Reason.BAD_CHARSET, "MSH-18")
