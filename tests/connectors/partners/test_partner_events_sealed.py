"""Rows and webhooks through the whole pipeline: keys, consent, decisions, and what a file counts as."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.message import RawMessage, SealedEvent
from connectors.partners.registry import KINDS
from connectors.pipeline import Outcome, Pipeline
from connectors.samples import EXPECTED, cases
from runtime.place import load_place
from runtime.pseudonym import KeyRing

PLACE, KEYS = load_place("bromley"), KeyRing.offline()
NOW = 1_799_766_000_000_000  # 2027-01-12T15:00:00Z
SUPPORT = {
    "event": "support.accepted", "support_id": "S7", "service": "settle-in", "consent": "given",
    "person": {
        "id": "C7", "family": "Marlow", "given": "Edna", "birth_date": "1942-05-03", "postcode": "BR1 1AA",
    },
    "occurred_at": "2027-01-12T14:14:00Z",
}
A, B = "p1:" + "A" * 26, "p1:" + "B" * 26


def processed(partner: str, body: Any, name: str = "x.json") -> Outcome:
    """A body through a fresh pipeline."""
    raw = RawMessage(partner, body if isinstance(body, bytes) else json.dumps(body).encode(), NOW, name)
    return Pipeline(PLACE, partner, KEYS).process(raw)


def named(outcome: Outcome) -> dict[str, SealedEvent]:
    return {event.schema.split(".")[0]: event for event in outcome.events}


class TestVoluntary:
    """People without an NHS number are normal; consent is carried."""

    def test_person_without_a_number_has_the_charitys_own_key_and_a_match_tag(self) -> None:
        events = named(processed("bwell-webhook", SUPPORT))
        assert set(events) == {"SupportAccepted", "PersonIdentified", "PersonTagged"}
        record = events["SupportAccepted"].record
        assert record["person_key"] == record["local_key"] == KEYS.person_key("LOCAL", "BWELL", "C7")
        assert record["consent"] == "given"
        assert len(events["PersonTagged"].record["match_tags"]) == 1

    def test_refused_consent_lets_nothing_through_that_could_match(self) -> None:
        person = SUPPORT["person"] | {"nhs_number": "9990000026"}  # type: ignore[operator]
        outcome = processed("bwell-webhook", SUPPORT | {"consent": "refused", "person": person})
        assert [event.schema.split(".")[0] for event in outcome.events] == ["SupportAccepted"]
        record = outcome.events[0].record
        assert (record["flags"], record["consent"]) == (["consent_refused"], "refused")
        assert (record["dob_tag"], record["number_rank"]) == (None, 0)
        assert "Marlow" not in repr(outcome.events)


class TestOwnEvents:
    """What we say ourselves is about pseudonyms."""

    def test_decision_is_told_to_both_keys(self) -> None:
        data = {"person_key": A, "other_key": B, "decision": "same", "survivor_key": B, "decided_by": "hub"}
        outcome = processed("homeward", {
            "specversion": "1.0", "id": "e1", "source": "/hub", "type": "toc.match.decided.v1",
            "time": "2027-01-12T14:20:00Z", "data": data,
        })
        records = [(event.key, event.record) for event in outcome.events]
        said = [(key, record["other_key"], record["survivor_key"]) for key, record in records]
        assert said == [(A, B, B), (B, A, B)]

    def test_undo_is_told_to_both_keys(self) -> None:
        outcome = processed("homeward", {
            "specversion": "1.0", "id": "e2", "source": "/hub", "type": "toc.match.undone.v1",
            "time": "2027-01-12T14:25:00Z", "data": {"person_key": B, "other_key": A, "decided_by": "hub"},
        })
        assert [(event.key, event.record["other_key"]) for event in outcome.events] == [(B, A), (A, B)]


class TestFiles:
    """A file's rows are counted one by one."""

    def units(self, pipeline: Pipeline, name: str, body: bytes) -> dict[tuple[str, str], int]:
        return dict(pipeline.process(RawMessage("hub-list", body, NOW, name)).units)

    def test_new_unchanged_and_repeated_rows(self) -> None:
        folder = next(case.folder for case in cases("hub_list"))
        first, second = (path for path in sorted(folder.iterdir()) if path.name != EXPECTED)
        pipeline = Pipeline(PLACE, "hub-list", KEYS)
        assert self.units(pipeline, first.name, first.read_bytes()) == {("accepted", ""): 3}
        assert self.units(pipeline, first.name, first.read_bytes()) == {("duplicate", "same id"): 3}
        assert self.units(pipeline, second.name, second.read_bytes()) == {("accepted", ""): 2}
        later = "hublist-20270112T091000.csv"
        assert self.units(pipeline, later, second.read_bytes() + b"\r\n") == {("ignored", "empty diff"): 2}


@pytest.mark.parametrize("case", [c for c in cases() if c.kind in KINDS], ids=lambda case: case.name)
def test_every_sample_seals_without_a_word_of_a_person(case: Any) -> None:
    """What leaves for pseudonymous topics, and every refusal, holds no identifier, name or date of birth."""
    wanted = json.loads((case.folder / EXPECTED).read_text(encoding="utf-8"))
    pipeline = Pipeline(PLACE, wanted["partner"], KEYS)
    for path in sorted(case.folder.iterdir()):
        if path.name == EXPECTED:
            continue
        outcome = pipeline.process(RawMessage(wanted["partner"], path.read_bytes(), NOW, path.name))
        told = repr([event for event in outcome.events if not event.identifiable]) + repr(outcome.refusals)
        told += outcome.message_id
        for secret in ("Marlow", "Edith", "9990000", "999 000", "1942-05", "BR1", "M1000", "LB9"):
            assert secret not in told


def test_a_list_that_reads_as_it_did_before_is_news() -> None:
    """A, B, then A byte for byte: the third says what changed back; only its own repetition is a re-send."""
    folder = next(case.folder for case in cases("hub_list"))
    first, second = (path.read_bytes() for path in sorted(folder.iterdir()) if path.name != EXPECTED)
    pipeline = Pipeline(PLACE, "hub-list", KEYS)
    for minute, body in ((0, first), (5, second)):
        pipeline.process(RawMessage("hub-list", body, NOW, f"hublist-20270112T09{minute:02d}00.csv"))
    again = pipeline.process(RawMessage("hub-list", first, NOW, "hublist-20270112T091000.csv"))
    assert dict(again.units) == {("accepted", ""): 3}
    assert {event.record["occurred_at"] for event in again.events if "Reason" in event.schema} == {
        1_799_745_000_000_000
    }


@pytest.mark.parametrize(
    ("type_", "data", "key"),
    [
        ("alert.commanded", {"person_key": "place:RJZ30", "thing": "a1", "verb": "acknowledge"}, "RJZ30"),
        ("alert.commanded", {"person_key": f"watch:{A}|{B}", "thing": "a1", "verb": "resolve"}, A),
        ("action.done", {"site": "RJZ30", "action_id": "x1"}, "RJZ30"),
    ],
)
def test_what_is_said_of_a_place_lies_under_its_key(type_: str, data: dict[str, str], key: str) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "/t", "type": f"toc.{type_}.v1",
             "time": "2027-01-12T14:14:00Z", "data": {**data, "actor": "hub"}}  # fmt: skip
    [sealed] = processed("homeward", event).events
    assert sealed.key == key
    assert key in sealed.headers.values()
