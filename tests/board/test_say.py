"""What a hub's desk says on the board: the events it becomes, what a feed says instead, that it is taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from board.outbox import IntakeOutbox, NotTaken
from board.people import People, Shown
from board.reasons import REASONS
from board.words_of_hub import NotSaid, event_of, fields_of
from connectors.message import RawMessage
from connectors.partners.events.translate import translate
from runtime.clock import FakeClock
from runtime.errors import Transient
from runtime.own_events import signed
from schemas.catalogue import ce_type
from streams.core.spells.delay_codes import REASONS_2024
from tests.board.ward import AT, PLACE, Browser, Sent, ago, key, person, put, site_of, spell, told, transfer

HUB = next(reader for reader in PLACE.readers if reader.role == "hub")
SECTORS = {name: partner.sector for name, partner in PLACE.partners.items()}
TASK = {
    "task_id": "t-1", "source": "hub-list", "kind": "p1-dom-care", "state": "requested", "since": ago(60),
    "owner": "council", "due_at": None, "planned_start_at": None, "code": "p1-dom-care",
}  # fmt: skip


def shown(**said: Any) -> Shown:
    """Somebody of the hub's, with an open task and one who has to be told otherwise."""
    site = site_of(1)
    put(site.board.projection, 30, person(30), spell(30, **said), transfer(30, tasks=[TASK], **told()))
    found = People(site.board.projection).one(key(30), HUB, AT)
    assert found is not None
    return found


def test_every_word_becomes_its_event_and_the_translator_takes_it() -> None:
    """What the intake would make of it: our own partner's translator, on the very bytes."""
    spell_id = "s-30"
    hub = {"set_by": "hub"}
    wanted: list[tuple[dict[str, str], str, dict[str, Any]]] = [
        ({"field": "owner", "value": "council"}, "OwnerSet", {"owner": "council"}),
        ({"field": "step", "value": "book_transport", "due": "2027-01-12T16:00"}, "NextStepSet",
         {"step": "book_transport", "due_at": "2027-01-12T16:00:00Z", **hub}),
        ({"field": "step", "value": "leave"}, "NextStepSet", {"step": "leave", **hub}),
        ({"field": "pathway", "value": "P2"}, "PathwaySet", {"stage": "confirmed", "pathway": "2", **hub}),
        ({"field": "reason", "value": "IF1"}, "DelayReasonSet",
         {"reason": "IF1", "scheme": "adsr-2024", **hub}),
        ({"field": "expected", "value": "2027-07-13T15:30"}, "ExpectedDischargeSet",
         {"expected_discharge_at": "2027-07-13T14:30:00Z", **hub}),
        ({"field": "task", "thing": "t-1", "value": "accept", "start": "2027-01-13T09:00"}, "TaskAccepted",
         {"planned_start_at": "2027-01-13T09:00:00Z", "spell_id": spell_id}),
        ({"field": "task", "thing": "t-1", "value": "no_capacity"}, "TaskRejected",
         {"reason": "no_capacity", "spell_id": spell_id}),
        ({"field": "told", "thing": "n-lbb-x", "value": "told"}, "NoticeToldByPhone",
         {"recipient": "lbb", "fact": "discharged", "about": "s-2", "retracts": "n-lbb-None", "how": "phone",
          "told_by": "bromley-spa"}),
    ]  # fmt: skip
    for form, kind, fields in wanted:
        event = event_of(shown(), form, "bromley-spa", SECTORS)
        thing = form.get("thing", spell_id)
        assert (event.kind, event.fields) == (kind, {"person_key": key(30), "thing": thing, **fields})
        body, _ = signed(ce_type(event.kind), event.fields, AT, "id-1", "/homeward/board", b"secret")
        raw = RawMessage("homeward", body, AT, "id-1")
        [draft] = translate(raw, PLACE.partners["homeward"]).drafts
        assert (draft.kind, draft.thing) == (kind, thing)
        assert set(fields) <= set(draft.fields)


def test_what_a_feed_says_is_not_the_desk_s() -> None:
    history = [
        {"stage": "confirmed", "pathway": {"raw": "1", "code": "P1"}, "at": ago(9), "source": "pruh-adt"}
    ]
    code = {"raw": "1", "code": "P1"}
    owned = shown(pathway={"expected": None, "confirmed": code, "history": history})
    field = next(one for one in fields_of(owned, SECTORS) if one.name == "pathway")
    assert (field.owner, field.now) == ("pruh-adt", "P1")
    with pytest.raises(NotSaid, match="A feed says this"):
        event_of(owned, {"field": "pathway", "value": "P2"}, "x", SECTORS)
    mine = [one | {"source": "hub-list"} for one in history]
    of_hub = shown(pathway={"expected": None, "confirmed": code, "history": mine})
    assert event_of(of_hub, {"field": "pathway", "value": "P2"}, "x", SECTORS).kind == "PathwaySet"


@pytest.mark.parametrize(
    "form",
    [
        {"field": "owner", "value": "nobody"},
        {"field": "reason", "value": "because"},
        {"field": "expected", "value": "soon"},
        {"field": "task", "thing": "t-2", "value": "accept"},
        {"field": "task", "thing": "t-1", "value": "maybe"},
        {"field": "told", "thing": "n-gp-x", "value": "told"},
        {"field": "name", "value": "Edith"},
        {},
    ],
)
def test_what_cannot_be_said_is_not(form: dict[str, str]) -> None:
    with pytest.raises(NotSaid):
        event_of(shown(), form, "bromley-spa", SECTORS)


def test_nothing_is_said_of_the_frozen_and_the_restricted() -> None:
    site = site_of(5)
    for number in (4, 5):
        found = People(site.board.projection).one(key(number), HUB, AT)
        assert found is not None
        assert fields_of(found, SECTORS) == []


def test_the_reasons_are_the_national_ones() -> None:
    assert [(one.code, one.words) for one in REASONS_2024] == list(REASONS)


class TestPage:
    """The forms, without JavaScript."""

    def say(self, sent: Sent, desk: str = "hub", number: int = 2, **fields: str) -> tuple[int, str, Path]:
        site = site_of(9)
        site.outbox = sent
        path = f"/person/{key(number)}"
        with Browser(site) as browser:
            browser.sign_in(desk)
            reply = browser.submit("/worklist", f"{path}/say", **fields)
            return reply.status_code, browser.get(path).text, Path()

    def test_a_word_is_sent_and_said(self) -> None:
        sent = Sent()
        status, page, _ = self.say(sent, field="owner", value="council")
        assert (status, [kind for kind, _ in sent.events]) == (303, ["OwnerSet"])
        assert "Sent. The page follows" in page

    def test_told_by_phone_names_the_number_to_ring(self) -> None:
        sent = Sent()
        _, page, _ = self.say(sent, field="told", thing="n-lbb-x", value="told")
        assert "020 7946 0101: they know now" in page
        assert sent.events[0][1]["told_by"] == "bromley-spa"

    @pytest.mark.parametrize("failure", [Transient("away"), NotTaken("409")])
    def test_what_is_not_taken_is_said(self, failure: Exception) -> None:
        _, page, _ = self.say(Sent(fails=failure), field="owner", value="council")
        assert "Nothing has changed" in page

    def test_only_the_hub_says(self) -> None:
        for desk in ("ward", "council", "voluntary"):
            sent = Sent()
            status, page, _ = self.say(sent, desk, field="owner", value="hub")
            assert (status, sent.events) == (403, [])
            assert "/say" not in page

    def test_nobody_says_anything_of_whom_they_are_not_shown(self) -> None:
        sent = Sent()
        assert self.say(sent, number=700, field="owner", value="hub")[0] == 404
        assert sent.events == []

    def test_it_is_in_the_audit(self, tmp_path: Path) -> None:
        site = site_of(5, tmp_path / "a.jsonl")
        with Browser(site) as browser:
            browser.sign_in("hub")
            browser.submit("/worklist", f"/person/{key(2)}/say", field="owner", value="hub")
        last = json.loads((tmp_path / "a.jsonl").read_text("utf-8").splitlines()[-1])
        assert (last["what"], last["outcome"], last["people"]) == ("say OwnerSet", "done", [key(2)])


def test_an_intake_that_is_away_is_transient() -> None:
    import asyncio

    outbox = IntakeOutbox("http://127.0.0.1:1", b"secret", FakeClock(AT))
    with pytest.raises(Transient):
        asyncio.run(outbox.send("OwnerSet", {"person_key": key(2), "thing": "s-2", "owner": "hub"}))
