"""The pipeline as a whole on one hospital's messages: bad input, duplicates, horizon, a file's rows."""

from __future__ import annotations

import json
import logging

import pytest

from connectors.duplicates import Firsts, Window
from connectors.message import RawMessage
from connectors.pipeline import Outcome, Pipeline
from runtime.errors import Misconfigured
from runtime.place import load_place
from runtime.pseudonym import KeyRing
from schemas.reasons import Reason

PLACE = load_place("bromley")
KEYS = KeyRing.offline()
MINUTE = 60_000_000
DAY = 1_440 * MINUTE
NOW = 1_768_046_700_000_000  # 2026-01-10T12:05:00Z
PID = (
    "PID|1||1000001^^^RJZ^MR~9990000018^^^NHS^NH||SMITH^JANE||19401213||||1 High Street^^Bromley^^BR1 1AA"
    + "|" * 21
)
PV1 = "PV1|1|I|OAK^BAY2^6^RJZ30|21||||||300|||||||||V100^^^RJZ-VISIT"


def body(
    trigger: str = "A01", mid: str = "M1", sent: str = "20260110120000", pid: str = PID + "NSTS01",
    pv1: str = PV1, evn6: str = "202601101150", processing: str = "P",
) -> str:  # fmt: skip
    head = f"MSH|^~\\&|PAS|RJZ|||{sent}||ADT^{trigger}|{mid}|{processing}|2.4"
    return "\r".join([head, f"EVN||20260110115500||||{evn6}", pid, pv1]) + "\r"


def raw(text: str | bytes, received_at: int = NOW) -> RawMessage:
    return RawMessage("pruh-adt", text if isinstance(text, bytes) else text.encode("cp1252"), received_at)


def pruh(**options: object) -> Pipeline:
    return Pipeline(PLACE, "pruh-adt", KEYS, **options)  # type: ignore[arg-type]


def take(text: str | bytes) -> Outcome:
    return pruh().process(raw(text))


def said(outcome: Outcome) -> tuple[str, list[tuple[str, str]]]:
    return outcome.kind, [(str(r.reason), r.where) for r in outcome.refusals]


class TestBadInput:
    """Issue 3 "Bad input": a clear refusal, or accepted where it should be; nothing else stops."""

    @pytest.mark.parametrize(
        ("text", "reason", "where"),
        [
            (b"\x00\x01garbage\xff", "UNREADABLE", "MSH-1"),
            (b"", "UNREADABLE", "MSH-1"),
            (body(processing="T"), "WRONG_PROCESSING_ID", "MSH-11"),
            (body("A20"), "UNSUPPORTED_EVENT", "MSH-9"),
            (body(pid="PID|1||3333333333^^^NHS"), "NO_IDENTIFIER", "PID-3"),
            (body(evn6="20260132"), "BAD_DATE", "EVN-6"),
            (body(mid=""), "FIELD_MISSING", "MSH-10"),
            (b"MSH|^&&^|PAS", "UNREADABLE", "MSH-2"),
            (body(pid=PID.replace("SMITH", "\x81")).encode("latin-1"), "BAD_CHARSET", "MSH-18"),
        ],
    )
    def test_is_refused_with_a_reason_and_a_place(self, text: str | bytes, reason: str, where: str) -> None:
        outcome = take(text)
        assert said(outcome) == ("quarantined", [(reason, where)])
        assert outcome.events == ()

    @pytest.mark.parametrize(
        ("text", "flag"),
        [
            (body(pid=PID.replace("9990000018", "3333333333") + "NSTS01"), "NHS_NUMBER_PLACEHOLDER"),
            (body(pid=PID.replace("9990000018", "9990000019") + "NSTS01"), "NHS_NUMBER_INVALID"),
            (body(pid=PID.replace("19401213", "196513121515")), "BAD_DATE_OF_BIRTH"),
            (body(pid=PID.replace("SMITH", "BRONT\u00cb")), ""),
            (body().translate(str.maketrans("|^~\\&", "!$?@*")), ""),
        ],
    )
    def test_is_accepted_where_it_should_be_under_its_local_id_or_number(self, text: str, flag: str) -> None:
        outcome = take(text)
        assert said(outcome) == ("accepted", [])
        admitted = outcome.events[[e.schema for e in outcome.events].index("SpellAdmitted.v1")].record
        assert admitted["flags"] == ([flag] if flag else [])
        if flag:
            assert admitted["person_key"] == admitted["local_key"]

    def test_a_refused_message_says_which_it_was_and_nothing_of_the_person(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        outcome = take(body("A03", mid="M77", pid=PID.replace("SMITH", "CANARY"), pv1="PV1|1|I|OAK^^^RJZ30"))
        assert outcome.message_id == "M77"
        told = (
            json.dumps([str(outcome.refusals), *map(str, outcome.refusals), *map(repr, outcome.refusals)])
            + caplog.text
        )
        assert not [secret for secret in ("CANARY", "1000001", "9990000018", "19401213") if secret in told]


class TestDuplicates:
    """A re-send makes no event; a re-queue neither; the same id with other content is another message."""

    def test_of_one_message(self) -> None:
        pipeline = pruh()
        texts = [
            body(),
            body(),
            body(sent="20260110120500"),
            body(mid="M2", sent="20260112000000"),
            body("A03"),
            body("A03"),
        ]
        outcomes = [pipeline.process(raw(text)) for text in texts]
        assert [(o.kind, o.cause) for o in outcomes] == [
            ("accepted", ""), ("duplicate", "same id"), ("duplicate", "same id"), ("duplicate", "requeued"),
            ("accepted", ""), ("duplicate", "same id"),
        ]  # fmt: skip
        assert [bool(outcome.events) for outcome in outcomes] == [True, False, False, False, True, False]
        flags = [{flag for event in o.events for flag in event.record["flags"]} for o in outcomes]
        assert flags[0] == set()
        assert flags[4] == {Reason.ID_REUSED}

    def test_a_copy_recorded_before_the_one_that_came_first_is_the_one_that_counts(self) -> None:
        # No EVN-2, so MSH-7 says when it was recorded; the re-queue overtook the original.
        def unrecorded(mid: str, sent: str) -> RawMessage:
            return raw(body(mid=mid, sent=sent).replace("EVN||20260110115500", "EVN||"))

        pipeline = pruh()
        texts = [("M2", "20260111090000"), ("M1", "20260110120000"), ("M3", "20260112090000")]
        outcomes = [pipeline.process(unrecorded(*text)) for text in texts]
        assert [outcome.kind for outcome in outcomes] == ["accepted", "duplicate", "duplicate"]
        assert [bool(outcome.events) for outcome in outcomes] == [True, True, False]

    def test_an_id_that_comes_with_other_content_flags_every_message_of_its(self) -> None:
        pipeline = pruh()
        texts = [body(), body("A03"), body("A02"), body()]
        first, second, third, again = (pipeline.process(raw(text)) for text in texts)
        assert not any(event.record["flags"] for event in first.events)
        assert {Reason.ID_REUSED in event.record["flags"] for event in second.events} == {True}
        said = {event.record["event_id"] for event in second.events}
        assert said > {event.record["event_id"] for event in first.events}
        assert said.isdisjoint(event.record["event_id"] for event in third.events), "said once"
        assert (again.kind, again.events) == ("duplicate", ())

    def test_the_first_of_an_id_is_at_hand_only_so_long(self) -> None:
        window = Window()
        firsts = Firsts(window, most_bytes=2000)
        for number in range(3):
            firsts.keep(f"M{number}", RawMessage("pruh-adt", b"x" * 900, NOW))
            window.note(f"M{number}", f"tag {number}", NOW)
        firsts.keep("M2", RawMessage("pruh-adt", b"another", NOW))
        assert [firsts.taken(f"M{n}") is not None for n in (0, 1, 2, 2)] == [False, True, True, False]

    def test_beyond_the_window_a_resend_is_an_event_again_with_the_same_ids(self) -> None:
        pipeline = pruh()
        first, again = (pipeline.process(raw(body(), NOW + late)) for late in (0, 3 * DAY + MINUTE))
        assert again.kind == "accepted"
        assert [e.record["event_id"] for e in first.events] == [e.record["event_id"] for e in again.events]
        assert [e.record["content_tag"] for e in first.events] == [
            e.record["content_tag"] for e in again.events
        ]

    def test_a_refused_message_stays_refused_however_often_it_comes(self) -> None:
        pipeline = pruh()
        assert [pipeline.process(raw(body(processing="T"))).kind for _ in range(3)] == ["quarantined"] * 3

    def test_a_partly_refused_message_makes_its_events_once(self) -> None:
        head = body("A40").split("\rPID")[0]
        text = "\r".join([head, "PID|1||1", "MRG|1", "PID|2||2", "MRG|3"])
        pipeline = pruh()
        first, again = pipeline.process(raw(text)), pipeline.process(raw(text))
        assert said(first) == said(again) == ("quarantined", [("SELF_MERGE", "MRG[1]-1")])
        assert bool(first.events) > bool(again.events)

    def test_segments_a_dialect_leaves_out_make_no_other_message(self) -> None:
        dialect = PLACE.partners["pruh-adt"].model_copy(update={"duplicate_fields": ("NK1",)})
        place = PLACE.model_copy(update={"partners": {"pruh-adt": dialect}})
        pipeline = Pipeline(place, "pruh-adt", KEYS)
        outcomes = [pipeline.process(raw(body(mid=m) + f"NK1|{m}\r")) for m in ("M1", "M2")]
        assert [outcome.cause for outcome in outcomes] == ["", "requeued"]


class TestHorizon:
    """Lateness belongs to the fact alone (design.md §4 law 7)."""

    @pytest.mark.parametrize(
        ("received_at", "trigger", "refused"),
        [
            (NOW, "A01", []),
            (NOW + 399 * DAY, "A01", []),
            (NOW + 401 * DAY, "A01", [("BEHIND_HORIZON", "occurred_at")]),
            (NOW - DAY, "A01", []),
            (NOW - 2 * DAY, "A01", [("EVENT_IN_FUTURE", "occurred_at")]),
        ],
    )
    def test_of_an_admission(self, received_at: int, trigger: str, refused: list[tuple[str, str]]) -> None:
        outcome = pruh().process(raw(body(trigger), received_at))
        assert said(outcome)[1] == refused
        assert bool(outcome.events) == (not refused)

    def test_a_plan_may_lie_ahead(self) -> None:
        outcome = pruh().process(raw(body("A05"), NOW - 5 * DAY))
        assert "SpellPlanned.v1" in [event.schema for event in outcome.events]


class TestOutcomes:
    """What is counted, and what is published whatever the count says."""

    def test_an_amendment_of_nothing_still_tells_who_it_is(self) -> None:
        visit = "PV1|1|I|OAK^BAY2^6^RJZ30||||C9^NEWDOCTOR||||||||||||V100^^^RJZ-VISIT"
        outcome = take(body("A08", pv1=visit))
        assert (outcome.kind, outcome.cause) == ("ignored", "empty diff")
        names = {event.schema.split(".")[0] for event in outcome.events}
        assert names == {"PersonsLinked", "PersonIdentified", "PersonTagged"}

    def test_an_unknown_partner_is_a_configuration_error(self) -> None:
        with pytest.raises(Misconfigured, match="no partner 'nobody'"):
            Pipeline(PLACE, "nobody", KEYS)

    def test_what_an_admission_becomes(self) -> None:
        outcome = take(body())
        assert [(event.schema, event.topic.split(".")[1]) for event in outcome.events] == [
            ("PersonsLinked.v1", "identity"), ("SpellAdmitted.v1", "hospital"),
            ("PersonIdentified.v1", "identity"), ("PersonTagged.v1", "identity"),
        ]  # fmt: skip
        assert {event.record["received_at"] for event in outcome.events} == {NOW}

    def test_the_rows_of_a_file_are_counted_one_by_one(self) -> None:
        header = "Visit,MRN,NHS Number,NHS Status,Surname,Forename,DOB,Ward,Bay,Bed,Site,Admitted,Specialty"
        days = ("09", "09", "32")
        rows = [
            f"V{n},{n},,,SMITH,JANE,13/12/1940,OAK,B1,{n},RJZ30,{day}/01/2026 10:00,300"
            for n, day in enumerate(days)
        ]
        text = "\n".join([header, *rows, ""])
        census = Pipeline(PLACE, "pruh-census", KEYS)
        files = [RawMessage("pruh-census", text.encode(), NOW, "census-20260110T1200.csv") for _ in range(2)]
        first, again = (census.process(file) for file in files)
        assert first.units == {("accepted", ""): 2, ("quarantined", ""): 1}
        assert again.units == {("duplicate", "same id"): 2, ("quarantined", ""): 1}
        assert [event.schema for event in first.events].count("SpellCensused.v1") == 2
        assert again.events == ()
