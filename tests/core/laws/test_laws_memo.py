"""The remembered look is the plain look: for any history, in any batches, at every step."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.identity.exchange import exchange
from streams.core.state.memo import Memo
from streams.core.state.network import Network
from streams.core.state.person import PersonState
from streams.core.state.publish import publish
from streams.core.views.view import look
from tests.core.identity.histories import histories as linked
from tests.core.laws.histories import histories, requeued, resent, tagged
from tests.core.story import CONFIG, HOUR

LAW = settings(max_examples=150, deadline=None)


def batches(facts: list[Fact], chance: random.Random) -> list[list[Fact]]:
    """Cut a shuffled history at random places."""
    facts = list(facts)
    chance.shuffle(facts)
    out: list[list[Fact]] = [[]]
    for one in facts:
        if chance.random() < 0.5:
            out.append([])
        out[-1].append(one)
    return out


@pytest.mark.slow
@LAW
@given(histories(filings=True), st.randoms(use_true_random=False))
def test_a_remembered_look_is_the_plain_look_after_every_batch(
    facts: list[Fact], chance: random.Random
) -> None:
    """Re-sends, re-queues and withdrawals among the facts make no difference."""
    facts = [tagged(one) if chance.random() < 0.5 else one for one in facts]
    facts += [resent(one, HOUR) for one in facts if chance.random() < 0.2]
    facts += [requeued(one, HOUR) for one in facts if chance.random() < 0.2]
    state, memo = PersonState(facts[0].key), Memo()
    for batch in batches(facts, chance):
        for one in batch:
            state.take(one)
        exchange(state)
        assert memo.look(state, CONFIG) == look(state, CONFIG)
        assert memo.look(state, CONFIG) == look(state, CONFIG)


@pytest.mark.slow
@LAW
@given(linked(), st.randoms(use_true_random=False))
def test_links_and_forwards_in_any_batches_leave_nothing_stale(
    facts: list[Fact], chance: random.Random
) -> None:
    """Keys that are linked, unlinked, merged in cycles and flagged, each with its memo."""
    network = Network()
    memos: dict[str, Memo] = {}
    for batch in batches(facts, chance):
        network.take(batch)
        if chance.random() < 0.7:
            network.settle()
        for key, state in sorted(network.states.items()):
            memo = memos.setdefault(key, Memo())
            plain = look(state, CoreConfig())
            assert memo.look(state, CoreConfig()) == plain
            if chance.random() < 0.5:
                owed = publish(state, CoreConfig(), memo=memo)
                for to, message in owed.messages:
                    network.state(to).receive(message)
                assert memo.look(state, CoreConfig()) == look(state, CoreConfig())


@LAW
@given(linked(), st.integers(0, 10**6))
def test_a_settled_key_owes_nothing_that_a_full_exchange_would_add(facts: list[Fact], seed: int) -> None:
    """Whatever the short exchange leaves out, the full one has nothing to say of either."""
    network, chance = Network(), random.Random(seed)
    for batch in batches(facts, chance):
        network.take(batch)
        network.settle()
    for state in network.states.values():
        state.knowledge, state.routes = state.knowledge + 1, None
        assert exchange(state) == []
