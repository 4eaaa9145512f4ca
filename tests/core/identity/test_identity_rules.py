"""The decided rules of identity, one by one and in every order of their facts.
"""

from __future__ import annotations

from tests.core.identity.histories import fact
from tests.core.identity.people import (
    care,
    decide,
    in_every_order,
    link,
    person_line,
    settled,
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
