"""Class changes, leave, plans, deletion, visits merged and moved: what the lines say, by hand (domain 03
§3.1).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.fact import Fact
from streams.core.reduce import reduce_person
from tests.core.story import A01, A03, A04, CONFIG, PERSON, SPELL, fact, lines_of, spell_of, stays

A06 = fact("SpellClassChanged", "9 11:00", place="ED^R^1", patient_class="I")
A07 = fact("SpellClassChanged", "9 13:00", place="ED^R^2", patient_class="E")
A11 = fact("SpellAdmissionCancelled", "9 15:00")
A23 = fact("SpellDeleted", "12 09:00", visit_number="V1")
OTHER = "0" * 8 + SPELL[8:]
ELSEWHERE = "p1:" + "B" * 26


@pytest.mark.parametrize(
    ("status", "admitted_at", "facts"),
    [
        ("admitted", "09T11:00", [A04, A06]),
        ("admitted", "09T10:00", [A01, A06]),
        ("registered", None, [A01, A07]),
        ("registered", None, [A04, A06, A07]),
        ("admitted", "09T14:00", [A04, A07, fact("SpellClassChanged", "9 14:00", patient_class="I")]),
        ("registered", None, [A04, A06, A11]),
        ("cancelled", None, [A06, A11]),
        ("deleted", None, [A23]),
        ("deleted", None, [A01, A03, A23]),
        ("deleted", None, [A23, fact("SpellAmended", "12 10:00", specialty="300")]),
        ("deleted", None, [A01, A23, fact("SpellTransferred", "12 10:00", place="M9^^", instance="m")]),
        ("registered", None, [A01, A23, fact("SpellRegistered", "12 10:00", patient_class="E")]),
        ("admitted", None, [fact("SpellLeaveStarted", "9 10:00", instance="a")]),
    ],
)
def test_status_and_admission(status: str, admitted_at: str | None, facts: list[Fact]) -> None:
    line = spell_of(*facts)
    assert (line["status"], line["admitted_at"]) == (status, admitted_at and f"2027-01-{admitted_at}:00Z")


def test_an_emergency_departure_ends_an_attendance_but_no_admission() -> None:
    left = fact("SpellDischarged", "9 12:00", place="ED^R^1", patient_class="E", discharge_method="7")
    assert spell_of(A04, left)["status"] == "discharged"
    admitted = spell_of(A04, A06, left)
    assert (admitted["status"], admitted["class"]["code"]) == ("admitted", "I")
    assert admitted["discharge"]["method"] is None
    assert spell_of(A04, A06, A07, left)["status"] == "discharged"


OUT, BACK = "SpellLeaveStarted", "SpellLeaveEnded"


@pytest.mark.parametrize(
    ("leave", "steps"),
    [
        ([("09 11:00", None)], [(OUT, "9 11:00", "a")]),
        ([("09 11:00", "09 18:00")], [(OUT, "9 11:00", "a"), (BACK, "9 18:00", "b")]),
        ([(None, "09 18:00")], [(BACK, "9 18:00", "b")]),
        ([("09 11:00", "09 18:00")], [(OUT, "9 11:00", "a"), (OUT, "9 12:00", "c"), (BACK, "9 18:00", "b")]),
        ([("09 11:00", "09 11:00")], [(BACK, "9 11:00", "a"), (OUT, "9 11:00", "b")]),
        ([], [(OUT, "10 15:00", "a")]),
        ([("10 13:00", "10 14:00")], [(OUT, "10 13:00", "a"), (BACK, "10 16:00", "b")]),
    ],
)
def test_leave_by_event_time_and_never_after_the_discharge(
    leave: list[tuple[str | None, str | None]], steps: list[tuple[str, str, str]]
) -> None:
    facts = [fact(kind, when, instance=name) for kind, when, name in steps]
    left = [A03] if any(when.startswith("10") for _, when, _ in steps) else []
    found = spell_of(A01, *left, *facts)["leave"]
    assert [(_short(one["from"]), _short(one["to"])) for one in found] == leave


def test_a_return_to_another_bed_implies_the_move() -> None:
    back = fact("SpellLeaveEnded", "9 18:00", instance="b", place="M6^A^1")
    assert stays(A01, back) == [
        ("09 10:00", "09 18:00", "M4^A^1", False), ("09 18:00", None, "M6^A^1", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("poc", "room", "done"),
    [
        ("M5", "B", "09 12:00"),
        ("M5", None, "09 12:00"),
        ("M5", "C", None),
        (None, None, "09 12:00"),
        ("M4", "A", None),
    ],
)
def test_a_plan_is_done_by_the_first_move_that_goes_there(poc: str, room: str, done: str | None) -> None:
    plan = fact("TransferPending", "9 11:00", instance="p", pending_poc=poc, pending_room=room)
    early = fact("SpellTransferred", "9 10:30", instance="e", place="M5^C^1")
    move = fact("SpellTransferred", "9 12:00", instance="m", place="M5^B^2")
    late = fact("SpellTransferred", "9 13:00", instance="l", place="M5^B^3")
    (pending,) = spell_of(A01, early, plan, move, late)["pending"]
    assert (pending["kind"], _short(pending["done_at"])) == ("transfer", done)


def all_spells(*facts: Fact) -> dict[str, dict[str, Any]]:
    written = map(json.loads, lines_of(facts))
    return {row["spell_id"]: row for row in written if row["view"] == "spell"}


def merged(thing: str, into: str, when: str) -> Fact:
    return fact("SpellMerged", when, thing=thing, into_spell=into, visit_number="V9")


class TestMerged:
    """A36, A42: one of two visits goes on."""

    OWN = fact("SpellAdmitted", "9 11:00", thing=OTHER, place="M7^A^1", patient_class="I", visit_number="V2")

    def test_the_survivor_keeps_its_admission_and_takes_the_moves(self) -> None:
        move = fact("SpellTransferred", "9 12:00", instance="m", place="M5^B^2")
        found = all_spells(A01, move, A03, self.OWN, merged(SPELL, OTHER, "9 13:00"))
        assert (found[SPELL]["status"], found[SPELL]["flags"], found[SPELL]["visit_number"]) == (
            "deleted", ["visit_merged"], "V1",
        )  # fmt: skip
        assert (found[OTHER]["status"], found[OTHER]["admitted_at"]) == ("admitted", "2027-01-09T11:00:00Z")
        assert [stay["place"] for stay in found[OTHER]["stays"]] == ["M7^A^1", "M5^B^2"]

    def test_a_visit_known_by_nothing_else_is_the_old_one_under_a_new_number(self) -> None:
        found = all_spells(A01, A03, merged(SPELL, OTHER, "9 13:00"))[OTHER]
        assert (found["status"], found["visit_number"]) == ("discharged", "V9")

    def test_in_a_circle_the_newest_merge_names_the_survivor(self) -> None:
        for first, second, survivor in (("9 13:00", "9 14:00", SPELL), ("9 14:00", "9 13:00", OTHER)):
            found = all_spells(A01, self.OWN, merged(SPELL, OTHER, first), merged(OTHER, SPELL, second))
            assert [thing for thing, row in found.items() if row["status"] == "admitted"] == [survivor]

    def test_what_hangs_on_the_old_number_follows(self) -> None:
        row = fact(
            "CriteriaToResideAssessed", "9 14:00", partner="hub-list", instance="i", result="no_longer_meets"
        )
        found = all_spells(A01, self.OWN, merged(SPELL, OTHER, "9 13:00"), row)
        assert (len(found[SPELL]["ready"]), len(found[OTHER]["ready"])) == (0, 1)


class TestMoved:
    """A45: told to both records, so that each key knows by itself."""

    AWAY = fact("SpellReassigned", "9 13:00", name="away", source_key=PERSON, target_key=ELSEWHERE)
    HERE = fact("SpellReassigned", "9 13:00", name="here", source_key=ELSEWHERE, target_key=PERSON)
    BACK = fact("SpellReassigned", "9 14:00", name="back", source_key=ELSEWHERE, target_key=PERSON)

    def test_a_visit_moved_away_has_no_line_and_nothing_hangs_on(self) -> None:
        row = fact("OwnerSet", "9 14:00", partner="hub-list", instance="i", owner="hub")
        assert all_spells(A01, self.AWAY, row) == {}

    @pytest.mark.parametrize("facts", [[HERE], [AWAY, BACK]])
    def test_a_visit_that_came_is_here(self, facts: list[Fact]) -> None:
        assert all_spells(A01, *facts)[SPELL]["status"] == "admitted"

    def test_a_discharge_told_of_somebody_else_is_another_thing_to_tell(self) -> None:
        facts = [A01, A03]
        before = {notice.notice_id for notice in reduce_person(facts, CONFIG).owed}
        after = {notice.notice_id for notice in reduce_person([*facts, self.HERE], CONFIG).owed}
        assert before
        assert after
        assert not before & after


def _short(text: str | None) -> str | None:
    return text and f"{text[8:10]} {text[11:16]}"


