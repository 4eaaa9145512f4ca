"""The scenario folders on the pure bed: the lines written by hand, for every order of arrival, with
duplicates, and after every prefix of arrival.
"""

from __future__ import annotations

import pytest

from tests.scenarios.playing import Order, Play, orders, some
from tests.scenarios.scenario import comparable, load, names

pytestmark = pytest.mark.parametrize("name", names())

ORDERS, DUPLICATED, STEPWISE, THE_LONG_WAY = 300, 60, 25, 3
"""Random orders where there are too many to play them all, and how many of them are played in other ways."""


class TestLines:
    """Each scenario gives the lines its rule says."""

    def test_a_replay_gives_the_lines_written_by_hand(self, name: str) -> None:
        scenario = load(name)
        assert comparable(scenario.replayed(), scenario.expected) == comparable(scenario.expected)


class TestOrders:
    """The order of arrival decides nothing (design.md §4 laws 1 to 3)."""

    @pytest.mark.slow
    def test_every_order_gives_the_same_lines(self, name: str) -> None:
        assert differing(name, ORDERS) == []

    @pytest.mark.slow
    def test_duplicates_change_nothing(self, name: str) -> None:
        play = Play(load(name))
        expected = play.lines(range(len(play.scenario.messages)))
        played = some(len(play.scenario.messages), DUPLICATED)
        assert [o for o in played if play.lines([*o, *reversed(o)]) != expected] == []

    @pytest.mark.slow
    def test_every_prefix_shows_something_and_ends_alike(self, name: str) -> None:
        play = Play(load(name))
        expected = play.lines(range(len(play.scenario.messages)))
        played = some(len(play.scenario.messages), STEPWISE)
        assert [o for o in played if play.lines_step_by_step(o) != expected] == []

    def test_the_quick_way_is_the_way_of_prove(self, name: str) -> None:
        play = Play(load(name))
        for order in some(len(play.scenario.messages), THE_LONG_WAY):
            assert play.lines(order) == play.as_replayed(order)


@pytest.mark.nightly
class TestManyOrders:
    """The same, longer."""

    def test_five_thousand_orders_give_the_same_lines(self, name: str) -> None:
        assert differing(name, 5000) == []


def differing(name: str, at_random: int) -> list[Order]:
    """The orders of a scenario whose lines are not those of the given order; at most the first three."""
    play = Play(load(name))
    expected = play.lines(range(len(play.scenario.messages)))
    found: list[Order] = []
    for order in orders(len(play.scenario.messages), at_random):
        if play.lines(order) != expected:
            found.append(order)
            if len(found) == 3:
                break
    return found
