"""What a spell says of each trigger, by hand (domain 03 §3.1): one table of histories, one line each."""

from __future__ import annotations

import json

import pytest

from schemas.fact import Fact
from streams.core.flags import FACT_FLAGS, SPELL_FLAGS
from streams.core.reduce import reduce_person
from streams.core.views.lines import IdentityView, lines
from tests.core.story import A01, A02, A03, A04, CONFIG, PERSON, SPELL, at, fact, lines_of, spell_of


@pytest.mark.parametrize(
    ("status", "facts"),
    [
        ("admitted", [A01]),
        ("registered", [A04]),
        ("admitted", [A04, A01]),
        ("discharged", [A01, A03]),
        ("discharged", [A03]),
        ("admitted", [A02]),
        ("planned", [fact("SpellPlanned", "8 09:00", place="M4^^", expected_at=at("9 09:00"))]),
        ("planned", [fact("SpellPlanned", "8 09:00"), fact("SpellAmended", "8 10:00", specialty="300")]),
        ("cancelled", [fact("SpellPlanned", "8 09:00"), fact("SpellPlanCancelled", "8 11:00")]),
        ("admitted", [fact("SpellPlanned", "8 09:00"), fact("SpellPlanCancelled", "8 11:00"), A01]),
        ("cancelled", [A01, fact("SpellAdmissionCancelled", "9 11:00")]),
        ("cancelled", [fact("SpellAdmissionCancelled", "9 11:00"), A02]),
        ("cancelled", [A04, fact("SpellAdmissionCancelled", "9 11:00")]),
        ("registered", [A04, A01, fact("SpellAdmissionCancelled", "9 11:00")]),
        (
            "admitted",
            [
                A01,
                fact("SpellAdmissionCancelled", "9 11:00"),
                fact("SpellAdmitted", "9 10:00", recorded="9 12:00"),
            ],
        ),
        ("admitted", [A01, A03, fact("SpellDischargeCancelled", "10 15:00")]),
        ("admitted", [fact("SpellCensused", "9 08:00", partner="pruh-census", place="M4^A^1")]),
        ("discharged", [fact("SpellCensused", "9 08:00", partner="pruh-census", place="M4^A^1"), A03]),
        ("admitted", [fact("CriteriaToResideAssessed", "9 08:00", partner="hub-list", result="meets")]),
        ("discharged", [A01, A03, fact("SpellAmended", "10 16:00", specialty="300")]),
        ("admitted", [A01, fact("SpellAmended", "9 16:00", discharged_at=at("9 15:00"))]),
    ],
)
def test_status(status: str, facts: list[Fact]) -> None:
    """Where each history stands, whatever order it came in."""
    assert spell_of(*facts)["status"] == status
    assert spell_of(*reversed(facts))["status"] == status


class TestDeath:
    """Stated is not confirmed (domain 01 §1.16)."""

    def test_repeats_move_nothing_and_a_confirmation_is_its_own_time(self) -> None:
        """PID-29 comes in every message; PID-30 = Y makes it sure."""
        stated = fact("DeathRecorded", "10 03:00", thing="person", death_at=at("10 02:00"), indicator="N")
        again = fact("DeathRecorded", "10 05:00", thing="person", death_at=at("10 02:00"), indicator="N")
        sure = fact("DeathRecorded", "10 06:00", thing="person", indicator="Y")
        assert spell_of(A01, stated, again)["death"] == {
            "stated_at": "2027-01-10T03:00:00Z",
            "confirmed_at": None,
        }
        assert spell_of(A01, stated, again, sure)["death"]["confirmed_at"] == "2027-01-10T06:00:00Z"

    def test_a_discharge_by_method_4_confirms(self) -> None:
        """Whatever PID-29 says."""
        died = fact("SpellDischarged", "10 14:00", discharge_method="4")
        moment = "2027-01-10T14:00:00Z"
        assert spell_of(A01, died)["death"] == {"stated_at": moment, "confirmed_at": moment}

    def test_a_withdrawn_death_leaves_no_trace(self) -> None:
        """Set wrongly, taken back."""
        stated = fact("DeathRecorded", "10 03:00", thing="person", death_at=at("10 02:00"), indicator="Y")
        withdrawn = fact("DeathRecorded", "10 04:00", thing="person", death_at=None, indicator=None)
        assert spell_of(A01, stated, withdrawn) == spell_of(A01)


class TestFlags:
    """Doubts are said."""

    def test_census_until_an_admission_is_heard(self) -> None:
        """Day one: flagged; once the A01 is heard it is an ordinary spell."""
        census = fact("SpellCensused", "9 08:00", partner="pruh-census", place="M4^A^1", flags=("census",))
        assert spell_of(census)["flags"] == ["census"]
        assert spell_of(census, A02)["flags"][0] == "census"
        assert spell_of(census, A01)["flags"] == []

    @pytest.mark.parametrize(
        ("flag", "facts"),
        [
            ("inferred", [A02]),
            (
                "movement_missing",
                [A01, fact("SpellTransferred", "9 12:00", place="M6^^", prior="M5^B^2", instance="z")],
            ),
            ("readmitted", [fact("SpellDischarged", "8 10:00"), A01]),
            (
                "census_conflict",
                [A01, A03, fact("SpellCensused", "11 08:00", partner="pruh-census", place="M1^^")],
            ),
            ("hub_only", [fact("WorklistRowSeen", "9 08:00", partner="hub-list", ward="M4", bed="1")]),
            (
                "hub_row_gone",
                [
                    A01,
                    fact("WorklistRowSeen", "9 12:00", partner="hub-list"),
                    fact("WorklistRowGone", "9 13:00", partner="hub-list"),
                ],
            ),
            ("ambiguous", [fact("SpellAdmitted", "9 10:00", flags=("ambiguous",))]),
        ],
    )
    def test_flag(self, flag: str, facts: list[Fact]) -> None:
        """Each flag has a history that raises it, and its meaning on the page."""
        assert flag in spell_of(*facts)["flags"]
        assert flag in SPELL_FLAGS | FACT_FLAGS

    def test_a_row_gone_from_one_of_two_lists_is_not_gone(self) -> None:
        """Another list still has it."""
        rows = [
            fact("WorklistRowGone", "9 13:00", partner="hub-list"),
            fact("OwnerSet", "9 12:00", partner="hub-b"),
        ]
        assert spell_of(A01, *rows)["flags"] == []


class TestPending:
    """Announced steps."""

    def test_an_expected_discharge_that_was_taken_back(self) -> None:
        """A25 keeps the announcement with its end, and takes its date out of the expected discharge."""
        pending = fact("DischargePending", "9 12:00", expected_at=at("10 12:00"))
        assert spell_of(A01, pending)["expected_discharge_at"] == "2027-01-10T12:00:00Z"
        line = spell_of(A01, pending, fact("DischargePendingCancelled", "9 13:00"))
        assert line["expected_discharge_at"] is None
        assert line["pending"][0]["cancelled_at"] == "2027-01-09T13:00:00Z"

    def test_a_planned_admission_that_came_true(self) -> None:
        """`done_at` is the admission."""
        plan = fact("SpellPlanned", "8 09:00", place="M4^^", expected_at=at("9 09:00"))
        assert spell_of(plan, A01)["pending"] == [
            {
                "kind": "admission",
                "place": "M4",
                "requested_at": "2027-01-08T09:00:00Z",
                "expected_at": "2027-01-09T09:00:00Z",
                "cancelled_at": None,
                "done_at": "2027-01-09T10:00:00Z",
            }
        ]


class TestDischarge:
    """Method, destination, group and time."""

    @pytest.mark.parametrize(
        ("method", "destination", "group"),
        [
            ("1", "19", "home"),
            ("1", "85", "care_home"),
            ("4", "19", "died"),
            ("1", "zz", None),
            (None, "88", "hospice"),
        ],
    )
    def test_group(self, method: str | None, destination: str, group: str | None) -> None:
        """Domain 04 §4.6: raw kept, group derived."""
        gone = fact("SpellDischarged", "10 14:00", discharge_method=method, discharge_destination=destination)
        line = spell_of(A01, gone)["discharge"]
        assert (line["group"], line["destination"]["raw"]) == (group, destination)

    def test_what_an_absent_field_leaves_and_a_deleted_one_takes(self) -> None:
        """Absent, deleted and given are three things."""
        absent = fact("SpellDischarged", "10 14:00", recorded="10 15:00")
        deleted = fact("SpellDischarged", "10 14:00", recorded="10 15:00", discharge_destination=None)
        assert spell_of(A01, A03, absent)["discharge"]["destination"]["raw"] == "85"
        assert spell_of(A01, A03, deleted)["discharge"]["destination"] is None

    def test_a_correction_made_for_a_cancelled_discharge_is_gone_with_it(self) -> None:
        """The A08 between A03 and A13 does not date the next A03."""
        amended = fact("SpellAmended", "10 14:30", discharged_at=at("10 13:00"), discharge_method="6")
        again = fact("SpellDischarged", "11 09:00")
        line = spell_of(A01, A03, amended, fact("SpellDischargeCancelled", "10 15:00"), again)
        assert (line["discharged_at"], line["discharge"]["method"]) == ("2027-01-11T09:00:00Z", None)


def test_a_row_known_only_as_gone_is_nobody() -> None:
    """Nothing to be unknown about."""
    gone = fact("WorklistRowGone", "9 13:00", partner="hub-list")
    assert reduce_person([gone], CONFIG).spells == ()


def test_a_hub_row_without_a_visit_number_goes_to_the_spell_it_falls_in() -> None:
    """And to a stay of its own while no hospital has told of one."""
    row = fact(
        "CriteriaToResideAssessed", "9 11:00", partner="hub-list", thing="row:r", result="no_longer_meets"
    )
    alone = spell_of(row)
    assert (alone["spell_id"], alone["flags"]) == ("r", ["hub_only"])
    joined = spell_of(A01, row)
    assert (joined["spell_id"], joined["discharge_ready_at"]) == (SPELL, "2027-01-09T11:00:00Z")
    readmitted = fact("SpellAdmitted", "20 10:00", thing="later", place="M4^A^1")
    written = lines_of([A01, A03, readmitted, row])
    ready = {
        spell["spell_id"]: spell["ready"]
        for line in written
        if (spell := json.loads(line))["view"] == "spell"
    }
    assert ready["later"] == []
    late_row = fact(
        "CriteriaToResideAssessed", "21 11:00", partner="hub-list", thing="row:r", result="no_longer_meets"
    )
    written = lines(
        reduce_person([A01, A03, readmitted, late_row], CONFIG), PERSON, IdentityView(PERSON), CONFIG
    )
    since = {
        one["spell_id"]: one["discharge_ready_at"]
        for line in written
        if (one := json.loads(line))["view"] == "spell"
    }
    assert since == {SPELL: None, "later": "2027-01-21T11:00:00Z"}
    assert ready[SPELL] == [
        {
            "from": "2027-01-09T11:00:00Z",
            "to": "2027-01-10T14:00:00Z",
            "source": "hub-list",
            "basis": "criteria_to_reside",
        }
    ]
