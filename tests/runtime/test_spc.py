"""Control charts: golden values worked out by hand from the rules of ecosystem B1, and what holds of any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.spc import chart, limits_of

QUIET = [10.0, 12.0] * 5


def specials(values: list[float | None]) -> list[tuple[str, ...]]:
    return [point.special for point in chart(values).points]


def test_limits_are_the_mean_and_so_often_the_mean_moving_range() -> None:
    found = limits_of([10, 12, 10, 12])
    assert found is not None
    assert tuple(found) == (11, pytest.approx(11 - 5.32), pytest.approx(11 + 5.32), 4)


def test_a_leap_widens_no_limits_and_lies_outside_of_them() -> None:
    """Ranges 9 × 2 and 18: mean 3.6, screened at 11.76, so 2 stays; mean 140 / 11, above all the others."""
    made = chart([*QUIET, 30.0], "down")
    limits = made.points[-1].limits
    assert limits is not None
    assert (limits.lower, limits.upper) == (pytest.approx(140 / 11 - 5.32), pytest.approx(140 / 11 + 5.32))
    assert [point.special for point in made.points] == [("one_side",)] * 10 + [("outside",)]
    assert (made.icon, chart([*QUIET, 30.0], "up").icon) == ("worsening", "improving")
    assert chart([*QUIET, 30.0]).icon == "neither"


def test_seven_on_one_side_are_special_and_six_are_not() -> None:
    """Four lows at the front pull the mean below the others."""
    low, high = [0.0, 4.0, 0.0, 4.0], [5.0, 6.0] * 3
    assert all("one_side" not in one for one in specials([*low, *high]))
    seven = specials([*low, *high, 5.0])
    assert [("one_side" in one) for one in seven] == [False] * 4 + [True] * 7


def test_seven_rising_are_special_and_six_are_not() -> None:
    before = [4.0, 6.0, 4.0, 6.0]
    assert all("trend" not in one for one in specials([*before, 3, 4, 5, 6, 7, 8, 8, 3]))
    seven = specials([*before, 3, 4, 5, 6, 7, 8, 9, 3])
    assert [("trend" in one) for one in seven] == [False] * 4 + [True] * 7 + [False]
    falling = chart([*before, 9, 8, 7, 6, 5, 4, 3], "down")
    assert (falling.points[-1].special[-1], falling.points[-1].side) == ("trend", -1)
    assert falling.icon == "improving"


def test_two_of_three_near_one_limit_are_special() -> None:
    """Ranges 15 × 2, 4, 2, 2, 6: mean 2.316; the mean is 10.6, two thirds of the way lie at 14.71."""
    made = chart([*[9.0, 11.0] * 8, 15.0, 13.0, 15.0, 9.0])
    limits = made.points[0].limits
    assert limits is not None
    assert (limits.mean, limits.upper) == (pytest.approx(10.6), pytest.approx(10.6 + 2.66 * 44 / 19))
    assert [n for n, point in enumerate(made.points) if "two_of_three" in point.special] == [16, 18]
    apart = chart([*[9.0, 11.0] * 8, 16.0, 9.0, 16.0, 9.0])
    assert all("two_of_three" not in point.special for point in apart.points)
    under = chart([*[11.0, 9.0] * 8, 5.0, 7.0, 5.0, 11.0])
    assert [point.side for point in under.points][16:19:2] == [-1, -1]


def test_the_unknown_is_left_out_and_a_short_chart_says_so() -> None:
    gaps = chart([10, None, 12, 10, None, 12])
    assert [point.limits for point in gaps.points if point.value is None] == [None, None]
    known = [point.limits for point in gaps.points if point.value is not None]
    assert known == [limits_of([10, 12, 10, 12])] * 4
    assert gaps.short
    assert not chart([*QUIET, 10.0, 12.0]).short
    assert chart([None, 3.0]).points[1].limits is None
    assert (chart([]).points, chart([]).icon) == ((), "common")


def test_limits_are_worked_out_anew_from_where_somebody_says() -> None:
    made = chart([10, 12, 10, 12, 110, 112, 110, 112], rebase=(4,))
    assert [point.limits.mean for point in made.points if point.limits] == [11] * 4 + [111] * 4
    assert all(point.special == () for point in made.points)


@given(st.lists(st.none() | st.integers(-50, 50).map(float), max_size=40), st.integers(-9, 9))
def test_a_chart_moves_and_turns_with_its_values(values: list[float | None], by: int) -> None:
    """Adding a constant changes no special; turned upside down they are on the other side."""
    usual = chart(values)
    moved = chart([None if value is None else value + 64 * by for value in values])
    turned = chart([None if value is None else -value for value in values])
    assert [len(chart_.points) for chart_ in (usual, moved, turned)] == [len(values)] * 3
    for one, other in zip(usual.points, turned.points, strict=True):
        if one.limits is not None and other.limits is not None:
            assert other.limits.mean == -one.limits.mean
            assert other.limits.upper == pytest.approx(-one.limits.lower)
    for one, other in zip(usual.points, moved.points, strict=True):
        if one.limits is not None and other.limits is not None:
            assert other.limits.upper - other.limits.lower == pytest.approx(
                one.limits.upper - one.limits.lower
            )
