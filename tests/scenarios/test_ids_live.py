"""An id used twice, as a running connector meets it: whatever order the messages come in, the fold shows what
a replay of them all shows.
"""

from __future__ import annotations

import itertools

import pytest

from cli.replay.export import person_lines
from cli.replay.intake import facts_of
from connectors.pipeline import Pipeline
from schemas.reasons import Reason
from streams.core.state.network import Network
from tests.scenarios.playing import Play, without_clock
from tests.scenarios.scenario import KEYS, load

TOLD = load("id_used_twice")


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_live_shows_what_a_replay_shows(order: tuple[int, ...]) -> None:
    live, network = Pipeline(TOLD.place, "pruh-adt", KEYS), Network()
    seen = TOLD.intake().looked(TOLD.messages)
    for number in order:
        network.take(facts_of(live.process(seen[number].sourced.raw).events, identifiable=False))
    network.settle()
    lines = sorted(without_clock(line.encode()) for line in person_lines(network, TOLD.place))
    assert tuple(lines) == Play(TOLD).lines((0, 1, 2))
    assert sum(b'"flags":["%s"]' % Reason.ID_REUSED.encode() in line for line in lines) == 2
