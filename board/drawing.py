"""Charts as SVG made here, to go with a table of the same numbers. Pure.

In: a control chart and its days, or bars by hour. Out: where lines and marks go, for the template. Nothing is
said by colour alone: what is special has another shape, and words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from board.history import Day
from runtime.spc import Chart, Point

WIDTH: Final = 720
HEIGHT: Final = 180
LEFT: Final = 44
EDGE: Final = 12
WORDS: Final = {
    "outside": "beyond a limit", "one_side": "seven on one side", "trend": "seven rising or falling",
    "two_of_three": "two of three near a limit",
}  # fmt: skip
ICONS: Final = {
    "common": "newest day: ordinary variation", "improving": "newest day is special: better",
    "worsening": "newest day is special: worse", "neither": "newest day is special",
}  # fmt: skip


class Mark(NamedTuple):
    """A day on the chart."""

    x: float
    y: float
    special: str
    """In words; empty: nothing special."""


class Picture(NamedTuple):
    """A control chart laid out."""

    lines: tuple[str, ...]
    """Points of stretches of known values, as SVG has them."""
    marks: tuple[Mark, ...]
    levels: tuple[tuple[str, float, float], ...]
    """(Name, y, value) of the mean and the limits."""
    first: Day
    last: Day
    words: str
    rows: tuple[tuple[Day, str], ...]
    """Each day with what is special of it."""


def picture(days: Sequence[Day], chart: Chart) -> Picture | None:
    """Lay a control chart out; None where there are fewer than two known values."""
    known = [point for point in chart.points if point.value is not None]
    limits = known[-1].limits if known else None
    if limits is None:
        return None
    values = [point.value for point in known if point.value is not None]
    low, high = min(*values, limits.lower), max(*values, limits.upper)
    span = (high - low) or 1.0

    def y(value: float) -> float:
        return round(EDGE + (high - value) / span * (HEIGHT - 2 * EDGE), 1)

    def x(index: int) -> float:
        return round(LEFT + index / max(1, len(days) - 1) * (WIDTH - LEFT - EDGE), 1)

    named = (("upper limit", limits.upper), ("mean", limits.mean), ("lower limit", limits.lower))
    levels = tuple((name, y(value), round(value, 1)) for name, value in named)
    marks = tuple(Mark(x(n), y(point.value), _special(point)) for n, point in enumerate(chart.points)
                  if point.value is not None)  # fmt: skip
    words = ICONS[chart.icon] + ("; of fewer days than say much" if chart.short else "")
    rows = tuple((day, _special(point)) for day, point in zip(days, chart.points, strict=True))
    return Picture(_stretches(chart.points, x, y), marks, levels, days[0], days[-1], words, rows)


def _special(point: Point) -> str:
    return ", ".join(WORDS[one] for one in point.special)


def _stretches(
    points: Sequence[Point], x: Callable[[int], float], y: Callable[[float], float]
) -> tuple[str, ...]:
    lines: list[list[str]] = [[]]
    for n, point in enumerate(points):
        if point.value is None:
            lines.append([])
        else:
            lines[-1].append(f"{x(n)},{y(point.value)}")
    return tuple(" ".join(line) for line in lines if len(line) > 1)
