"""The read side hides a closed transfer exactly when the reduce would (`runtime/closing.py`,
`Transfer.shown`).
"""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.closing import CLOSED_STATES, is_shown
from schemas.fact import Fact
from streams.core.reduce import reduce_person
from streams.core.transfer import packages, support, tasks
from streams.core.views.lines import IdentityView, lines
from tests.core.laws.histories import START, histories
from tests.core.story import CONFIG, DAY, PERSON


@settings(max_examples=200, deadline=None)
@given(histories(max_size=5), st.integers(25, 40))
def test_read_side_and_reduce_agree(facts: list[Fact], days: int) -> None:
    """Over histories open and closed, before and after the thirty days."""
    now = START + days * DAY
    picture = reduce_person(facts, CONFIG)
    written = [json.loads(line) for line in lines(picture, PERSON, IdentityView(PERSON), CONFIG)]
    offline = lines(picture, PERSON, IdentityView(PERSON), CONFIG, now=now)
    transfers = [line for line in written if line["view"] == "transfer"]
    spells = [line for line in written if line["view"] == "spell"]
    assert [line["view"] for line in transfers if is_shown(line, spells, now)] == [
        json.loads(line)["view"] for line in offline[1 + len(spells) :]
    ]


def test_closed_states_are_the_cores() -> None:
    """Two layers that may not import each other."""
    assert CLOSED_STATES == tasks.CLOSED | packages.CLOSED | support.CLOSED
