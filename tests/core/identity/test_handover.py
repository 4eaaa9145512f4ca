"""Handover, parking and republishing: what a key shows while its facts are on their way, or cannot be read.
"""

from __future__ import annotations

import msgspec

from streams.core.config import CoreConfig
from streams.core.identity.messages import Receipt
from streams.core.reduce import reduce_person
from streams.core.state.network import Network
from streams.core.state.person import PersonState
from streams.core.state.publish import publish
from streams.core.views.view import MOST_BYTES
from tests.core.identity.histories import fact

CONFIG = CoreConfig()


def care(ident, key="x", at=1, **fields):
    return fact(ident, "SpellAdmitted", key, at, local=key, thing="s1", **fields)


def link(target, at, ident="l", basis="merge"):
    return fact(ident, "PersonsLinked", "x", at, local="x", target_key=target, basis=basis)


def broken(facts, config):
    raise KeyError("impossible")


class Pair:
    """Two keys whose messages we carry by hand."""

    def __init__(self):
        self.states = {key: PersonState(key) for key in ("x", "y", "z")}

    def publish(self, key):
        out = publish(self.states[key], CONFIG)
        return out.view, out.messages

    def carry(self, messages):
        for to, message in messages:
            self.states[to].receive(message)


class TestHandover:
    """The retired key's view stays until the survivor has the facts."""

    def test_moving_until_the_receipt_then_a_stub_that_names_the_next_hop(self):
        pair = Pair()
        pair.states["x"].take(care("e"))
        view, _ = pair.publish("x")
        alive = view.lines
        pair.states["x"].take(link("y", 2))
        view, sent = pair.publish("x")
        assert (view.status, view.merged_into, view.lines) == ("moving", None, alive)
        pair.carry(sent)
        view, answers = pair.publish("y")
        assert view.status == "alive"
        assert [to for to, m in answers if isinstance(m, Receipt)] == ["x"]
        pair.carry(answers)
        view, _ = pair.publish("x")
        assert (view.status, view.merged_into) == ("merged", "y")
        assert len(view.lines) == 1
        assert msgspec.json.decode(view.lines[0])["merged_into"] == "y"

    def test_a_receipt_for_fewer_facts_is_not_enough(self):
        state = PersonState("x")
        state.take(care("e"))
        publish(state, CONFIG)
        state.take(link("y", 2))
        publish(state, CONFIG)
        state.receive(Receipt("y", 0))
        assert publish(state, CONFIG).view is None
        state.receive(Receipt("y", 1))
        assert publish(state, CONFIG).view.status == "merged"

    def test_a_late_fact_of_a_stub_is_passed_on_without_moving_again(self):
        pair = Pair()
        pair.states["x"].take(link("y", 2))
        view, _ = pair.publish("x")
        assert view.status == "merged"
        pair.states["x"].receive(Receipt("y", 0))
        pair.states["x"].take(care("late", at=3))
        view, sent = pair.publish("x")
        assert view is None
        assert "y" in [to for to, _ in sent]

    def test_pointing_elsewhere_moves_again(self):
        pair = Pair()
        pair.states["x"].take(care("e"))
        pair.publish("x")
        for target, at in (("y", 2), ("z", 3)):
            pair.states["x"].take(link(target, at, f"l{at}"))
            view, sent = pair.publish("x")
            assert view.status == "moving"
            pair.carry(sent)
            pair.carry(pair.publish(target)[1])
            view, sent = pair.publish("x")
            assert (view.status, view.merged_into) == ("merged", target)
            pair.carry(sent)
        assert publish(pair.states["y"], CONFIG).tombstone

    def test_an_unlink_brings_the_person_back(self):
        state = PersonState("x")
        state.take(care("e"))
        state.take(link("y", 2))
        publish(state, CONFIG)
        state.take(link(None, 3, "u", "unlink"))
        assert publish(state, CONFIG).view.status == "alive"


class TestLaw8:
    """Whatever one person's facts break parks that person and loses nothing."""

    def test_a_person_that_does_not_reduce_is_parked_and_the_next_success_unparks(self):
        state = PersonState("x")
        state.take(care("e", at=1_700_000_000_000_000))
        good = publish(state, CONFIG).view
        for i in range(3):
            state.take(care(f"more{i}", at=1_700_000_000_000_001 + i))
            parked = publish(state, CONFIG, broken)
            line = msgspec.json.decode(parked.view.lines[0])
            assert (parked.view.status, line["state"], line["unread"]) == ("parked", "parked", i + 1)
            assert line["frozen_since"] == "2023-11-14T22:13:20Z"
        back = publish(state, CONFIG).view
        assert back.status == "alive"
        assert back.received_through > good.received_through
        assert len(next(iter(state.streams.values())).journal) == 4

    def test_a_hop_that_is_next_again_confirms_what_came_since(self):
        facts = [
            fact("e1", "SpellAdmitted", "x", 1, thing="e1", local="x"),
            fact("a", "PersonsLinked", "x", 1, local="x", target_key="y", basis="merge"),
            fact("e2", "SpellAdmitted", "x", 2, thing="e2", local="x"),
            fact("b", "PersonsLinked", "x", 3, local="x", target_key="z", basis="merge"),
            fact("c", "PersonsLinked", "x", 4, local="x", target_key="z", basis="unlink"),
        ]
        network = Network()
        for item in facts:
            network.take([item])
            network.settle()
        assert network.states["x"].handed_to == "y"

    def test_a_state_over_the_cap_is_parked_and_keeps_growing(self):
        state = PersonState("x")
        state.packed = MOST_BYTES + 1
        state.take(care("e"))
        view = publish(state, CONFIG).view
        assert msgspec.json.decode(view.lines[0])["reason"] == "STATE_TOO_LARGE"
        state.take(care("f"))
        assert len(next(iter(state.streams.values())).journal) == 2

    def test_the_text_of_the_failure_is_nowhere(self):
        state = PersonState("x")
        state.take(care("e"))
        assert b"impossible" not in publish(state, CONFIG, broken).view.lines[0]


class TestPublishing:
    """Outputs are a function of the state; unchanged state emits nothing."""

    def test_a_second_publish_says_nothing(self):
        state = PersonState("x")
        state.take(care("e"))
        state.take(link("y", 2))
        publish(state, CONFIG)
        again = publish(state, CONFIG)
        assert (again.messages, again.view, again.tombstone, again.owed) == ([], None, False, ())

    def test_being_heard_from_again_is_no_news(self):
        state = PersonState("x")
        state.take(care("e", tag="t"))
        publish(state, CONFIG)
        assert not state.take(care("re-queued", at=9, tag="t"))
        assert publish(state, CONFIG).view is None

    def test_a_total_publish_says_everything_again(self):
        state = PersonState("x")
        state.take(care("e"))
        state.take(link("y", 2))
        state.take(fact("f", "PersonFlagged", "x", 1, local="x", restricted=True))
        state.take(fact("t", "PersonTagged", "x", 1, local="x", match_tags=["abc"]))
        first = publish(state, CONFIG)
        again = publish(state, CONFIG, reduce_person, total=True)
        assert sorted(map(repr, again.messages)) == sorted(map(repr, first.messages))
        assert again.view == first.view
        assert publish(state, CONFIG).messages == []
