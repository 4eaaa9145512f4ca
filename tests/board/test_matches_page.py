"""The match queue on the board, what goes out of it, and who a key is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from board.outbox import NotTaken
from runtime.audit import verify
from runtime.errors import Transient
from runtime.naming import Identity, identity_of, newest
from tests.board.test_pages import body
from tests.board.ward import (
    AT,
    Browser,
    Sent,
    candidate,
    identified,
    key,
    person,
    put,
    site_of,
    spell,
    transfer,
)


class TestMatches:
    """The queue, and what goes out."""

    def decide(self, decision: str, sent: Sent, **fields: str) -> tuple[str, Sent]:
        site = site_of(5)
        site.outbox = sent
        with Browser(site) as browser:
            browser.sign_in("hub")
            said = {"left": key(3), "right": key(900), "decision": decision, **fields}
            reply = browser.submit("/matches", "/matches", **said)
            return (
                browser.get("/matches").text if reply.status_code == 303 else str(reply.status_code)
            ), sent

    def test_side_by_side_says_what_differs(self) -> None:
        with Browser(site_of(5)) as browser:
            browser.sign_in("hub")
            text = body(browser.get("/matches").text)
        assert "Edna differs" in text
        assert "Edith differs" in text
        assert "another organisation’s record" in text

    @pytest.mark.parametrize("decision", ["same", "not_same", "unsure"])
    def test_a_decision_goes_out_as_an_event(self, decision: str) -> None:
        page, sent = self.decide(decision, Sent())
        word = {"person_key": key(900), "other_key": key(3), "decided_by": "bromley-spa"}
        assert sent.events == [("MatchDecided", {**word, "decision": decision, "survivor_key": key(3)})]
        assert "Sent:" in page

    def test_it_can_be_undone(self) -> None:
        site = site_of(5)
        put(
            site.board.projection,
            3,
            person(3, candidate_links=[candidate(900, "same")]),
            spell(3),
            transfer(3),
        )
        with Browser(site) as browser:
            browser.sign_in("hub")
            assert "Nothing here" in browser.get("/matches").text
            assert "Undo" in browser.get("/matches?decided=true").text
            browser.submit("/matches", "/matches", left=key(3), right=key(900), decision="undo")
        assert [kind for kind, _ in site.outbox.events] == ["MatchUndone"]  # type: ignore[union-attr]

    @pytest.mark.parametrize("failure", [Transient("away"), NotTaken("422")])
    def test_what_is_not_taken_is_said(self, failure: Exception, tmp_path: Path) -> None:
        page, _ = self.decide("same", Sent(fails=failure))
        assert "Nothing has changed" in page

    def test_nobody_decides_about_somebody_else_s_people(self) -> None:
        assert self.decide("same", Sent(), right=key(6)) == ("404", Sent())
        assert self.decide("perhaps", Sent())[0] == "400"

    def test_every_decision_is_in_the_audit(self, tmp_path: Path) -> None:
        site = site_of(5, tmp_path / "a.jsonl")
        with Browser(site) as browser:
            browser.sign_in("hub")
            browser.submit("/matches", "/matches", left=key(3), right=key(900), decision="same")
        last = json.loads((tmp_path / "a.jsonl").read_text("utf-8").splitlines()[-1])
        assert (last["what"], last["outcome"], last["people"]) == ("match same", "done", [key(900), key(3)])
        assert verify(tmp_path / "a.jsonl") == []


class TestNames:
    """Who a key is."""

    def test_a_retired_key_s_name_is_its_survivor_s_too_and_no_longer_after_it_stands_again(self) -> None:
        site = site_of(3)
        names = site.board.projection.names
        names.apply(identified(50, "Old", "Name") | {"recorded_at": AT - 5})
        assert names.of(key(51)) == Identity()
        put(site.board.projection, 50, person(50, merged_into=key(51)))
        assert names.of(key(51)).family == "Old"
        put(site.board.projection, 50, person(50))
        assert names.of(key(51)) == Identity()

    def test_the_newest_word_counts_field_by_field(self) -> None:
        first, second = (identity_of(identified(2, "A", "B") | {"recorded_at": at, **more})
                         for at, more in ((1, {}), (2, {"family": "C", "given": None})))  # fmt: skip
        assert newest([second, first])[:2] == ("C", "B")
