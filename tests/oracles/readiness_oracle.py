"""An independent discharge ready date: colour every minute, then read rules A and B off the colours (domain
01 §1.3).
"""

from __future__ import annotations

from collections.abc import Sequence

MINUTE = 60_000_000


def ready_minutes(findings: Sequence[tuple[int, bool]], start: int, end: int) -> list[bool]:
    """For each minute from start to end: was the newest finding by then "no longer meets"?"""
    colours = []
    for moment in range(start, end + 1, MINUTE):
        said = [ready for at, ready in findings if at <= moment]
        colours.append(bool(said) and said[-1])
    return colours


def ready_date(findings: Sequence[tuple[int, bool]], start: int, left_at: int | None, end: int) -> int | None:
    """Rule A when left: start of the final ready period. Rule B when not: of the current one, else none."""
    colours = ready_minutes(findings, start, end if left_at is None else left_at)
    if left_at is None and not colours[-1]:
        return None
    last = max((index for index, ready in enumerate(colours) if ready), default=None)
    if last is None:
        return None
    while last > 0 and colours[last - 1]:
        last -= 1
    return start + last * MINUTE
