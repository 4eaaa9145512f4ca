"""An independent account of delay: walk minute by minute, ask at each which reasons run by replaying all that
was said until then, and lay the minute to one owner and one reason (domain 06 §6.3, domain 01 §1.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

MINUTE = 60_000_000


class Word(NamedTuple):
    """What a source says: `set` all that run now, `open` or `close` one."""

    at: int
    source: str
    verb: str
    reasons: tuple[str, ...]
    owner: str | None


class Running(NamedTuple):
    """One reason as it runs, in the order in which one is chosen."""

    since: int
    rank: int
    reason: str
    source: str
    owner: str | None


def running_at(words: Sequence[Word], moment: int) -> list[Running]:
    """Every reason that runs at a moment, of any source."""
    out: list[Running] = []
    for word in sorted(words):
        if word.at > moment:
            continue
        mine = [one for one in out if one.source == word.source]
        others = [one for one in out if one.source != word.source]
        said = [(reason, word.owner) for reason in word.reasons] if word.verb != "close" else []
        kept = [
            one
            for one in mine
            if (one.reason, one.owner) in said or (word.verb != "set" and one.reason not in word.reasons)
        ]
        known = {(one.reason, one.owner) for one in kept}
        new = [
            Running(word.at, rank, reason, word.source, owner)
            for rank, (reason, owner) in enumerate(said)
            if (reason, owner) not in known
        ]
        out = others + kept + new
    return out


def laid_out(
    words: Sequence[Word],
    is_ready: Callable[[int], bool],
    owner_at: Callable[[int], str],
    start: int,
    end: int,
) -> Counter[tuple[str, str | None]]:
    """Minutes of [start, end) by owner and reason."""
    out: Counter[tuple[str, str | None]] = Counter()
    for moment in range(start, end, MINUTE):
        if is_ready(moment):
            owner = owner_at(moment)
            running = running_at(words, moment)
            first = min(running, key=lambda one: (one.owner != owner, one[:4]), default=None)
            out[owner, first.reason if first else None] += 1
    return out
