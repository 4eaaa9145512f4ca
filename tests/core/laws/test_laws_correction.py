"""Laws 3 and 4 (design.md §4): a cancelled thing leaves no trace but in what was told; a correction wins
wherever it arrives.
"""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.reduce import reduce_person
from tests.core.laws.histories import PLACES, histories
from tests.core.story import CONFIG, DAY, HOUR, SPELL, at, fact, lines_of

LAW = settings(max_examples=100, deadline=None)
LATE = at("20 08:00")
BED = "M4^A^1"


def spell_line(facts: list[Fact]) -> dict[str, Any]:
    """The line of the visit these tests are about."""
    written = [
        json.loads(line) for line in lines_of(facts)
    ]
    return next(line for line in written if line["view"] == "spell" and line["spell_id"] == SPELL)


def transfer_line(facts: list[Fact]) -> dict[str, Any]:
    """The join."""
    return dict(json.loads(lines_of(facts)[-1]))


def admitted(facts: list[Fact]) -> list[Fact]:
    """The same history with an admission that stands, recorded after everything else, at a known bed."""
    return [*facts, fact("SpellAdmitted", LATE - DAY, recorded=LATE, place=BED, patient_class="I")]


class TestCancellation:
    """Law 3: cancel-before-event = event-before-cancel, and what is cancelled is gone."""

    @LAW
    @given(histories(), st.sampled_from(PLACES), st.booleans(), st.randoms(use_true_random=False))
    def test_a_cancelled_transfer_leaves_no_trace(
        self,
        facts: list[Fact],
        place: str,
        named: bool,
        chance: random.Random,
    ) -> None:
        """A02 and its A12, in any order among the rest, whether or not the cancel names its victim."""
        base = admitted([one for one in facts if one.kind not in ("SpellDischarged", "SpellAmended")])
        before = spell_line(base)
        move = fact("SpellTransferred", LATE + HOUR, instance="mine", place=place)
        undo = fact(
            "SpellTransferCancelled",
            LATE + HOUR,
            recorded=LATE + 2 * HOUR,
            instance="mine" if named else "",
            prior=place,
        )
        mixed = [*base, move, undo]
        chance.shuffle(mixed)
        assert spell_line(mixed) == before

    @LAW
    @given(histories(), st.randoms(use_true_random=False))
    def test_a_cancelled_discharge_leaves_no_trace(self, facts: list[Fact], chance: random.Random) -> None:
        """A03 and its A13: the spell is as before, whoever was told is listed elsewhere."""
        base = admitted(
            [one for one in facts if one.kind not in ("SpellDischarged", "SpellDischargeCancelled")]
        )
        before = spell_line(base)
        gone = fact("SpellDischarged", LATE + HOUR, discharge_method="1", place=BED)
        undo = fact("SpellDischargeCancelled", LATE + 2 * HOUR, place=before["stays"][-1]["place"])
        mixed = [*base, gone, undo]
        chance.shuffle(mixed)
        after = spell_line(mixed)
        assert after == before
        assert after["status"] != "discharged"

    @LAW
    @given(histories(), st.booleans(), st.randoms(use_true_random=False))
    def test_a_cancelled_leave_leaves_no_trace(
        self, facts: list[Fact], named: bool, chance: random.Random
    ) -> None:
        """A21 and its A52; somebody on leave is admitted all the while."""
        base = admitted([one for one in facts if one.kind != "SpellDischarged"])
        before = spell_line(base)
        away = fact("SpellLeaveStarted", LATE + HOUR, instance="mine")
        undo = fact(
            "SpellLeaveStartCancelled",
            LATE + HOUR,
            recorded=LATE + 2 * HOUR,
            instance="mine" if named else "",
        )
        mixed = [*base, away, undo]
        chance.shuffle(mixed)
        assert spell_line(mixed) == before
        meanwhile = spell_line([*base, away])
        assert meanwhile["leave"]
        assert meanwhile | {name: before[name] for name in ("leave", "version")} == before

    @LAW
    @given(histories(), st.randoms(use_true_random=False))
    def test_a_deleted_visit_says_nothing_and_may_be_opened_again(
        self, facts: list[Fact], chance: random.Random
    ) -> None:
        """A23: what the source recorded before is gone; what it records afterwards counts alone."""
        own = [one for one in facts if one.kind != "SpellCensused"]
        gone = fact("SpellDeleted", LATE)
        mixed = [*own, gone]
        chance.shuffle(mixed)
        line = spell_line(mixed)
        said = ("admitted_at", "discharged_at", "stays", "pending", "leave", "discharge", "location", "class")
        assert line["status"] == "deleted"
        assert {name: line[name] for name in said} == {name: spell_line([gone])[name] for name in said}
        again = fact("SpellAdmitted", LATE + HOUR, place=BED, patient_class="I")
        mixed.append(again)
        chance.shuffle(mixed)
        alone = spell_line([again])
        assert {name: spell_line(mixed)[name] for name in said} == {name: alone[name] for name in said}

    @LAW
    @given(histories(), st.randoms(use_true_random=False))
    def test_told_and_cancelled_must_be_untold(self, facts: list[Fact], chance: random.Random) -> None:
        """Everyone told of a discharge that no longer stands is listed until they acknowledge."""
        unheard = [one for one in facts if not one.kind.startswith("Notice")]
        base = admitted([one for one in unheard if one.kind not in ("SpellDischarged", "DeathRecorded")])
        gone = fact("SpellDischarged", LATE + HOUR, discharge_method="1", place=BED)
        owed = [notice for notice in reduce_person([*base, gone], CONFIG).owed if notice.about == SPELL]
        assert {"gp"} <= {notice.recipient for notice in owed if notice.retracts is None}
        sent = [
            fact(
                "NoticeSent",
                LATE + HOUR,
                partner="homeward",
                thing=notice.notice_id,
                recipient=notice.recipient,
                fact=notice.fact,
                about=notice.about,
                fact_id=notice.fact_id,
            )
            for notice in owed
            if notice.retracts is None
        ]
        undo = fact("SpellDischargeCancelled", LATE + 2 * HOUR)
        mixed = [*base, gone, *sent, undo]
        chance.shuffle(mixed)
        untold = {
            item["recipient"]
            for item in transfer_line(mixed)["must_retract"]
            if item["told_at"] == "2027-01-20T09:00:00Z"
        }
        assert untold == {notice.body["recipient"] for notice in sent}

    @LAW
    @given(histories(), st.randoms(use_true_random=False))
    def test_a_reasserted_event_lives_again(self, facts: list[Fact], chance: random.Random) -> None:
        """A discharge recorded again after its cancel stands."""
        gone = fact("SpellDischarged", LATE + HOUR)
        undo = fact("SpellDischargeCancelled", LATE + HOUR, recorded=LATE + 2 * HOUR)
        again = fact("SpellDischarged", LATE + HOUR, recorded=LATE + 3 * HOUR)
        mixed = [*admitted(facts), gone, undo, again]
        chance.shuffle(mixed)
        line = spell_line(mixed)
        assert (line["status"], line["discharged_at"]) == ("discharged", "2027-01-20T09:00:00Z")


class TestCorrection:
    """Law 4: the newest recorded value of a field wins, whatever is heard after it."""

    @LAW
    @given(histories(), st.randoms(use_true_random=False))
    def test_corrected_fields_win(self, facts: list[Fact], chance: random.Random) -> None:
        """Admit time, discharge time, method and destination as last amended."""
        gone = fact("SpellDischarged", LATE + HOUR, discharge_method="1", discharge_destination="19")
        corrected = fact(
            "SpellAmended",
            LATE + 5 * HOUR,
            discharged_at=LATE + 30 * 60_000_000,
            discharge_method="6",
            discharge_destination="88",
            admitted_at=LATE - 2 * HOUR,
        )
        mixed = [*admitted(facts), gone, corrected]
        chance.shuffle(mixed)
        line = spell_line(mixed)
        assert line["discharged_at"] == "2027-01-20T08:30:00Z"
        assert line["admitted_at"] == "2027-01-20T06:00:00Z"
        assert line["discharge"] == {
            "method": {"raw": "6", "code": "6"},
            "destination": {"raw": "88", "code": "88"},
            "group": "hospice",
            "list": "both",
        }

    @LAW
    @given(histories())
    def test_an_older_word_recorded_before_never_wins(self, facts: list[Fact]) -> None:
        """What was recorded before a correction changes nothing it corrected."""
        gone = fact("SpellDischarged", LATE + HOUR)
        corrected = fact("SpellAmended", LATE + 5 * HOUR, discharge_method="6")
        stale = msgspec.structs.replace(
            corrected, id="0" * 36, recorded_at=LATE + HOUR, body={"discharge_method": "1"}
        )
        assert spell_line([*admitted(facts), gone, corrected, stale])["discharge"]["method"]["raw"] == "6"
