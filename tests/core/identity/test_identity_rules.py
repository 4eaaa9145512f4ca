"""The decided rules of identity, one by one and in every order of their facts."""

from __future__ import annotations

from itertools import permutations

from streams.core.config import CoreConfig
from streams.core.network import Network
from streams.core.publish import publish
from tests.core.identity.histories import fact, persons

CARE = {"dob_tag": "d1", "number_rank": 3}


def care(ident, key, at=1, **fields):
    return fact(ident, "SpellAdmitted", key, at, thing=ident, **fields)


def link(ident, source, target, basis, at):
    return fact(ident, "PersonsLinked", source, at, local=source, target_key=target, basis=basis)


def decide(ident, one, other, word, at, survivor=None):
    """A decision is published under both keys."""
    return [
        fact(f"{ident}{a}", "MatchDecided", a, at, other_key=b, decision=word, survivor_key=survivor)
        for a, b in ((one, other), (other, one))
    ]


def settled(facts):
    network = Network()
    for item in facts:
        network.take([item])
        network.settle()
    return network


def in_every_order(facts, most=120):
    """Persons and candidates after each order; the orders must agree."""
    outcomes = []
    orders = list(permutations(facts))
    for order in orders[:: len(orders) // most + 1]:
        network = settled(order)
        outcomes.append((persons(network.states), list(network.views(CoreConfig()))))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    return outcomes[0]


def person_line(views, key):
    return next(
        line.decode()
        for view in views
        if view.person_key == key
        for line in view.lines
        if b'"view":"person"' in line
    )


class TestLinks:
    """Classes of links: human > merge > number."""

    def test_a_late_number_link_does_not_undo_a_merge(self):
        found, _ = in_every_order(
            [care("e", "x", local="x"), link("a", "x", "y", "merge", 1), link("n", "x", "N1", "number", 9)]
        )
        assert found == {"y": {"e"}}

    def test_an_unlink_falls_back_to_the_number(self):
        facts = [
            care("e", "x", local="x"),
            link("n", "x", "N1", "number", 1),
            link("a", "x", "y", "merge", 2),
            link("u", "x", None, "unlink", 3),
        ]
        assert in_every_order(facts)[0] == {"N1": {"e"}}

    def test_a_merge_after_an_unlink_holds_again(self):
        facts = [
            care("e", "x", local="x"),
            link("a", "x", "y", "merge", 1),
            link("u", "x", None, "unlink", 2),
            link("b", "x", "y", "merge", 3),
        ]
        assert in_every_order(facts)[0] == {"y": {"e"}}

    def test_the_newest_link_names_the_survivor_of_a_cycle(self):
        facts = [
            care("ex", "x", local="x"),
            care("ey", "y", local="y"),
            link("a", "x", "y", "merge", 1),
            link("b", "y", "x", "merge", 2),
            link("c", "x", "y", "merge", 3),
        ]
        assert in_every_order(facts)[0] == {"y": {"ex", "ey"}}

    def test_a_wrong_number_takes_its_facts_along_when_it_is_corrected(self):
        facts = [
            care("wrong", "N1", local="x"),
            care("right", "N2", 2, local="x"),
            care("other", "N1", local="z"),
            link("a", "x", "N1", "number", 1),
            link("b", "x", "N2", "number", 2),
        ]
        assert in_every_order(facts)[0] == {"N2": {"wrong", "right"}, "N1": {"other"}}

    def test_a_record_merged_into_itself_or_by_an_unknown_basis_stays_alone(self):
        facts = [
            care("e", "x", local="x"),
            link("a", "x", "x", "merge", 1),
            link("b", "x", "y", "UNKNOWN", 2),
        ]
        assert in_every_order(facts)[0] == {"x": {"e"}}

    def test_a_translation_that_no_longer_says_so_takes_the_link_back(self):
        gone = fact(
            "a",
            "PersonsLinked",
            "x",
            1,
            local="x",
            target_key="y",
            basis="merge",
            revision=2,
            flags=("withdrawn",),
        )
        assert in_every_order([care("e", "x", local="x"), link("a", "x", "y", "merge", 1), gone])[0] == {
            "x": {"e"}
        }

    def test_asserting_the_same_link_again_sends_nothing(self):
        network = settled([care("e", "N1", local="x"), link("a", "x", "N1", "number", 1)])
        said = network.messages
        network.take([link(f"again{i}", "x", "N1", "number", 2 + i) for i in range(5)])
        network.settle()
        assert network.messages == said


class TestDatesOfBirth:
    """Who may stay under a number is decided from the set."""

    def test_a_weaker_record_that_disagrees_goes_back_and_is_listed_on_both_sides(self):
        facts = [
            care("a", "N1", local="x", dob_tag="d1", number_rank=3),
            care("b", "N1", local="z", dob_tag="d2", number_rank=2),
            link("n", "z", "N1", "number", 1),
        ]
        found, views = in_every_order(facts)
        assert found == {"N1": {"a"}, "z": {"b"}}
        assert '"person_key":"z","reason":"dob_mismatch","score":0.5,"state":"proposed"' in person_line(
            views, "N1"
        )
        assert '"person_key":"N1","reason":"dob_mismatch","score":0.5,"state":"proposed"' in person_line(
            views, "z"
        )

    def test_where_the_strongest_disagree_nobody_joins(self):
        facts = [
            care("a", "N1", local="x", dob_tag="d1", number_rank=3),
            care("b", "N1", local="y", dob_tag="d2", number_rank=3),
            care("c", "N1", local="z", number_rank=2),
        ]
        assert in_every_order(facts)[0] == {"x": {"a"}, "y": {"b"}, "z": {"c"}}

    def test_a_record_without_a_date_agrees_with_anybody(self):
        facts = [
            care("a", "N1", local="x", dob_tag="d1", number_rank=3),
            care("b", "N1", local="y", number_rank=2),
        ]
        assert in_every_order(facts)[0] == {"N1": {"a", "b"}}

    def test_a_corrected_date_brings_the_record_back(self):
        facts = [
            care("a", "N1", local="x", dob_tag="d1", number_rank=3),
            care("b", "N1", 1, local="y", dob_tag="d2", number_rank=2),
            care("c", "N1", 2, local="y", dob_tag="d1", number_rank=2),
        ]
        assert in_every_order(facts)[0] == {"N1": {"a", "b", "c"}}

    def test_a_wrong_number_once_corrected_no_longer_keeps_its_owner_out(self):
        facts = [
            care("own", "N1", local="x", dob_tag="d1", number_rank=3),
            care("bad", "N1", local="y", dob_tag="d2", number_rank=3),
            link("l1", "y", "N1", "number", 1),
            link("l2", "y", "N2", "number", 2),
        ]
        assert in_every_order(facts)[0] == {"N1": {"own"}, "N2": {"bad"}}

    def test_a_human_may_join_what_the_dates_keep_apart(self):
        facts = [
            care("a", "N1", local="x", dob_tag="d1", number_rank=3),
            care("b", "N1", local="z", dob_tag="d2", number_rank=2),
            *decide("m", "z", "N1", "same", 5, survivor="N1"),
        ]
        found, views = in_every_order(facts)
        assert found == {"N1": {"a", "b"}}
        assert '"person_key":"z","reason":"dob_mismatch","score":0.5,"state":"joined"' in person_line(
            views, "N1"
        )

    def test_facts_with_the_number_alone_cannot_leave_so_the_others_do(self):
        facts = [
            care("a", "N1", local="x", dob_tag="d1", number_rank=3),
            care("b", "N1", dob_tag="d2", number_rank=2),
        ]
        assert in_every_order(facts)[0] == {"x": {"a"}, "N1": {"b"}}


class TestHumans:
    """Decisions are events, can be undone, and outlive re-sends."""

    def test_not_the_same_outlives_every_re_send_of_the_link(self):
        facts = [
            care("e", "N1", local="x"),
            link("a", "x", "N1", "number", 1),
            *decide("m", "x", "N1", "not_same", 2),
            link("b", "x", "N1", "number", 9),
        ]
        assert in_every_order(facts)[0] == {"x": {"e"}}

    def test_a_decision_undone_is_no_decision(self):
        undone = [fact(f"u{a}", "MatchUndone", a, 4, other_key=b) for a, b in (("x", "y"), ("y", "x"))]
        facts = [care("e", "x", local="x"), *decide("m", "x", "y", "same", 2, survivor="y"), *undone]
        assert in_every_order(facts)[0] == {"x": {"e"}}

    def test_unsure_changes_nothing(self):
        facts = [
            care("e", "x", local="x"),
            *decide("m", "x", "y", "same", 2, survivor="y"),
            *decide("n", "x", "y", "unsure", 3),
        ]
        assert in_every_order(facts)[0] == {"y": {"e"}}


class TestCandidates:
    """Weak evidence proposes, never joins."""

    TAGGED = (
        fact("tx", "PersonTagged", "x", 1, local="x", match_tags=["abc"]),
        fact("ty", "PersonTagged", "y", 1, local="y", match_tags=["abc"]),
    )

    def test_equal_name_birth_and_postcode_propose_on_both_sides_and_join_nobody(self):
        found, views = in_every_order([*self.TAGGED, care("ex", "x", local="x"), care("ey", "y", local="y")])
        assert found == {"x": {"ex"}, "y": {"ey"}}
        for one, other in (("x", "y"), ("y", "x")):
            assert (
                f'"person_key":"{other}","reason":"name_dob_postcode","score":0.9,"state":"proposed"'
                in person_line(views, one)
            )

    def test_a_human_yes_joins_and_stays_listed_so_that_it_can_be_undone(self):
        found, views = in_every_order(
            [*self.TAGGED, care("ex", "x", local="x"), *decide("m", "x", "y", "same", 2, survivor="y")]
        )
        assert found == {"y": {"ex"}}
        assert '"person_key":"x","reason":"name_dob_postcode","score":0.9,"state":"joined"' in person_line(
            views, "y"
        )

    def test_a_human_no_is_listed_as_such(self):
        _, views = in_every_order([*self.TAGGED, *decide("m", "x", "y", "not_same", 2)])
        assert '"person_key":"y","reason":"name_dob_postcode","score":0.9,"state":"not_same"' in person_line(
            views, "x"
        )

    def test_a_pair_that_joined_by_its_numbers_is_hidden(self):
        facts = [*self.TAGGED, link("a", "x", "N1", "number", 1), link("b", "y", "N1", "number", 1)]
        _, views = in_every_order(facts)
        assert '"candidate_links":[]' in person_line(views, "N1")

    def test_the_candidate_of_a_retired_record_is_listed_by_its_survivor_under_the_others_survivor(self):
        facts = [*self.TAGGED, link("a", "x", "N1", "merge", 1), link("b", "y", "N2", "merge", 1)]
        _, views = in_every_order(facts)
        assert '"person_key":"N2","reason":"name_dob_postcode"' in person_line(views, "N1")
        assert '"person_key":"N1","reason":"name_dob_postcode"' in person_line(views, "N2")

    def test_an_unverified_number_proposes_its_owner(self):
        facts = [
            fact("t", "PersonTagged", "y", 1, local="y", unverified_number_key="N1"),
            care("e", "N1", local="x", **CARE),
        ]
        found, views = in_every_order(facts)
        assert found == {"N1": {"e"}}
        assert '"person_key":"N1","reason":"unverified_number","score":0.8,"state":"proposed"' in person_line(
            views, "y"
        )
        assert '"person_key":"y","reason":"unverified_number","score":0.8,"state":"proposed"' in person_line(
            views, "N1"
        )


class TestRestriction:
    """The OR over everything held; an unlink takes nothing off either side."""

    def test_a_restriction_stays_on_both_sides_of_a_link_that_was_taken_back(self):
        facts = [
            fact("f", "PersonFlagged", "x", 1, local="x", restricted=True),
            care("e", "y", local="y"),
            link("a", "x", "y", "merge", 2),
            link("u", "x", None, "unlink", 3),
        ]
        _, views = in_every_order(facts)
        assert '"restricted":true' in person_line(views, "x")
        assert '"restricted":true' in person_line(views, "y")

    def test_it_reaches_the_survivor_before_any_fact_does(self):
        network = settled(
            [fact("f", "PersonFlagged", "x", 1, local="x", restricted=True), care("e", "x", local="x")]
        )
        network.take([link("a", "x", "y", "merge", 2)])
        order = [
            type(m).__name__ for to, m in publish(network.states["x"], CoreConfig()).messages if to == "y"
        ]
        assert order.index("Restrict") < order.index("Links") < order.index("Contribute")

    def test_a_human_clears_it_for_one_key_alone(self):
        cleared = fact("c", "PersonFlagged", "y", 5, restricted=False, flags=("CLEARED_BY_HUMAN",))
        facts = [
            fact("f", "PersonFlagged", "x", 1, local="x", restricted=True),
            care("e", "y", local="y"),
            link("a", "x", "y", "merge", 2),
            link("u", "x", None, "unlink", 3),
            cleared,
        ]
        _, views = in_every_order(facts)
        assert '"restricted":true' in person_line(views, "x")
        assert '"restricted":false' in person_line(views, "y")

    def test_the_records_own_newer_word_takes_it_off_everywhere(self):
        facts = [
            fact("f", "PersonFlagged", "x", 1, local="x", restricted=True),
            care("e", "y", local="y"),
            link("a", "x", "y", "merge", 2),
            fact("g", "PersonFlagged", "x", 3, local="x", restricted=False),
        ]
        _, views = in_every_order(facts)
        assert '"restricted":false' in person_line(views, "y")
