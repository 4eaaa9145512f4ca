"""Sealing: which key, links and tags; deterministic ids; nothing identifiable off the identity topic."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest

from connectors.identity import RANK_NONE, RANK_TRACED, RANK_UNVERIFIED, RANK_VERIFIED, identify
from connectors.message import Draft, Identifier, SealedEvent, Subject
from connectors.sealing import Envelope, Sealer
from runtime.place import Partner, load_place
from runtime.pseudonym import KeyRing
from schemas.codec import decode, encode, fact_from_record
from schemas.errors import ContractViolation

KEYS = KeyRing.offline()
PRUH = load_place("bromley").partners["pruh-adt"]
TRACED = load_place("bromley").partners["lbb-csv"]
NUMBER = KEYS.person_key("NHS", "", "9990000018")
MRN = KEYS.person_key("LOCAL", "RJZ", "1000001")
LOCAL = Identifier("MRN", "RJZ", "1000001")
ENVELOPE = Envelope("M1", "abcd", 1_768_000_000_000_000, "sha")


def nhs(value: str = "9990000018", status: str = "NSTS01") -> Identifier:
    return Identifier("NHS", "", value, status)


def person(*ids: Identifier, **said: Any) -> Subject:
    return Subject(
        ids, **{"family": "O\u2019Brien-Smythe", "birth_date": "1940-12-13", "postcode": "br1 1aa", **said}
    )


def seal(*drafts: Draft, dialect: Partner = PRUH, envelope: Envelope = ENVELOPE) -> tuple[SealedEvent, ...]:
    return Sealer("pruh-adt", dialect, KEYS).seal(drafts, envelope)


def admitted(subject: Subject, **fields: Any) -> Draft:
    return Draft("SpellAdmitted", "s1", subject, "s1", 1, 2, fields=fields)


def by_kind(events: tuple[SealedEvent, ...], kind: str) -> list[SealedEvent]:
    return [event for event in events if event.schema == f"{kind}.v1"]


class TestKeys:
    """domain/04 §4.1: what makes a number a key."""

    @pytest.mark.parametrize(
        ("ids", "dialect", "key", "rank", "flags"),
        [
            ((LOCAL,), PRUH, MRN, RANK_NONE, ()),
            ((LOCAL, nhs()), PRUH, NUMBER, RANK_VERIFIED, ()),
            ((LOCAL, nhs(status="01")), PRUH, NUMBER, RANK_VERIFIED, ()),
            ((LOCAL, nhs(status="1")), PRUH, NUMBER, RANK_VERIFIED, ()),
            ((nhs("999 000 0018"), LOCAL), PRUH, NUMBER, RANK_VERIFIED, ()),
            ((LOCAL, nhs(status="NSTS02")), PRUH, MRN, RANK_UNVERIFIED, ()),
            ((LOCAL, nhs(status="")), PRUH, MRN, RANK_UNVERIFIED, ()),
            ((LOCAL, nhs(status="")), TRACED, NUMBER, RANK_TRACED, ()),
            ((LOCAL, nhs("9990000019")), PRUH, MRN, RANK_NONE, ("NHS_NUMBER_INVALID",)),
            ((LOCAL, nhs("3333333333")), PRUH, MRN, RANK_NONE, ("NHS_NUMBER_PLACEHOLDER",)),
            ((LOCAL, nhs("9876543210")), TRACED, MRN, RANK_NONE, ("NHS_NUMBER_PLACEHOLDER",)),
            ((LOCAL, nhs(), nhs("9990000026")), PRUH, MRN, RANK_UNVERIFIED, ("several_numbers",)),
        ],
    )
    def test_of_a_subject(
        self, ids: tuple[Identifier, ...], dialect: Partner, key: str, rank: int, flags: tuple[str, ...]
    ) -> None:
        made = identify(person(*ids), "pruh-adt", dialect, KEYS)
        assert (made.key, made.local_key, made.number_rank, made.flags) == (key, MRN, rank, flags)

    def test_an_unknown_person_is_never_joined_by_a_number(self) -> None:
        made = identify(person(LOCAL, nhs(), identity_unknown=True), "pruh-adt", PRUH, KEYS)
        assert (made.key, made.number_rank, made.match_tags) == (MRN, RANK_UNVERIFIED, ())

    def test_an_unverified_number_alone_keys_this_partner_only(self) -> None:
        one, other = (
            identify(person(nhs(status="")), partner, PRUH, KEYS) for partner in ("pruh-adt", "bwell-csv")
        )
        assert len({one.key, other.key, NUMBER}) == 3
        assert one.local_key == one.key

    def test_nothing_usable_is_refused(self) -> None:
        with pytest.raises(ContractViolation, match="NO_IDENTIFIER"):
            identify(person(nhs("3333333333")), "pruh-adt", PRUH, KEYS)

    def test_dates_of_birth_tag_alike_and_only_alike(self) -> None:
        tags = [
            identify(person(LOCAL, birth_date=born), "p", PRUH, KEYS).dob_tag
            for born in ("1940-12-13", "1940-12-14", "")
        ]
        assert tags[0] == KEYS.tag("dob", "1940-12-13") != tags[1]
        assert tags[2] is None

    def test_names_match_without_case_accents_and_marks(self) -> None:
        one = identify(
            person(LOCAL, family="O\u2019Bri\u00ebn", postcode="BR1 1AA"), "p", PRUH, KEYS
        ).match_tags
        assert (
            one
            == identify(person(LOCAL, family="OBRIEN", postcode="br11aa"), "q", TRACED, KEYS).match_tags
            != ()
        )
        assert identify(person(LOCAL, postcode=""), "p", PRUH, KEYS).match_tags == ()


class TestLinks:
    """Facts about the key that is retired or local (design.md §5)."""

    def test_every_local_id_beside_a_verified_number_is_linked_once_a_message(self) -> None:
        second = Identifier("MRN", "RJZ", "1000002")
        subject = person(LOCAL, second, nhs())
        links = by_kind(seal(admitted(subject), admitted(subject)), "PersonsLinked")
        want = [MRN, KEYS.person_key("LOCAL", "RJZ", "1000002")]
        assert [
            (e.key, e.record["source_key"], e.record["target_key"], e.record["basis"]) for e in links
        ] == [(key, key, NUMBER, "number") for key in want]
        assert {e.record["number_rank"] for e in links} == {RANK_VERIFIED}
        assert {e.record["dob_tag"] for e in links} == {KEYS.tag("dob", "1940-12-13")}

    def test_an_unverified_number_links_nothing_and_is_only_proposed(self) -> None:
        subject = person(LOCAL, nhs(status="NSTS02"))
        events = seal(admitted(subject), Draft("PersonIdentified", "PID", subject))
        assert by_kind(events, "PersonsLinked") == []
        (tagged,) = by_kind(events, "PersonTagged")
        assert (tagged.key, tagged.record["unverified_number_key"]) == (MRN, NUMBER)

    def test_a_merge_runs_from_record_to_record(self) -> None:
        old = Subject((Identifier("MRN", "RJZ", "2"),))
        (link,) = seal(
            Draft("PersonsLinked", "MRG[1]-1[1]", old, fields={"basis": "merge"}, other=Subject((LOCAL,)))
        )
        assert (link.key, link.record["target_key"]) == (KEYS.person_key("LOCAL", "RJZ", "2"), MRN)
        assert (link.record["basis"], link.record["local_key"]) == ("merge", link.key)

    def test_a_superseded_number_points_to_the_new_one(self) -> None:
        old, new = Subject((nhs("9990000026", ""),)), Subject((nhs(),))
        (link,) = seal(Draft("PersonsLinked", "x", old, fields={"basis": "superseded"}, other=new))
        assert (link.key, link.record["target_key"]) == (KEYS.person_key("NHS", "", "9990000026"), NUMBER)

    def test_an_unlink_has_a_deleted_target(self) -> None:
        (link,) = seal(Draft("PersonsLinked", "x", Subject((LOCAL,)), fields={"basis": "unlink"}))
        kind, record = decode(encode(link.schema, link.record))
        assert fact_from_record(kind, record).body == {
            "source_key": MRN,
            "target_key": None,
            "basis": "unlink",
        }


class TestEvents:
    """Records, headers and ids."""

    def test_three_states_reach_the_fact(self) -> None:
        (event,) = seal(admitted(person(LOCAL), poc="OAK", bed=None))
        kind, record = decode(encode(event.schema, event.record))
        assert fact_from_record(kind, record).body == {"poc": "OAK", "bed": None}

    def test_a_field_the_kind_has_not_is_a_bad_value(self) -> None:
        with pytest.raises(ContractViolation, match="BAD_VALUE"):
            seal(admitted(person(LOCAL), colour="red"))

    def test_ids_never_depend_on_the_order_of_drafts(self) -> None:
        subject = person(LOCAL, nhs())
        drafts = [
            admitted(subject),
            Draft("SpellAmended", "s1", subject, "s1"),
            Draft("PersonIdentified", "PID", subject),
        ]
        made = {
            tuple(sorted((e.record["event_id"], e.schema, e.key) for e in seal(*o)))
            for o in permutations(drafts)
        }
        assert len(made) == 1
        (events,) = made
        assert len({event_id for event_id, _, _ in events}) == len(events) == 5

    def test_ids_differ_by_partner_message_content_and_fact(self) -> None:
        subject = person(LOCAL)
        ids = [
            e.record["event_id"]
            for envelope in (ENVELOPE, Envelope("M2", "abcd", 1, "sha"), Envelope("M1", "efgh", 1, "sha"))
            for e in seal(admitted(subject), Draft("SpellAmended", "s1", subject, "s1"), envelope=envelope)
        ]
        assert len(set(ids)) == 6

    def test_a_requeued_message_has_the_same_content_tags(self) -> None:
        one, two = (
            seal(admitted(person(LOCAL)), envelope=Envelope(m, "abcd", 1, "x"))[0].record for m in "12"
        )
        assert one["content_tag"] == two["content_tag"] != ""
        assert one["event_id"] != two["event_id"]

    def test_a_decision_is_told_to_both_keys(self) -> None:
        own = Subject((Identifier("KEY", "", MRN),))
        events = seal(
            Draft(
                "MatchDecided",
                "a|b",
                own,
                fields={"other_key": NUMBER, "decision": "same", "decided_by": "hub"},
            )
        )
        assert [(e.key, e.record["other_key"]) for e in events] == [(MRN, NUMBER), (NUMBER, MRN)]
        assert len({e.record["event_id"] for e in events}) == 2

    def test_only_the_identity_topic_holds_who_it_is(self) -> None:
        subject = person(LOCAL, nhs(), family="CANARYNAME", given="CANARYGIVEN")
        events = seal(admitted(subject), Draft("PersonIdentified", "PID", subject))
        secrets = ("CANARYNAME", "CANARYGIVEN", "9990000018", "1000001", "1940-12-13", "br1 1aa")
        for event in events:
            text = json.dumps(
                [event.key, dict(event.headers)] + ([] if event.identifiable else [dict(event.record)])
            )
            assert not [secret for secret in secrets if secret in text], event.schema
        (identified,) = [event for event in events if event.identifiable]
        assert identified.record["family"] == "CANARYNAME"
        assert identified.topic != events[0].topic

    def test_the_controller_and_purpose_travel_with_every_event(self) -> None:
        headers = seal(admitted(person(LOCAL)))[0].headers
        assert (headers["controller"], headers["purpose"], headers["correlationid"]) == (
            "RJZ",
            "direct-care",
            "sha",
        )
