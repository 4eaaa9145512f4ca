"""Law 1 and 2, counted: generated histories, each in many orders of arrival, with words said twice and
re-queued in between.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from tests.core.laws.histories import histories, requeued, resent, tagged
from tests.core.story import HOUR, lines_of

EACH = 50
"""Orders of one history."""


def played(orders: int) -> int:
    """Play so many orders of arrival; returns how many there were. Fails at the first that differs."""
    count = 0

    @settings(max_examples=orders // EACH, deadline=None, derandomize=True, database=None)
    @given(histories(filings=True), st.integers(0, 2**32))
    def every(facts: list[Fact], seed: int) -> None:
        nonlocal count
        facts, chance = [tagged(one) for one in facts], random.Random(seed)
        expected = lines_of(facts)
        for _ in range(EACH):
            again = chance.choices(facts, k=3)
            order = [*facts, resent(again[0], HOUR), *(requeued(one, HOUR) for one in again[1:])]
            chance.shuffle(order)
            assert lines_of(order) == expected
            count += 1

    every()
    return count


@pytest.mark.slow
def test_twenty_thousand_orders_of_generated_histories() -> None:
    assert played(20_000) >= 20_000


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_a_million_orders_of_generated_histories() -> None:
    assert played(1_000_000) >= 1_000_000
