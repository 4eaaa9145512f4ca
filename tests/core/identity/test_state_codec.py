"""A state as records: nothing is lost on the way, chunks stay small, old versions are lifted."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.core.config import CoreConfig
from streams.core.errors import InvariantBroken
from streams.core.identity.exchange import exchange
from streams.core.state import codec as state_codec
from streams.core.state.codec import MOST_BYTES, MOST_FACTS, Chunks, decode, encode, next_due
from streams.core.state.person import PersonState
from streams.core.views.view import look
from tests.core.identity.histories import fact, histories, persons, play


def comparable(state):
    """A state without what is only remembered or not yet written."""
    streams = [(s.id, s.journal.log, s.given) for s in state.streams.values()]
    rest = {
        name: getattr(state, name)
        for name in state.__struct_fields__
        if name not in ("streams", "routes", "fresh", "knowledge", "settled", "grown")
    }
    return streams, rest


def written(state):
    head, chunks = encode(state, Chunks())
    return head, dict(chunks)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.integers(0, 10**6))
def test_every_state_comes_back_as_it_was(facts, seed):
    for state in play(facts, random.Random(seed)).values():
        back, _ = decode(*written(state))
        assert comparable(back) == comparable(state)
        assert look(back, CoreConfig()) == look(state, CoreConfig())
        assert exchange(back) == []


def test_chunks_are_bounded_closed_ones_are_never_written_again():
    state, chunks, records, closed = PersonState("x"), Chunks(), {}, {}
    for i in range(200):
        state.take(fact(f"e{i:03}", "SpellAmended", "x", i, local="x", specialty="s" * (i * 7 % 1500)))
        head, changed = encode(state, chunks)
        for number, chunk in changed:
            assert number not in closed, "a closed chunk was written again"
            records[number] = chunk
        closed = {number: records[number] for number in records if number < max(records)}
        back, _ = decode(head, records)
        assert comparable(back)[0] == comparable(state)[0]
    sizes = [len(chunk) for chunk in records.values()]
    assert max(sizes) <= MOST_BYTES + 8
    assert max(len(state_codec._entries(chunk)) for chunk in records.values()) <= MOST_FACTS
    assert len(records) > 200 // MOST_FACTS
    assert state.packed >= sum(sizes) - 8 * len(sizes)


def test_a_fact_over_the_chunk_size_gets_a_chunk_of_its_own():
    state = PersonState("x")
    for i, size in enumerate((10, 40_000, 10)):
        state.take(fact(f"e{i}", "SpellAmended", "x", i, local="x", specialty="s" * size))
    head, chunks = written(state)
    assert [len(state_codec._entries(chunk)) for _, chunk in sorted(chunks.items())] == [1, 1, 1]
    assert comparable(decode(head, chunks)[0]) == comparable(state)


def test_entries_of_a_flush_that_never_ended_are_left_out_and_overwritten():
    state = PersonState("x")
    state.take(fact("a", "SpellAdmitted", "x", 1, local="x"))
    chunks = Chunks()
    head, first = encode(state, chunks)
    state.take(fact("b", "SpellAdmitted", "x", 2, local="x"))
    _, torn = encode(state, chunks)
    back, open_end = decode(head, dict(first) | dict(torn))
    assert [f.id for s in back.streams.values() for f in s.journal] == ["a"]
    back.take(fact("c", "SpellAdmitted", "x", 3, local="x"))
    again, mended = encode(back, open_end)
    assert [f.id for s in decode(again, dict(mended))[0].streams.values() for f in s.journal] == ["a", "c"]


def test_a_missing_chunk_is_our_bug_and_said():
    state = PersonState("x")
    state.take(fact("a", "SpellAdmitted", "x", 1, local="x"))
    head, _ = written(state)
    with pytest.raises(InvariantBroken):
        decode(head, {})


def test_the_due_time_is_read_without_decoding():
    head, _ = encode(PersonState("x"), Chunks(), next_due=1_790_000_000_000_000)
    assert next_due(head) == 1_790_000_000_000_000


def test_an_older_version_is_lifted_step_by_step(monkeypatch):
    state = PersonState("x")
    state.take(fact("a", "SpellAdmitted", "x", 1, local="x"))
    head, chunks = written(state)
    monkeypatch.setattr(state_codec, "VERSION", 3)
    monkeypatch.setattr(
        state_codec,
        "HEADS",
        {1: lambda raw: [raw[0] + "2", *raw[1:]], 2: lambda raw: [raw[0] + "3", *raw[1:]]},
    )
    monkeypatch.setattr(
        state_codec, "CHUNKS", {1: lambda entry: entry, 2: lambda entry: [entry[0], ["b", *entry[1][1:]]]}
    )
    back, _ = decode(head, chunks)
    assert back.key == "x23"
    assert [f.id for s in back.streams.values() for f in s.journal] == ["b"]


@pytest.mark.parametrize("version", [0, 2])
def test_a_version_nobody_can_read_is_refused(version):
    head, chunks = written(PersonState("x"))
    with pytest.raises(InvariantBroken):
        decode(bytes((version,)) + head[1:], chunks)


def test_persons_survive_a_trip_through_records():
    facts = [
        fact("e", "SpellAdmitted", "N1", 1, local="x"),
        fact("l", "PersonsLinked", "x", 1, local="x", target_key="N1", basis="number"),
    ]
    states = play(facts, random.Random(1))
    assert persons({key: decode(*written(state))[0] for key, state in states.items()}) == {"N1": {"e"}}
