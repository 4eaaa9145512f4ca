"""What a key has said, to other keys and to readers. Not knowledge: a state without it says everything again.
"""
from __future__ import annotations

import msgspec


class Sent(msgspec.Struct):
    """What other keys were told; leaving it out (`exchange(total)`) says everything again."""

    told: dict[str, dict[str, bytes]] = {}
    """Source -> key that must know where it points -> mark of what it was last told."""
    verdicts: dict[str, bool] = {}
    """Local key -> whether it last heard that this number refuses it."""
    followed: set[str] = set()
    restricted: dict[str, bytes] = {}
    tags: set[str] = set()
    pairs: set[tuple[str, str, str]] = set()
    receipts: dict[str, int] = {}
    waiting: dict[str, int] = {}
    """Next hop -> facts given to it when it was last asked to confirm."""


class Shown(msgspec.Struct):
    """The view as last published; `status` empty = never, or tombstoned."""

    status: str = ""
    merged_into: str | None = None
    version: str = ""
    through: int = 0
    """Newest time received in the last picture that could be made (law 8)."""
    held: int = 0
    """Facts in that picture."""
    restricted: bool = False
