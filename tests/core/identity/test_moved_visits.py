"""A visit moved from record to record (A44, A45) is shown by one person, also where moves bear one time:
wrong person is worse than no person.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.config import CoreConfig
from streams.core.state.network import Network
from tests.core.identity.histories import fact, shuffled

VISIT = "v1"


def moved(ident, at, source, target):
    """A move, told to both records."""
    return [
        fact(f"{ident}{end}", "SpellReassigned", end, at, thing=VISIT, source_key=source, target_key=target)
        for end in (source, target)
    ]


def shown_by(facts):
    """The keys that show the visit as theirs."""
    network = Network()
    for one in facts:
        network.take([one])
        network.settle()
    rows = [json.loads(line) for view in network.views(CoreConfig()) for line in view.lines]
    return [row["person_key"] for row in rows if row["view"] == "spell" and row["spell_id"] == VISIT]


ADMITTED = fact("a", "SpellAdmitted", "x", 0, local="x", thing=VISIT)


@pytest.mark.parametrize(
    ("moves", "whose"),
    [
        ([("x", "y")], "y"),
        ([("x", "y"), ("y", "z")], "z"),
        ([("x", "z"), ("z", "y")], "y"),
        ([("x", "y"), ("x", "z")], "z"),
        ([("x", "y"), ("y", "x")], "y"),
    ],
    ids=["once", "on and on", "on and on, the other way", "to two", "there and back"],
)
@pytest.mark.parametrize("seed", range(6))
def test_moves_of_one_instant_end_at_one_record(moves, whose, seed):
    facts = [ADMITTED, *(one for i, way in enumerate(moves) for one in moved(f"m{i}", 1, *way))]
    assert shown_by(shuffled(facts, seed)) == [whose]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_visit_moved_on_is_shown_by_whoever_it_came_to_last(data):
    """Each move begins where the one before ended; several may bear one time."""
    facts, at, here = [ADMITTED], 1, "x"
    been = {1: ["x"]}
    for i in range(data.draw(st.integers(1, 4))):
        at += data.draw(st.integers(0, 1))
        before = been.setdefault(at, [here])
        onward = sorted({"x", "y", "z", "N1", "N2"} - set(before))
        target = data.draw(st.sampled_from(onward))
        facts += moved(f"m{i}", at, here, target)
        before.append(target)
        here = target
    assert shown_by(shuffled(facts, data.draw(st.integers(0, 99)))) == [here]
