"""Merges: what joins, what is refused, what joins nobody (lessons.md §4.5)."""

from __future__ import annotations

import pytest

from connectors.message import RawMessage, Refusal
from connectors.partners.hl7_adt.translate import translate
from connectors.pipeline import Pipeline
from runtime.place import load_place
from runtime.pseudonym import KeyRing
from schemas.reasons import Reason

KEYS = KeyRing.offline()
DIALECT = load_place("bromley").partners["pruh-adt"]
NOW = 1_768_100_000_000_000


def key(number: str) -> str:
    return KEYS.person_key("NHS", "", number)


def mrn(number: str) -> str:
    return KEYS.person_key("LOCAL", "RJZ", number)


def a40(*segments: str) -> RawMessage:
    head = "MSH|^~\\&|PAS|RJZ|||20260110120000||ADT^A40^ADT_A39|M1|P|2.4\rEVN||20260110115500\r"
    return RawMessage("pruh-adt", (head + "\r".join(segments)).encode(), NOW)


def pid(ids: str, status: str = "") -> str:
    return f"PID|1||{ids}" + ("|" * 29 + status if status else "")


def links(*segments: str) -> set[tuple[str, str, str]]:
    outcome = Pipeline(load_place("bromley"), "pruh-adt", KEYS).process(a40(*segments))
    assert outcome.kind == "accepted"
    found = [dict(event.record) for event in outcome.events if event.schema == "PersonsLinked.v1"]
    return {(one["source_key"], one["target_key"], one["basis"]) for one in found}


def refused(*segments: str) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        translate(a40(*segments), DIALECT)
    return caught.value.reason, caught.value.where


class TestJoins:
    """Local to local; a number only by a verified number."""

    def test_record_to_record_and_the_survivor_to_its_number(self) -> None:
        made = links(pid("1^^^RJZ~9990000018^^^NHS", "NSTS01"), "MRG|2^^^RJZ")
        assert made == {(mrn("2"), mrn("1"), "merge"), (mrn("1"), key("9990000018"), "number")}

    def test_a_verified_number_supersedes_another(self) -> None:
        made = links(pid("1~9990000018^^^NHS", "NSTS01"), "MRG|2~9990000026^^^NHS")
        assert (key("9990000026"), key("9990000018"), "superseded") in made

    def test_an_unverified_number_supersedes_nothing(self) -> None:
        made = links(pid("1~9990000018^^^NHS", "NSTS02"), "MRG|2~9990000026^^^NHS")
        assert made == {(mrn("2"), mrn("1"), "merge")}

    def test_a_number_said_of_both_joins_nothing_more(self) -> None:
        made = links(pid("1~9990000018^^^NHS", "NSTS01"), "MRG|2~999 000 0018^^^NHS")
        assert {basis for _, _, basis in made} == {"merge", "number"}

    def test_a_survivor_known_by_a_verified_number_alone(self) -> None:
        assert links(pid("9990000018^^^NHS", "NSTS01"), "MRG|2^^^RJZ") == {
            (mrn("2"), key("9990000018"), "merge")
        }

    def test_a_survivor_known_by_an_unverified_number_alone_is_not_that_number(self) -> None:
        ((source, target, _),) = links(pid("9990000018^^^NHS"), "MRG|2^^^RJZ")
        assert source == mrn("2")
        assert target != key("9990000018")

    def test_two_retired_records_of_one_survivor(self) -> None:
        made = links(pid("1"), "MRG|2", "MRG|3")
        assert made == {(mrn("2"), mrn("1"), "merge"), (mrn("3"), mrn("1"), "merge")}

    def test_a_list_that_repeats_the_survivor_retires_the_others(self) -> None:
        assert links(pid("1"), "MRG|1~2") == {(mrn("2"), mrn("1"), "merge")}


class TestRefused:
    """Nothing is joined on half a message."""

    @pytest.mark.parametrize(
        ("segments", "reason", "where"),
        [
            (("PID|1||1", "MRG|1"), Reason.SELF_MERGE, "MRG[1]-1"),
            ((pid("1~9990000018^^^NHS", "NSTS01"), "MRG|1~9990000026^^^NHS"), Reason.SELF_MERGE, "MRG[1]-1"),
            (("PID|1||1", "MRG|"), Reason.NO_IDENTIFIER, "MRG[1]-1"),
            (("PID|1||1", 'MRG|""'), Reason.NO_IDENTIFIER, "MRG[1]-1"),
            (("PID|1||1", "MRG|9^^^NEWHAM"), Reason.NO_IDENTIFIER, "MRG[1]-1"),
            (("PID|1||1", "MRG|3333333333^^^NHS"), Reason.NO_IDENTIFIER, "MRG[1]-1"),
            (("PID|1||1", "MRG|9990000018^^^NHS"), Reason.NO_IDENTIFIER, "MRG[1]-1"),
            (("MRG|2",), Reason.FIELD_MISSING, "PID"),
            ((), Reason.FIELD_MISSING, "PID"),
            (("PID|1||1",), Reason.FIELD_MISSING, "MRG[1]"),
            (("PID|1||", "MRG|2"), Reason.NO_IDENTIFIER, "PID[1]-3"),
        ],
    )
    def test_a_bad_merge(self, segments: tuple[str, ...], reason: Reason, where: str) -> None:
        assert refused(*segments) == (reason, where)

    def test_a_bad_pair_never_takes_a_good_one_with_it(self) -> None:
        made = translate(a40("PID|1||1", "MRG|1", "PID|2||3", "MRG|4", "PID|3||5"), DIALECT)
        assert [draft.kind for draft in made.drafts].count("PersonsLinked") == 1
        assert [(r.reason, r.where) for r in made.refusals] == [
            (Reason.SELF_MERGE, "MRG[1]-1"), (Reason.FIELD_MISSING, "MRG[3]"),
        ]  # fmt: skip
