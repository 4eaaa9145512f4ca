"""Where the person was, and which assertion a cancel takes back, by hand (design.md §4, domain 03 §3.1)."""

from __future__ import annotations

import pytest

from tests.core.story import A01, A02, A03, at, fact, spell_of, stays


class TestStays:
    """Stays by event time."""

    def test_a_transfer_known_before_its_admission_implies_where_the_person_was(self) -> None:
        """PV1-6 until the movement, from PV1-44 where it is given."""
        moved = fact(
            "SpellTransferred",
            "9 12:00",
            place="M5^B^2",
            prior="M4^A^1",
            instance="x",
            admitted_at=at("9 10:00"),
        )
        assert stays(moved) == [("09 10:00", "09 12:00", "M4^A^1", True), ("09 12:00", None, "M5^B^2", False)]
        assert stays(moved, A01) == [
            ("09 10:00", "09 12:00", "M4^A^1", False),
            ("09 12:00", None, "M5^B^2", False),
        ]

    def test_a_discharge_alone_implies_the_stay_it_ended(self) -> None:
        """Since when is unknown."""
        assert stays(A03) == [(None, "10 14:00", "M5^B^2", True)]

    def test_ties_of_one_minute_are_decided_by_rank(self) -> None:
        """Admitted, moved and discharged in one minute, recorded in any order."""
        moved = fact("SpellTransferred", "9 10:00", recorded="9 09:00", place="M5^B^2", instance="x")
        gone = fact("SpellDischarged", "9 10:00", recorded="9 08:00", place="M5^B^2")
        assert [place for _, _, place, _ in stays(A01, moved, gone)] == ["M4^A^1", "M5^B^2"]
        assert spell_of(A01, moved, gone)["status"] == "discharged"

    def test_a_late_movement_takes_its_place_in_the_middle(self) -> None:
        """By event time, whenever it was recorded."""
        late = fact("SpellTransferred", "9 11:00", recorded="12 09:00", place="M9^Z^9", instance="y")
        assert [place for _, _, place, _ in stays(A01, A02, late)] == ["M4^A^1", "M9^Z^9", "M5^B^2"]

    def test_a_movement_after_the_discharge_is_left_out_and_said(self) -> None:
        """Only an admission reopens."""
        after = fact("SpellTransferred", "10 15:00", place="M9^Z^9", instance="y")
        assert [place for _, _, place, _ in stays(A01, A03, after)] == ["M4^A^1"]
        assert "moved_after_discharge" in spell_of(A01, A03, after)["flags"]

    def test_a_cancelled_transfer_without_a_name_takes_back_the_newest_to_that_place(self) -> None:
        """Not the newest of all."""
        other = fact("SpellTransferred", "9 13:00", place="M6^C^3", prior="M5^B^2", instance="y")
        undo = fact("SpellTransferCancelled", "9 14:00", prior="M5^B^2")
        assert [place for _, _, place, _ in stays(A01, A02, other, undo)] == ["M4^A^1", "M6^C^3"]

    def test_a_cancelled_discharge_puts_the_person_where_it_says(self) -> None:
        """HL7: PV1-3 of an A13 is where the person is after it."""
        undo = fact("SpellDischargeCancelled", "10 15:00", place="M7^D^4")
        assert stays(A01, A03, undo)[-1] == ("10 15:00", None, "M7^D^4", True)

    def test_a_census_fills_only_what_the_source_leaves_open(self) -> None:
        """An extract never overrules a movement; it says where someone was before the first."""
        census = fact(
            "SpellCensused", "9 08:00", partner="pruh-census", place="M1^^", admitted_at=at("7 09:00")
        )
        assert stays(census, A02) == [
            ("07 09:00", "09 12:00", "M1", True),
            ("09 12:00", None, "M5^B^2", False),
        ]
        later = fact("SpellCensused", "9 20:00", partner="pruh-census", place="M1^^")
        assert stays(A01, A02, later) == stays(A01, A02)


    def test_an_amendment_moves_a_bed_only_where_it_names_one(self) -> None:
        """Translators hand the place over only in a dialect whose A08 moves beds; then it is a movement."""
        moved = fact("SpellAmended", "9 11:00", place="M8^E^5")
        assert stays(A01, moved)[-1] == ("09 11:00", None, "M8^E^5", False)
        assert stays(A01, A03, fact("SpellAmended", "10 15:00", place="M8^E^5")) == stays(A01, A03)


class TestCancels:
    """Which assertion a cancel takes back."""

    @pytest.mark.parametrize(("gone", "undo"), [("a", "b"), ("b", "a")])
    def test_a_cancel_recorded_in_the_same_minute_comes_after(self, gone: str, undo: str) -> None:
        """Minute precision: the cancel wins the tie, whatever the ids."""
        facts = [
            fact("SpellDischarged", "10 14:00", name=gone),
            fact("SpellDischargeCancelled", "10 14:00", name=undo),
        ]
        assert spell_of(A01, *facts)["status"] == "admitted"

    def test_a_cancel_with_a_lower_sequence_comes_before(self) -> None:
        """The source's own order decides before anything else."""
        gone = fact("SpellDischarged", "10 14:00", sequence=8)
        assert (
            spell_of(A01, gone, fact("SpellDischargeCancelled", "10 14:00", sequence=7))["status"]
            == "discharged"
        )

    def test_an_unnamed_cancel_takes_back_the_newest_by_event_time(self) -> None:
        """Not the last one written down."""
        newest = fact("SpellTransferred", "9 15:00", place="M6^C^3", instance="y")
        written_late = fact("SpellTransferred", "9 13:00", recorded="9 16:00", place="M7^D^4", instance="z")
        undo = fact("SpellTransferCancelled", "9 17:00")
        assert [place for _, _, place, _ in stays(A01, newest, written_late, undo)] == ["M4^A^1", "M7^D^4"]

    def test_an_unnamed_cancel_takes_back_nothing_recorded_after_it(self) -> None:
        """A movement written down later is another one."""
        later = fact("SpellTransferred", "9 15:00", recorded="9 18:00", place="M6^C^3", instance="y")
        assert [place for _, _, place, _ in stays(A01, later, fact("SpellTransferCancelled", "9 17:00"))][
            -1
        ] == "M6^C^3"
