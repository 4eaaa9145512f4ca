"""A tag that too many bear proposes nobody, in whatever order they come, and its state stays small."""

from __future__ import annotations

import random

import msgspec
import pytest

from streams.core.config import CoreConfig
from streams.core.identity.matching import MOST_BEARERS
from streams.core.state.codec import Chunks, encode
from streams.core.state.network import Network
from tests.core.identity.histories import fact

TAG = "abc"


def bearer(number: int, tags: tuple[str, ...] = (TAG,)):
    """A record with a stay and its tags."""
    key = f"r{number:03d}"
    return [
        fact(f"stay{number}", "SpellAdmitted", key, number + 1, thing=f"stay{number}", local=key),
        fact(f"tag{number}", "PersonTagged", key, number + 1, local=key, match_tags=list(tags)),
    ]


def shown(facts, seed: int = 0, settle_often: bool = False) -> tuple[dict[str, dict], Network]:
    """Person lines by key once all has settled."""
    network, chance = Network(), random.Random(seed)
    facts = list(facts)
    chance.shuffle(facts)
    for item in facts:
        network.take([item])
        if settle_often:
            network.settle()
    network.settle()
    rows = (msgspec.json.decode(line) for v in network.views(CoreConfig()) for line in v.lines)
    return {row["person_key"]: row for row in rows if row["view"] == "person"}, network


def test_as_many_as_may_be_told_apart_are_proposed_to_each_other() -> None:
    rows, _ = shown(item for n in range(MOST_BEARERS) for item in bearer(n))
    assert {len(row["candidate_links"]) for row in rows.values()} == {MOST_BEARERS - 1}
    assert {tuple(row["flags"]) for row in rows.values()} == {()}


@pytest.mark.parametrize("settle_often", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_one_more_and_nobody_is_proposed_and_each_says_so(seed: int, settle_often: bool) -> None:
    facts = [item for n in range(MOST_BEARERS + 1) for item in bearer(n)]
    rows, _ = shown(facts, seed, settle_often)
    assert {len(row["candidate_links"]) for row in rows.values()} == {0}
    assert {tuple(row["flags"]) for row in rows.values()} == {("match_crowded",)}


@pytest.mark.parametrize("seed", range(4))
def test_what_another_tag_proposes_still_stands(seed: int) -> None:
    facts = [item for n in range(MOST_BEARERS + 1) for item in bearer(n)]
    twins = [*bearer(0, (TAG, "twin")), *bearer(1, (TAG, "twin"))]
    rows, _ = shown([*facts[4:], *twins], seed, settle_often=bool(seed % 2))
    listed = {key: [link["person_key"] for link in row["candidate_links"]] for key, row in rows.items()}
    assert {key: links for key, links in listed.items() if links} == {"r000": ["r001"], "r001": ["r000"]}


def test_four_hundred_bearers_are_small_records_and_each_says_so() -> None:
    rows, network = shown((item for n in range(400) for item in bearer(n)), settle_often=True)
    heads = {key: len(encode(state, Chunks())[0]) for key, state in network.states.items()}
    assert max(heads.values()) < 8 * 1024
    assert {tuple(row["flags"]) for row in rows.values()} == {("match_crowded",)}
