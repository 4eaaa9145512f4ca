"""Why somebody waited: each minute a ready person waited, laid to one owner and one reason ("why 52 h?",
domain 06 §6.3).

In: whom a ready person waited for, stretch by stretch, and the delay reasons people gave. Out: stretches of
one owner and one reason that add up to the ready time, no minute twice. Of several reasons at once the one
whose owner is waited for counts, then the one that has run longest, then the first its source named; a minute
without a reason is said to have none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from streams.core.codes import Code
from streams.core.config import MINUTE_US
from streams.core.spells.delay_codes import label
from streams.core.spells.delays import Delay
from streams.core.transfer.steps import Wait


class Stretch(NamedTuple):
    """Time that one owner owed for one reason; `until` None = it runs."""

    owner: str
    reason: Code | None
    group: str | None
    since: int
    until: int | None

    @property
    def minutes(self) -> int | None:
        """Whole minutes by the clock, so that neighbours add up; None while it runs."""
        return None if self.until is None else self.until // MINUTE_US - self.since // MINUTE_US


def why_of(waiting: Sequence[Wait], delays: Sequence[Delay]) -> tuple[Stretch, ...]:
    """Lay each stretch of waiting to reasons."""
    given = [delay for delay in delays if delay.reason is not None]
    changes = sorted({at for delay in given for at in (delay.since, delay.until) if at is not None})
    out: list[Stretch] = []
    for wait in waiting:
        inside = [at for at in changes if wait.since < at and (wait.until is None or at < wait.until)]
        for since, until in zip([wait.since, *inside], [*inside, wait.until], strict=True):
            _append(out, _laid(wait.owner, given, since, until))
    return tuple(out)


def _laid(owner: str, given: Iterable[Delay], since: int, until: int | None) -> Stretch:
    running = [
        delay for delay in given if delay.since <= since and (delay.until is None or delay.until > since)
    ]
    best = min(running, key=lambda delay: _precedence(delay, owner), default=None)
    if best is None:
        return Stretch(owner, None, None, since, until)
    return Stretch(owner, best.reason, best.term.group, since, until)


def _precedence(delay: Delay, owner: str) -> tuple[bool, int, int, str, str]:
    raw = delay.reason.raw if delay.reason else ""
    return label(delay.owner or "") != label(owner), delay.since, delay.rank, raw, delay.source


def _append(out: list[Stretch], next_: Stretch) -> None:
    last = out[-1] if out else None
    if last and last.until == next_.since and last[:3] == next_[:3]:
        out[-1] = last._replace(until=next_.until)
    else:
        out.append(next_)


def accounted(stretches: Iterable[Stretch], now: int) -> Counter[tuple[str, str | None]]:
    """Minutes by (owner, reason code or as sent) up to `now`; additive over people."""
    out: Counter[tuple[str, str | None]] = Counter()
    for stretch in stretches:
        if stretch.since < now:
            until = now if stretch.until is None else min(stretch.until, now)
            name = (stretch.reason.code or stretch.reason.raw) if stretch.reason else None
            out[stretch.owner, name] += until // MINUTE_US - stretch.since // MINUTE_US
    return out
