"""Law 7: what is kept of a person shrinks, what is shown does not change, whatever comes later (design.md
§4).
"""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import ContractViolation
from schemas.fact import Fact
from streams.core.identity.exchange import exchange
from streams.core.state.codec import Chunks, decode, encode
from streams.core.state.compaction import compact
from streams.core.state.network import Network
from streams.core.state.person import PersonState, sealed_since
from streams.core.state.publish import publish
from streams.core.state.sealing import WORK, least, seal
from streams.core.views.view import look
from tests.core.laws.histories import (
    OTHER_SPELL,
    amendment_fact,
    filing_fact,
    histories,
    hospital_fact,
    requeued,
    resent,
    tagged,
    unique,
)
from tests.core.story import CONFIG, DAY, HOUR, PERSON, SPELL, at, fact

LAW = settings(max_examples=100, deadline=None)
NOW = at("12 00:00")
PLACE = msgspec.structs.replace(CONFIG, retraction_us=DAY, horizon_us=2 * DAY)
"""Everything a history says came more than this before NOW."""
ENDED = at("13 00:00")
"""Nothing admissible can be about what a history tells any more."""


def state_of(facts: list[Fact]) -> PersonState:
    """A key that holds these facts and owes nothing."""
    state = PersonState(facts[0].key)
    for one in facts:
        state.take(one)
    exchange(state)
    return state


def later(facts: list[Fact]) -> list[Fact]:
    """Facts of a history as they come after NOW, however long ago they happened and were recorded."""
    return [msgspec.structs.replace(one, id=one.id[:-4] + "1a7e", received_at=NOW + HOUR) for one in facts]


def amendments(count: int) -> st.SearchStrategy[list[Fact]]:
    """Hospital facts, most of them amendments: what compaction looks at."""
    some = st.one_of(amendment_fact(), amendment_fact(), hospital_fact())
    return st.lists(some, min_size=2, max_size=count).map(unique)


histories_to_compact = st.tuples(histories(max_size=8, filings=True), amendments(8)).map(
    lambda parts: unique([*parts[0], *parts[1]])
)


@pytest.mark.slow
@LAW
@given(histories_to_compact, histories(filings=True), st.randoms(use_true_random=False))
def test_compacted_amendments_show_the_same_whatever_comes_later(
    early: list[Fact], late: list[Fact], chance: random.Random
) -> None:
    """Late cancels, corrections, deletions, merges; what was held comes again, under its id or another."""
    early = [tagged(one) if chance.random() < 0.5 else one for one in early]
    kept, small = state_of(early), state_of(early)
    compact(small, NOW, PLACE)
    assert look(small, PLACE) == look(kept, PLACE)
    again = [resent(one, 3 * DAY) for one in early if chance.random() < 0.3]
    again += [requeued(one, 3 * DAY) for one in early if one.tag and chance.random() < 0.3]
    late = [*later(late), *again]
    chance.shuffle(late)
    for one in late:
        kept.take(one)
        small.take(one)
        exchange(kept)
        exchange(small)
        assert look(small, PLACE) == look(kept, PLACE)
    compact(small, NOW + 2 * DAY, PLACE)
    assert look(small, PLACE) == look(kept, PLACE)


def test_what_histories_are_made_of_stays() -> None:
    """A late word between two equal ones makes the second a change: of such fields none may go."""
    between = {"medically_fit": ("N", "Y"), "expected_discharge_at": (at("11 10:00"), at("11 18:00"))}
    for field, (one, other) in between.items():
        early = [fact("SpellAmended", f"9 1{hour}:00", **{field: one}) for hour in range(3)]
        late = fact("SpellAmended", "9 11:30", received=NOW + HOUR, **{field: other})
        kept, small = state_of([*early]), state_of([*early])
        compact(small, NOW, PLACE)
        for state in (kept, small):
            state.take(late)
            exchange(state)
        assert look(small, PLACE) == look(kept, PLACE)


def shown(state: PersonState) -> object:
    """What readers and recipients get of a state."""
    sight = look(state, PLACE)
    return sight.view, sight.owed


def published(facts: list[Fact]) -> PersonState:
    """A key whose view is out."""
    state = PersonState(facts[0].key)
    for one in facts:
        state.take(one)
    publish(state, PLACE)
    return state


def afresh(facts: list[Fact], chance: random.Random) -> list[Fact]:
    """Facts as they happen after ENDED, half of them on things nobody knew before."""
    shift = ENDED - at("9 00:00")
    return [
        msgspec.structs.replace(
            one, id=one.id[:-4] + "f4e5", thing=one.thing + "-2" if chance.random() < 0.5 else one.thing,
            occurred_at=one.occurred_at + shift, recorded_at=one.recorded_at + shift,
            received_at=one.received_at + shift,
        )
        for one in facts
    ]  # fmt: skip


GONE_HOME = [
    fact(kind, when, thing=thing, place="M4^A^1", patient_class="I", discharge_method="1")
    for thing in (SPELL, OTHER_SPELL)
    for kind, when in (("SpellAdmitted", "9 08:00"), ("SpellDischarged", "9 18:30"))
]
ended = st.tuples(amendments(6), st.lists(filing_fact(), max_size=1), histories(max_size=6)).map(
    lambda parts: unique([*GONE_HOME, *parts[0], *parts[1], *parts[2]])
)
"""Two stays that mostly are over."""


@pytest.mark.slow
@LAW
@given(ended, histories(filings=True), st.randoms(use_true_random=False))
def test_a_sealed_thing_shows_the_same_and_takes_nothing_more(
    early: list[Fact], late: list[Fact], chance: random.Random
) -> None:
    """Whatever happens to the person afterwards; what names the sealed thing is refused, without a trace."""
    kept, small = published(early), published(early)
    seal(small, ENDED, PLACE)
    assert shown(small) == shown(kept)
    again = PersonState(small.key)
    for one in chance.sample(early, len(early)):
        again.take(one)
    publish(again, PLACE)
    seal(again, ENDED, PLACE)
    assert summary(again) == summary(small)
    for one in [*afresh(late, chance), *(resent(one, HOUR) for one in early)]:
        if sealed_since(small.sealed, one) is None:
            kept.take(one)
            small.take(one)
        elif one.received_at > ENDED:
            with pytest.raises(ContractViolation, match="TARGET_SEALED"):
                small.take(one)
        else:
            assert not small.take(one)
        exchange(kept)
        exchange(small)
        assert shown(small) == shown(kept)


def summary(state: PersonState) -> set[str]:
    """The facts a state holds."""
    return {one.id for stream in state.streams.values() for one in stream.journal}


STAY = [
    fact("SpellAdmitted", "9 10:00", place="M4^A^1", patient_class="I", visit_number="V1"),
    *(fact("SpellAmended", f"9 1{n}:30", visit_number="V1", specialty="300") for n in range(9)),
    fact("SpellTransferred", "9 12:00", place="M5^B^2", prior="M4^A^1", instance="x"),
    fact("SpellDischarged", "10 14:00", place="M5^B^2", discharge_method="1"),
    fact("TaskRequested", "9 12:00", partner="hub-list", thing="t1", task_kind="equipment"),
    fact("TaskAcknowledged", "9 13:00", partner="hub-list", thing="t1"),
    fact("TaskCompleted", "9 14:00", partner="hub-list", thing="t1"),
]


def test_a_stay_and_its_task_are_sealed_once_nothing_can_reach_them() -> None:
    """The nine amendments that say the same are gone; not a moment before the horizon has passed."""
    state = published(STAY)
    assert seal(state, at("12 13:59"), PLACE) == at("12 14:00") + 1
    assert state.sealed.keys() == {"t1"}
    seal(state, at("12 14:00") + 1, PLACE)
    assert state.sealed.keys() == {"t1", STAY[0].thing}
    kinds = [one.kind for one in state.streams[next(iter(state.streams))].journal]
    assert kinds.count("SpellAmended") <= 1
    assert {"SpellAdmitted", "SpellTransferred", "SpellDischarged", "TaskCompleted"} <= set(kinds)
    head, chunks = encode(state, Chunks())
    read, _ = decode(head, dict(chunks))
    assert (look(read, PLACE), read.sealed) == (look(state, PLACE), state.sealed)


def test_what_is_open_or_has_to_be_taken_back_is_not_sealed() -> None:
    """An open stay, an open task about a stay, a stay that was told and then undone."""
    assert not sealed_of(STAY[:-4])
    open_task = fact("TaskRequested", "9 12:00", partner="hub-list", thing="t2", spell_id=STAY[0].thing)
    assert sealed_of([*STAY, open_task]) == {"t1"}
    told = fact(
        "NoticeSent", "10 15:00", partner="homeward", thing="n1", recipient="gp", fact="discharged",
        about=STAY[0].thing, fact_id=f"pruh-adt/{STAY[0].thing}/SpellDischarged/0",
    )  # fmt: skip
    undone = fact("SpellAdmissionCancelled", "10 16:00"), fact("SpellDischargeCancelled", "10 16:00")
    assert sealed_of([*STAY, told, *undone]) == {"t1"}


def test_stays_that_were_merged_or_moved_are_not_sealed() -> None:
    """What is made of them looks into the facts of both."""
    for filing in (
        fact("SpellMerged", "10 15:00", thing=OTHER_SPELL, into_spell=SPELL),
        fact("SpellReassigned", "10 15:00", source_key="p1:" + "B" * 26, target_key=PERSON),
    ):
        assert SPELL in sealed_of(STAY)
        assert SPELL not in sealed_of([*STAY, filing])


def sealed_of(facts: list[Fact]) -> set[str]:
    """What of a history is sealed long after."""
    state = published(facts)
    seal(state, ENDED + 9 * DAY, PLACE)
    return set(state.sealed)


def test_a_summary_goes_with_its_record_to_another_person() -> None:
    """A wrong number put right long after: the other person has the stay as it was."""
    shown_at = []
    for sealed in (False, True):
        network = Network()
        network.take(msgspec.structs.replace(one, local="x") for one in STAY)
        network.take([_link("9 09:00", PERSON)])
        network.settle()
        holder = network.state(PERSON)
        holder.shown.status = "alive"  # as its view was published
        if sealed:
            seal(holder, ENDED, PLACE)
            assert SPELL in holder.sealed
        network.take([_link("14 09:00", "N2")])
        network.settle()
        shown_at.append([(view.person_key, view.status, view.lines) for view in network.views(PLACE)])
    assert shown_at[0] == shown_at[1]
    assert any(key == "N2" and len(lines) > 1 for key, _, lines in shown_at[0])


def _link(when: str, target: str) -> Fact:
    link = fact("PersonsLinked", when, thing="person", source_key="x", target_key=target, basis="number")
    return msgspec.structs.replace(link, key="x", local="x")


def test_sealing_a_thing_of_thousands_of_facts_that_all_differ_ends() -> None:
    """Then they all stay."""
    seen: list[int] = []
    facts = [fact("SpellAmended", at("9 08:00") + n, visit_number="V1") for n in range(3_000)]
    kept = least(facts, lambda some: (seen.append(len(some)), len(some))[1])
    assert len(kept) == len(facts)
    assert sum(seen) < 2 * WORK
