"""Packages, tasks, support, the transfer that joins them, and the restricted person fields, by hand."""

from __future__ import annotations

import json
from typing import Any

from schemas.fact import Fact
from streams.core.identity.identified import identifiable
from streams.core.reduce import reduce_person
from streams.core.views.lines import IdentityView, lines
from tests.core.story import A01, A03, CONFIG, PERSON, at, fact, lines_of


def transfer_of(*facts: Fact) -> dict[str, Any]:
    """The transfer line of a history."""
    return dict(json.loads(lines_of(facts)[-1]))


class TestCommunity:
    """Packages, tasks and support."""

    def test_a_vanished_row_is_unknown_not_ended(self) -> None:
        """Until another source, or the row itself, is heard again."""
        listed = fact("CarePackageStarted", "11 09:00", partner="lbb-csv", thing="p")
        gone = fact("CarePackageRowGone", "12 09:00", partner="lbb-csv", thing="p")
        hook = fact("CarePackageChanged", "12 10:00", partner="lbb-webhook", thing="p")
        package = transfer_of(listed, gone)["packages"][0]
        assert (package["state"], package["unknown_since"]) == ("started", "2027-01-12T09:00:00Z")
        assert transfer_of(listed, gone, hook)["packages"][0]["unknown_since"] is None

    def test_a_transfer_is_shown_for_thirty_days_after_it_closed(self) -> None:
        """Then only the spell line is left."""
        picture = reduce_person([A01, A03], CONFIG)
        identity = IdentityView(PERSON)
        month = 30 * 86_400_000_000
        assert len(lines(picture, PERSON, identity, CONFIG, now=at("10 14:00") + month)) == 3
        assert len(lines(picture, PERSON, identity, CONFIG, now=at("10 14:00") + month + 1)) == 2
        assert (
            len(lines(reduce_person([A01], CONFIG), PERSON, identity, CONFIG, now=at("10 14:00") + 2 * month))
            == 3
        )


class TestHolder:
    """Packages of people in hospital, and who cares for them."""

    CARE = fact("CarePackageStarted", "1 09:00", partner="lbb-webhook", thing="p")

    def holder(self, patient_class: str | None) -> Any:
        """Who the package's holder is, of somebody admitted with that class."""
        body = {} if patient_class is None else {"patient_class": patient_class}
        admitted = fact("SpellAdmitted", "9 10:00", place="M4^A^1", **body)
        return transfer_of(self.CARE, admitted)["packages"][0]["holder_in_hospital"]

    def test_only_an_ordinary_admission_counts(self) -> None:
        """A class nobody said is no ordinary admission; nor is a recurring or obstetric one."""
        assert self.holder("I") is not None
        assert [self.holder(code) for code in (None, "R", "B", "E", "O")] == [None] * 5

    def test_a_package_of_after_the_admission_has_no_holder_in_hospital(self) -> None:
        """It was arranged around the stay."""
        later = fact("CarePackageApproved", "9 10:01", partner="lbb-webhook", thing="q")
        packages = transfer_of(A01, later)["packages"]
        assert packages[0]["holder_in_hospital"] is None

    def test_the_carer_is_what_was_said_of_each_question(self) -> None:
        """One answer alone is enough; both taken back are none."""
        told = fact("UnpaidCarerRecorded", "10 09:00", partner="hub-list", instance="a", told=True)
        here = fact("UnpaidCarerRecorded", "10 10:00", partner="hub-list", instance="b", involved=True)
        gone = fact(
            "UnpaidCarerRecorded", "10 11:00", partner="hub-list", instance="c", told=None, involved=None
        )
        assert transfer_of(A01, told)["unpaid_carer"]["involved"] is None
        carer = transfer_of(A01, told, here)["unpaid_carer"]
        assert (carer["involved"], carer["told"], carer["since"]) == (True, True, "2027-01-10T10:00:00Z")
        assert transfer_of(A01, told, here, gone)["unpaid_carer"] is None


class TestTask:
    """States by event time."""

    def test_an_older_step_heard_late_does_not_set_it_back(self) -> None:
        """Accepted at noon, the request recorded after it."""
        asked = fact(
            "TaskRequested",
            "11 09:00",
            recorded="11 13:00",
            partner="hub-list",
            thing="t",
            task_kind="equipment",
        )
        taken = fact("TaskAccepted", "11 12:00", partner="hub-list", thing="t", owner="community")
        task = transfer_of(taken, asked)["tasks"][0]
        assert (task["state"], task["requested_at"], task["owner"]) == (
            "accepted",
            "2027-01-11T09:00:00Z",
            "community",
        )

    def test_a_reassignment_changes_the_owner_only(self) -> None:
        """Not the state."""
        taken = fact("TaskAccepted", "11 12:00", partner="hub-list", thing="t", owner="community")
        passed_on = fact("TaskReassigned", "11 13:00", partner="hub-list", thing="t", owner="council")
        task = transfer_of(taken, passed_on)["tasks"][0]
        assert (task["state"], task["owner"]) == ("accepted", "council")


class TestIdentifiable:
    """What `--identifiable` adds, from restricted facts alone."""

    IDS = (
        {"system": "NHS", "authority": "NHS", "value": "999 000 0018", "status": "NSTS01"},
        {"system": "NHS", "authority": "NHS", "value": "9990000026", "status": "NSTS02"},
        {"system": "NHS", "authority": "NHS", "value": "1111111111", "status": "NSTS01"},
        {"system": "NHS", "authority": "NHS", "value": "9990000019", "status": ""},
        {"system": "MRN", "authority": "RJZ", "value": "H1", "status": ""},
    )

    def test_validity_of_each_identifier(self) -> None:
        """Verified, unverified, placeholder, wrong check digit, local."""
        given = fact("PersonIdentified", "9 10:00", thing="person", ids=list(self.IDS))
        found = [(one["value"], one["validity"]) for one in identifiable([given])["ids"]]
        assert found == [
            ("H1", "valid"),
            ("1111111111", "placeholder"),
            ("999 000 0018", "valid"),
            ("9990000019", "invalid"),
            ("9990000026", "unverified"),
        ]

    def test_a_retired_identifier_stays_listed(self) -> None:
        """As superseded, in the survivor."""
        retired = fact("PersonIdentified", "9 10:00", thing="person", ids=[self.IDS[-1]])
        link = fact(
            "PersonsLinked", "10 10:00", thing="person", source_key=PERSON, target_key="p1:B", basis="merge"
        )
        undone = fact(
            "PersonsLinked", "11 10:00", thing="person", source_key=PERSON, target_key=None, basis="unlink"
        )
        assert identifiable([retired, link])["ids"][0]["validity"] == "superseded"
        assert identifiable([retired, link, undone])["ids"][0]["validity"] == "valid"

    def test_sources_that_differ_are_a_conflict(self) -> None:
        """Shown with their sources; case alone is none."""
        one = fact("PersonIdentified", "9 10:00", thing="person", family="MARLOW", birth_date="1942-03-05")
        other = fact(
            "PersonIdentified",
            "9 11:00",
            partner="lbb-webhook",
            thing="person",
            family="Marlow",
            birth_date="1942-05-03",
        )
        assert identifiable([one, other])["conflicts"] == [
            {
                "field": "birth_date",
                "values": ["1942-03-05", "1942-05-03"],
                "sources": ["lbb-webhook", "pruh-adt"],
            }
        ]
