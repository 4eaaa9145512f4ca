"""Who is told of a discharge, once, and who must be told it is no longer true (domain 01 §1.14, demo F6-F11).
"""

from __future__ import annotations

import json
from typing import Any

from schemas.fact import Fact
from streams.core.reduce import Picture, reduce_person
from streams.core.transfer.told import Notice
from streams.core.views.lines import IdentityView, lines
from tests.core.story import CONFIG, PERSON, at, fact

A01 = fact("SpellAdmitted", "9 10:00", place="M4^A^1", patient_class="I")
A03 = fact("SpellDischarged", "12 14:32", discharge_method="1")
A13 = fact("SpellDischargeCancelled", "12 14:41")
PACKAGE = fact(
    "CarePackageApproved", "12 14:06", partner="lbb-webhook", thing="p", provider="Oakfield Homecare"
)
SUPPORT = fact("SupportAccepted", "12 09:00", partner="bwell-webhook", thing="s")


def picture(*facts: Fact) -> Picture:
    """Reduce a history."""
    return reduce_person(facts, CONFIG)


def owed(*facts: Fact) -> set[str]:
    """Recipients of notices that still have to go out, retractions as `-name`."""
    return {("-" if notice.retracts else "") + notice.recipient for notice in picture(*facts).owed}


def said(kind: str, when: str, notice: Notice) -> Fact:
    """A notice event about an owed notice."""
    return fact(
        kind,
        when,
        partner="homeward",
        thing=notice.notice_id,
        recipient=notice.recipient,
        fact=notice.fact,
        about=notice.about,
        fact_id=notice.fact_id,
        retracts=notice.retracts,
    )


def sent(*facts: Fact, when: str = "12 14:33") -> list[Fact]:
    """Everything owed, sent."""
    return [said("NoticeSent", when, notice) for notice in picture(*facts).owed]


def transfer(*facts: Fact) -> dict[str, Any]:
    """The transfer line."""
    return dict(json.loads(lines(picture(*facts), PERSON, IdentityView(PERSON), CONFIG)[-1]))


class TestOwed:
    """Notices are a function of the set."""

    def test_everyone_concerned_is_told(self) -> None:
        """F6: council, provider, charity, GP."""
        assert owed(A01, A03, PACKAGE, SUPPORT) == {"lbb", "oakfield", "bromley-well", "gp"}

    def test_a_provider_hears_only_of_the_people_it_serves(self) -> None:
        """Another provider's package makes the council a recipient, not Oakfield."""
        other = fact(
            "CarePackageApproved", "12 14:06", partner="lbb-webhook", thing="p", provider="Elsewhere Care"
        )
        assert owed(A01, A03, other) == {"lbb", "gp"}

    def test_a_closed_thing_makes_nobody_a_recipient(self) -> None:
        """Ended before the discharge, or asked for long after it."""
        ended = fact("CarePackageEnded", "12 14:10", partner="lbb-webhook", thing="p")
        later = fact("CarePackageRequested", "20 09:00", partner="lbb-webhook", thing="q")
        assert owed(A01, A03, PACKAGE, ended, later) == {"gp"}
        assert owed(
            A01, A03, PACKAGE, fact("CarePackageEnded", "13 10:00", partner="lbb-webhook", thing="p")
        ) == {
            "lbb",
            "oakfield",
            "gp",
        }

    def test_a_repeated_discharge_owes_nothing_new(self) -> None:
        """F8: same id, new id, recorded again, even corrected: the same notices."""
        first = {notice.notice_id for notice in picture(A01, A03).owed}
        again = fact("SpellDischarged", "12 14:32", recorded="12 14:50", discharge_method="1")
        corrected = fact("SpellDischarged", "12 14:30", recorded="12 14:55", discharge_method="1")
        assert {notice.notice_id for notice in picture(A01, A03, A03, again, corrected).owed} == first
        assert owed(A01, A03, *sent(A01, A03), again, corrected) == set()

    def test_a_discharge_made_again_after_a_cancel_is_told_again(self) -> None:
        """It is another discharge, even at the same minute."""
        again = fact("SpellDischarged", "12 14:32", recorded="12 16:00")
        told = sent(A01, A03)
        assert owed(A01, A03, *told, A13, again) == {"gp"}

    def test_old_news_is_told_to_nobody(self) -> None:
        """Heard of later than the horizon: a replay, day one."""
        assert owed(A01, fact("SpellDischarged", "12 14:32", received="13 14:33")) == set()
        assert owed(A01, fact("SpellDischarged", "12 14:32", received="13 14:31")) == {"gp"}

    def test_an_emergency_departure_is_no_discharge_home(self) -> None:
        """A03 with class E."""
        seen = fact("SpellRegistered", "12 09:00", patient_class="E")
        assert owed(seen, fact("SpellDischarged", "12 12:00", patient_class="E")) == set()

    def test_a_stated_death_holds_every_notice(self) -> None:
        """Domain 01 §1.16: a human looks first; a withdrawn statement restores."""
        died = fact("DeathRecorded", "12 15:00", thing="person", death_at=at("12 14:50"), indicator="N")
        withdrawn = fact("DeathRecorded", "12 16:00", thing="person", death_at=None, indicator="N")
        assert owed(A01, A03, died) == set()
        assert {notice["state"] for notice in transfer(A01, A03, died)["notices"]} == {"held"}
        assert owed(A01, A03, died, withdrawn) == {"gp"}


class TestRetraction:
    """Told facts that no longer stand."""

    def test_everyone_told_must_be_untold_until_they_know(self) -> None:
        """F7 to F11: acknowledged by some, phoned to the last."""
        told = sent(A01, A03, PACKAGE, SUPPORT)
        back = [A01, A03, PACKAGE, SUPPORT, *told, A13]
        assert owed(*back) == {"-lbb", "-oakfield", "-bromley-well", "-gp"}
        first = transfer(*back)
        assert [item["since"] for item in first["must_retract"]] == ["2027-01-12T14:41:00Z"] * 4
        undo = [notice for notice in picture(*back).owed if notice.retracts]
        heard = [said("NoticeSent", "12 14:42", notice) for notice in undo]
        heard += [
            said("NoticeAcknowledged", "12 14:43", notice) for notice in undo if notice.recipient != "lbb"
        ]
        assert [item["recipient"] for item in transfer(*back, *heard)["must_retract"]] == ["lbb"]
        council = next(notice for notice in undo if notice.recipient == "lbb")
        phoned = [*heard, said("NoticeToldByPhone", "12 15:12", council)]
        assert transfer(*back, *phoned)["must_retract"] == []
        assert owed(*back, *phoned) == set()

    def test_a_notice_never_sent_needs_no_retraction(self) -> None:
        """It is simply no longer owed."""
        assert owed(A01, A03, A13) == set()

    def test_a_failed_notice_told_nobody(self) -> None:
        """Failed to send, then cancelled: nothing to take back."""
        failed = [said("NoticeFailed", "12 14:33", notice) for notice in picture(A01, A03).owed]
        assert transfer(A01, A03, *failed, A13)["must_retract"] == []

    def test_a_cancelled_admission_takes_the_discharge_with_it(self) -> None:
        """A11 after the A03 was told."""
        line = transfer(A01, A03, *sent(A01, A03), fact("SpellAdmissionCancelled", "12 15:00"))
        assert [item["recipient"] for item in line["must_retract"]] == ["gp"]

    def test_a_spell_that_moved_to_another_person_leaves_what_was_told(self) -> None:
        """A wrong number corrected: the facts went, the telling stays and must be taken back."""
        line = transfer(*sent(A01, A03))
        assert [item["recipient"] for item in line["must_retract"]] == ["gp"]
        assert line["spell_id"] is None

    def test_once_discharged_again_and_told_nothing_is_left_to_retract(self) -> None:
        """The later notice stands for the earlier."""
        again = fact("SpellDischarged", "12 18:00")
        history = [A01, A03, *sent(A01, A03), A13, again]
        assert transfer(*history)["must_retract"] == []
        assert len(transfer(*history, *sent(*history, when="12 18:01"))["told"]) == 2


class TestTold:
    """What was told, and how."""

    def test_a_phone_call_alone_is_a_telling(self) -> None:
        """Nobody had to wait for the webhook."""
        notice = picture(A01, A03).owed[0]
        told = transfer(A01, A03, said("NoticeToldByPhone", "12 14:40", notice))["told"]
        moment = "2027-01-12T14:40:00Z"
        assert told == [
            {"recipient": "gp", "fact": "discharged", "sent_at": moment, "acked_at": moment, "how": "phone"},
        ]

    def test_repeats_of_an_acknowledgement_keep_the_first_time(self) -> None:
        """At-least-once delivery changes nothing."""
        notice = picture(A01, A03).owed[0]
        acks = [said("NoticeAcknowledged", when, notice) for when in ("12 14:35", "12 14:34", "12 15:00")]
        told = transfer(A01, A03, said("NoticeSent", "12 14:33", notice), *acks)["told"]
        assert (told[0]["sent_at"], told[0]["acked_at"]) == ("2027-01-12T14:33:00Z", "2027-01-12T14:34:00Z")
