"""Who is proposed, what a human said of it, and what stays restricted (design.md §5).
"""

from __future__ import annotations

from streams.core.config import CoreConfig
from streams.core.state.publish import publish
from tests.core.identity.histories import fact
from tests.core.identity.people import (
    CARE,
    care,
    decide,
    in_every_order,
    link,
    person_line,
    settled,
)


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
