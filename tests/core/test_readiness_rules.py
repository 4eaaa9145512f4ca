"""Readiness, delays, pathway and whose move it is, by hand (domain 01 §1.2-1.4, demo F1 and F2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.fact import Fact
from tests.core.story import SPELL, at, fact, lines_of

A01 = fact("SpellAdmitted", "9 10:00", place="M4^A^1", patient_class="I")
A03 = fact("SpellDischarged", "12 14:00")


HANDED_OVER = (("11 09:00", "hub"), ("11 10:00", "hub"), ("11 12:00", "council"))


def hub(kind: str, when: str, **body: Any) -> Fact:
    """A fact of the hub's list; histories have their time as instance."""
    instance = body["stage"] if kind == "PathwaySet" else when
    return fact(kind, when, partner="hub-list", instance=instance, **body)


def ctr(when: str, ready: bool) -> Fact:
    """A criteria-to-reside assessment."""
    return hub("CriteriaToResideAssessed", when, result="no_longer_meets" if ready else "meets")


def fit(when: str, value: str | None, since: str | None = None) -> Fact:
    """A08 with the medically-fit fields."""
    given: dict[str, Any] = {} if since is None else {"medically_fit_at": at(since)}
    return fact("SpellAmended", when, medically_fit=value, **given)


def line_of(view: str, *facts: Fact) -> dict[str, Any]:
    """One line of a history."""
    written = [
        json.loads(line) for line in lines_of(facts)
    ]
    return next(row for row in written if row["view"] == view)


def ready(*facts: Fact) -> list[tuple[str, str | None, str]]:
    """Ready intervals as (`11 10:20`, …, source)."""
    spans = line_of("spell", A01, *facts)["ready"]
    return [(_short(s["from"]) or "", _short(s["to"]), s["source"]) for s in spans]


def _short(text: str | None) -> str | None:
    return text and f"{text[8:10]} {text[11:16]}"


class TestReady:
    """Intervals carried from assessments."""

    def test_reaffirmed_readiness_is_one_interval(self) -> None:
        """Every board round says it again."""
        assert ready(ctr("11 10:20", True), ctr("12 09:00", True)) == [("11 10:20", None, "hub-list")]

    def test_meeting_the_criteria_again_ends_it(self) -> None:
        """Deterioration starts a new period."""
        facts = [ctr("10 09:00", True), ctr("11 09:00", False), ctr("12 09:00", True), A03]
        assert ready(*facts) == [("10 09:00", "11 09:00", "hub-list"), ("12 09:00", "12 14:00", "hub-list")]
        assert line_of("spell", A01, *facts)["discharge_ready_at"] == "2027-01-12T09:00:00Z"

    def test_a_review_after_leaving_says_nothing(self) -> None:
        """The list lags behind the door."""
        assert ready(A03, ctr("12 15:00", True)) == []

    def test_a_blanked_result_ends_what_was_said(self) -> None:
        """Deleted is not absent: nobody says ready any more."""
        assert ready(ctr("11 09:00", True), hub("CriteriaToResideAssessed", "11 12:00", result=None)) == [
            ("11 09:00", "11 12:00", "hub-list"),
        ]

    def test_medically_fit_counts_where_no_stronger_source_assessed(self) -> None:
        """Precedence is the place's; the conflict is said."""
        assert ready(fit("11 09:30", "Y", "11 09:00")) == [("11 09:00", None, "pruh-adt")]
        assert ready(fit("11 09:30", "Y", "11 09:00"), ctr("11 12:00", False)) == []
        both = line_of("spell", A01, fit("11 09:30", "Y", "11 09:00"), ctr("11 12:00", False))
        assert both["flags"] == ["ready_conflict"]

    def test_a_corrected_fit_date_wins(self) -> None:
        """A08 snapshots repeat the run; the newest date in it counts; an N ends it."""
        facts = [fit("11 09:30", "Y", "11 09:00"), fit("11 11:00", "Y", "11 10:15"), fit("12 08:00", "N")]
        assert ready(*facts) == [("11 10:15", "12 08:00", "pruh-adt")]


class TestDelays:
    """Reasons as intervals; suggestions beside."""

    def test_another_reason_ends_the_one_before(self) -> None:
        """And none ends the last."""
        facts = [
            hub("DelayReasonSet", "11 09:00", reason="HP5", owner="hospital"),
            hub("DelayReasonSet", "11 10:00", reason="HP5", owner="hospital"),
            hub("DelayReasonSet", "11 12:00", reason="if2", owner="council"),
            hub("DelayReasonSet", "12 09:00", reason=None),
        ]
        delays = line_of("spell", A01, *facts)["delays"]
        found = [(d["reason"]["code"], _short(d["from"]), _short(d["to"]), d["owner"]) for d in delays]
        assert found == [
            ("HP5", "11 09:00", "11 12:00", "hospital"),
            ("IF2", "11 12:00", "12 09:00", "council"),
        ]

    def test_another_owner_of_the_same_reason_is_another_stretch(self) -> None:
        """So that hours add up by owner."""
        facts = [hub("DelayReasonSet", when, reason="IF2", owner=owner) for when, owner in HANDED_OVER]
        delays = line_of("spell", A01, *facts, A03)["delays"]
        assert [(d["owner"], _short(d["from"]), _short(d["to"])) for d in delays] == [
            ("hub", "11 09:00", "11 12:00"),
            ("council", "11 12:00", "12 14:00"),
        ]

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            ("CA11", "CA11"),
            ("Capacity – Housing provision not yet available (Pathway 0 or 1)", "CA4"),
            ("capacity - housing provision not yet available (pathway 0 or 1)", "CA4"),
            ("Awaiting patient transport services", "HP4"),
            ("No Plan", "A22-12"), ("No slot", None),
        ],
    )
    def test_reason_code(self, raw: str, code: str | None) -> None:
        """By code, by wording, by group and wording; what is not in the list keeps its words."""
        delay = line_of("spell", A01, hub("DelayReasonSet", "11 09:00", reason=raw))["delays"][0]
        assert delay["reason"] == {"raw": raw, "code": code}

    def test_a_task_only_suggests(self) -> None:
        """Under way suggests Interface, no capacity suggests Capacity, beside a human's reason or alone."""
        task: dict[str, Any] = {"partner": "hub-list", "thing": "t"}
        asked = fact("TaskRequested", "11 11:00", task_kind="P1 dom care", spell_id=SPELL, **task)
        held = fact("TaskOnHold", "11 15:00", reason="No capacity", **task)
        human = hub("DelayReasonSet", "11 12:00", reason="HP5")
        alone = line_of("spell", A01, ctr("11 10:00", True), asked)["delays"]
        assert [(d["reason"], d["suggested"], _short(d["from"])) for d in alone] == [
            (None, "IF2", "11 11:00")
        ]
        beside = line_of("spell", A01, ctr("11 10:00", True), asked, held, human)["delays"]
        assert [(d["reason"]["code"], d["suggested"]) for d in beside] == [("HP5", "CA2")]
        assert line_of("spell", A01, asked)["delays"] == []


class TestExpected:
    """Expected discharge and pathway by source."""

    def test_the_strongest_source_that_says_one(self) -> None:
        """The hub before the hospital; a deleted date is none."""
        amended = fact("SpellAmended", "10 09:00", expected_discharge_at=at("13 12:00"))
        listed = hub("ExpectedDischargeSet", "10 08:00", expected_discharge_at=at("12 12:00"))
        deleted = hub("ExpectedDischargeSet", "10 10:00", expected_discharge_at=None)
        assert line_of("spell", A01, amended, listed)["expected_discharge_at"] == "2027-01-12T12:00:00Z"
        assert (
            line_of("spell", A01, amended, listed, deleted)["expected_discharge_at"] == "2027-01-13T12:00:00Z"
        )

    def test_pathway_as_sent_and_as_code(self) -> None:
        """The newest word of each stage."""
        facts = [
            hub("PathwaySet", "10 09:00", stage="expected", pathway="Pathway 2"),
            hub("PathwaySet", "11 09:00", stage="expected", pathway="1"),
            hub("PathwaySet", "11 10:00", stage="confirmed", pathway="P1 - home"),
        ]
        pathway = line_of("spell", A01, *facts)["pathway"]
        assert pathway["expected"] == {"raw": "1", "code": "P1"}
        assert pathway["confirmed"] == {"raw": "P1 - home", "code": "P1"}
        assert [(step["stage"], step["pathway"]["code"]) for step in pathway["history"]] == [
            ("expected", "P2"),
            ("expected", "P1"),
            ("confirmed", "P1"),
        ]


class TestWhoseMove:
    """Waiting by owner, and the next step."""

    FACTS = (
        A01,
        ctr("10 10:20", True),
        hub("OwnerSet", "10 16:20", owner="hub"),
        fact(
            "CarePackageRequested", "11 11:05", partner="lbb-webhook", thing="p", provider="Oakfield Homecare"
        ),
        fact(
            "CarePackageApproved", "12 14:06", partner="lbb-webhook", thing="p", first_call_at=at("12 18:00")
        ),
    )

    def test_hours_by_owner_add_up(self) -> None:
        """F2: hospital 6:00 + hub 18:45 + council 27:01 + ward."""
        waiting = line_of("transfer", *self.FACTS)["waiting"]
        assert [(w["owner"], _short(w["from"]), _short(w["to"])) for w in waiting] == [
            ("hospital", "10 10:20", "10 16:20"),
            ("hub", "10 16:20", "11 11:05"),
            ("council", "11 11:05", "12 14:06"),
            ("ward", "12 14:06", None),
        ]

    def test_an_accepted_package_moves_the_row_to_the_ward(self) -> None:
        """F1: due at the first call."""
        assert line_of("transfer", *self.FACTS[:4])["next_step"]["what"] == "arrange_package"
        assert line_of("transfer", *self.FACTS)["next_step"] == {
            "owner": "ward",
            "what": "leave",
            "since": "2027-01-12T14:06:00Z",
            "due": "2027-01-12T18:00:00Z",
        }

    def test_a_stated_owner_stands_until_something_newer_happens(self) -> None:
        """A human's word over what the join would say."""
        stated = hub("OwnerSet", "12 15:00", owner="family")
        assert line_of("transfer", *self.FACTS, stated)["next_step"]["owner"] == "family"

    def test_a_stated_step_stands_until_something_newer_happens(self) -> None:
        """What and by when are the desk's word; whose move it is, and since when, stays."""
        transport = {"step": "book_transport", "due_at": at("12 16:00")}
        facts = (*self.FACTS, hub("NextStepSet", "12 15:00", **transport))
        said = line_of("transfer", *facts)["next_step"]
        assert (said["what"], said["due"]) == ("book_transport", "2027-01-12T16:00:00Z")
        assert (said["owner"], said["since"]) == ("ward", "2027-01-12T14:06:00Z")
        lapsed = fact("CarePackageLapsed", "12 15:30", partner="lbb-webhook", thing="p")
        assert line_of("transfer", *facts, lapsed)["next_step"]["what"] == "restart_package"
        taken_back = hub("NextStepSet", "12 15:10", step=None)
        assert line_of("transfer", *facts, taken_back)["next_step"]["what"] == "leave"
        early = hub("NextStepSet", "10 09:00", step="ring_family")
        assert line_of("transfer", A01, early)["next_step"]["what"] == "ring_family"

    @pytest.mark.parametrize(
        ("what", "facts"),
        [
            ("review_readiness", [A01]),
            ("refer_to_hub", [A01, ctr("10 10:20", True)]),
            ("confirm_pathway", [A01, ctr("10 10:20", True), hub("OwnerSet", "10 11:00", owner="hub")]),
            (
                "arrange",
                [A01, ctr("10 10:20", True), hub("PathwaySet", "10 11:00", stage="confirmed", pathway="1")],
            ),
            (
                "leave",
                [A01, ctr("10 10:20", True), hub("PathwaySet", "10 11:00", stage="confirmed", pathway="0")],
            ),
            ("first_call", [*FACTS, A03]),
            (None, [A01, A03]),
        ],
    )
    def test_next_step(self, what: str | None, facts: list[Fact]) -> None:
        """Each step has its history."""
        assert line_of("transfer", *facts)["next_step"]["what"] == what
