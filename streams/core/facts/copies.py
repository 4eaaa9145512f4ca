"""Two copies of one event into the one that is kept, whichever came first (design.md §3, §4 laws 1 and 2)."""

from __future__ import annotations

from typing import Final

import msgspec

from schemas.fact import Fact
from schemas.reasons import Reason

_OF_THE_MESSAGE: Final = frozenset({Reason.ID_REUSED.value})
"""Flags that no translation can take back."""


def newer(old: Fact, new: Fact) -> Fact:
    """The version of one ce_id to keep: the higher translator revision, first received at the smaller of both
    times (design.md §3), with the flags of both: a copy of one revision may know more than another, and that
    the id of its message is another's too (`ID_REUSED`) is no translation's to take back.
    """
    best, other = (new, old) if (new.revision, _tie(new)) > (old.revision, _tie(old)) else (old, new)
    received_at = min(old.received_at, new.received_at)
    flags = _united(best, other)
    if best.received_at == received_at and best.flags == flags:
        return best
    return msgspec.structs.replace(best, received_at=received_at, flags=flags)


def _united(best: Fact, other: Fact) -> tuple[str, ...]:
    if other.revision == best.revision:
        known = frozenset(other.flags)
        return best.flags if other.flags == best.flags else tuple(sorted(known.union(best.flags)))
    known = _OF_THE_MESSAGE.intersection(other.flags)
    return tuple(sorted(known.union(best.flags))) if known else best.flags


def _tie(fact: Fact) -> tuple[int, int, bytes]:
    """Orders two versions of one id and revision that differ: only fields outside the configured ones can, so
    any fixed rule will do that looks at all of them.
    """
    said = msgspec.structs.replace(fact, received_at=0, flags=())
    return (-fact.recorded_at, -fact.occurred_at, msgspec.msgpack.encode(said, order="deterministic"))
