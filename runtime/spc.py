"""Control charts of single values (XmR), as "Making Data Count" reads them (ecosystem B1; NHSRplotthedots
`ptd_spc_standard.R`, `ptd_calculate_point_type.R`).

In: values in their order of time, None where one is unknown, and where the limits are worked out anew. Out:
of each value its mean and limits, what is special about it, and whether that is better. Limits are the mean
± 2.66 times the mean moving range; moving ranges above 3.267 times their mean are left out of that mean once.
Special are: a point beyond a limit, seven in a row on one side of the mean, seven in a row rising or falling,
two of three near one limit (beyond two thirds of the way, all three on its side). The unknown is left out: it
breaks no run and makes none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

WIDTH: Final = 2.66
SCREEN: Final = 3.267
RUN: Final = 7
SHORT: Final = 12
"""Fewer values make a chart that says little: it warns."""
Better = Literal["up", "down", "neither"]
Special = Literal["outside", "one_side", "trend", "two_of_three"]
Icon = Literal["common", "improving", "worsening", "neither"]


class Limits(NamedTuple):
    """Of one stretch between two points where they are worked out anew."""

    mean: float
    lower: float
    upper: float
    made_of: int
    """How many values they were made of."""


class Point(NamedTuple):
    """One value on the chart. `limits` None: unknown, or alone in its stretch."""

    value: float | None
    limits: Limits | None
    special: tuple[Special, ...] = ()
    side: int = 0
    """Which way the special is: 1 above or rising, -1 below or falling, 0 nothing is special."""


class Chart(NamedTuple):
    """All points; `icon` is the newest known point's; `short`: of fewer values than say much."""

    points: tuple[Point, ...]
    icon: Icon
    short: bool


def chart(values: Sequence[float | None], better: Better = "neither", rebase: Sequence[int] = ()) -> Chart:
    """Make the chart. `rebase`: indexes from which limits are worked out anew; whoever asks for one records
    why.
    """
    points: list[Point] = []
    starts = sorted({0, *(at for at in rebase if 0 < at < len(values))})
    for begin, end in pairwise([*starts, len(values)]):
        points += _stretch(values[begin:end])
    known = [point for point in points if point.value is not None]
    last = known[-1] if known else None
    count = last.limits.made_of if last is not None and last.limits is not None else 0
    return Chart(tuple(points), _icon(last, better), count < SHORT)


def limits_of(known: Sequence[float]) -> Limits | None:
    """Mean and limits of known values; None of fewer than two."""
    if len(known) < 2:
        return None
    mean = sum(known) / len(known)
    ranges = [abs(after - before) for before, after in pairwise(known)]
    usual = sum(ranges) / len(ranges)
    kept = [one for one in ranges if one <= SCREEN * usual]
    width = WIDTH * (sum(kept) / len(kept)) if kept else 0.0
    return Limits(mean, mean - width, mean + width, len(known))


def _stretch(values: Sequence[float | None]) -> list[Point]:
    known = [value for value in values if value is not None]
    limits = limits_of(known)
    if limits is None:
        return [Point(value, None) for value in values]
    found = iter(_specials(known, limits))
    return [Point(None, None) if value is None else Point(value, limits, *next(found)) for value in values]


def _specials(known: Sequence[float], limits: Limits) -> list[tuple[tuple[Special, ...], int]]:
    marks: list[dict[Special, int]] = [{} for _ in known]
    sides = [_sign(value - limits.mean) for value in known]
    steps = [_sign(after - before) for before, after in pairwise(known)]
    away = (limits.upper - limits.mean) * 2 / 3
    for at, value in enumerate(known):
        if value > limits.upper or value < limits.lower:
            marks[at]["outside"] = sides[at]
        if (run := sides[at + 1 - RUN : at + 1] if at + 1 >= RUN else []) and abs(sum(run)) == RUN:
            _mark(marks, range(at + 1 - RUN, at + 1), "one_side", sides[at])
        if (run := steps[at + 1 - RUN : at] if at + 1 >= RUN else []) and abs(sum(run)) == RUN - 1:
            _mark(marks, range(at + 1 - RUN, at + 1), "trend", steps[at - 1])
    for at in range(2, len(known)):
        three = range(at - 2, at + 1)
        for side in (1, -1):
            far = [n for n in three if (known[n] - limits.mean) * side > away]
            if len(far) >= 2 and all(sides[n] == side for n in three):
                _mark(marks, far, "two_of_three", side)
    return [(tuple(mark), next(iter(mark.values()), 0)) for mark in marks]


def _mark(marks: list[dict[Special, int]], where: Sequence[int], what: Special, side: int) -> None:
    for at in where:
        marks[at].setdefault(what, side)


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)


def _icon(last: Point | None, better: Better) -> Icon:
    if last is None or not last.special:
        return "common"
    if better == "neither":
        return "neither"
    return "improving" if (last.side == 1) == (better == "up") else "worsening"
