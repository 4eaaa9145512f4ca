"""Law 8's other half: reduce and lines are total. Any facts the contract can carry give lines, whatever their
values and times.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import BY_ID
from schemas.fact import Fact
from schemas.released import schema, specific_fields
from streams.core.reduce import reduce_person
from streams.core.views.lines import IdentityView, lines
from tests.core.story import CONFIG, PERSON, lines_of

FOLDED = (
    "hospital-spell",
    "identity-link",
    "match",
    "hub-worklist",
    "task",
    "council-care-package",
    "voluntary-support",
    "notice",
)
KINDS = tuple(kind for short in FOLDED for kind in BY_ID[short].kinds)
INT64 = st.integers(-(2**63), 2**63 - 1)
TIMES = st.one_of(st.integers(1_790_000_000_000_000, 1_810_000_000_000_000), st.sampled_from((0, -1)), INT64)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.one_of(
        st.text(max_size=8), st.sampled_from(("", "Y", "1", "I", "E", "no capacity", "discharged", "t"))
    ),
    "long": TIMES,
    "int": st.integers(-(2**31), 2**31 - 1),
    "double": st.floats(),
    "boolean": st.booleans(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value an Avro type can carry."""
    if isinstance(kind, list):
        return st.one_of(*(values(one) for one in kind if one != "null"), st.none())
    if isinstance(kind, dict):
        if kind["type"] == "enum":
            return st.sampled_from(kind["symbols"])
        return st.lists(values(kind["items"]), max_size=2)
    return SCALARS[kind]


@st.composite
def any_fact(draw: Any) -> Fact:
    """A fact of any folded kind, each field absent, deleted or any value."""
    kind = draw(st.sampled_from(KINDS))
    fields = {field["name"]: field["type"] for field in schema(f"{kind}.v1").document["fields"]}
    body = draw(
        st.fixed_dictionaries(
            {}, optional={name: values(fields[name]) for name in specific_fields(f"{kind}.v1")}
        )
    )
    return Fact(
        id=draw(st.sampled_from(("a", "b", "c", "d", "e", "f", "g", "h"))),
        kind=kind,
        partner=draw(st.sampled_from(("pruh-adt", "hub-list", "x"))),
        key=PERSON,
        local=None,
        thing=draw(st.sampled_from(("t", "row:t", "u", "person", ""))),
        occurred_at=draw(TIMES),
        recorded_at=draw(TIMES),
        received_at=draw(TIMES),
        instance=draw(st.sampled_from(("", "m", "expected"))),
        sequence=draw(st.integers(-1, 3)),
        revision=draw(st.integers(0, 2)),
        tag=draw(st.sampled_from(("", "", "x"))),
        flags=draw(st.sampled_from(((), ("AMBIGUOUS_TIME",), ("withdrawn",)))),
        body=body,
    )


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.lists(any_fact(), max_size=10), st.randoms(use_true_random=False))
def test_any_facts_give_the_same_lines_in_any_order(facts: list[Fact], chance: Any) -> None:
    """Never a raise, always parseable lines, even where one id names two contents."""
    written = lines(
        reduce_person(facts, CONFIG), PERSON, IdentityView(PERSON), CONFIG, now=1_800_000_000_000_000
    )
    views = [json.loads(line)["view"] for line in written]
    assert views == sorted(views)
    chance.shuffle(facts)
    assert (
        lines(reduce_person(facts, CONFIG), PERSON, IdentityView(PERSON), CONFIG, now=1_800_000_000_000_000)
        == written
    )


def test_no_facts_give_a_person_line_only() -> None:
    """Someone known by identity alone."""
    written = lines_of([])
    assert [json.loads(line)["view"] for line in written] == ["person"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_gives_lines(kind: str) -> None:
    """A single fact of each kind with nothing said."""
    alone = Fact("i", kind, "p", PERSON, None, "t", 0, 0, 0)
    assert lines_of([alone])
