"""The action log on the board: late first, logged and ended by codes, what the page sends is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from board.actions import event_of, rows_of
from board.site import Site
from board.words_of_hub import NotSaid
from connectors.message import RawMessage
from connectors.partners.events.translate import translate
from runtime.own_events import signed
from schemas.catalogue import ce_type
from tests.board.test_pages import body
from tests.board.ward import AT, MINUTE, PLACE, Browser, site_of

LOG = {
    "site": "RJZ30", "what": "ring_council", "owner": "hub", "call": "call_0830", "due": "2027-01-12T16:00",
}  # fmt: skip


def action(name: str, **said: Any) -> dict[str, Any]:
    """An `ActionView`."""
    return {
        "action_id": name, "site": "RJZ30", "state": "open", "what": "chase_transport", "owner": "hospital",
        "due_at": AT + 60 * MINUTE, "call": "call_1200", "about": None, "logged_at": AT - 90 * MINUTE,
        "actor": "control-centre", "ended_at": None, "ended_by": None, **said,
    }  # fmt: skip


def with_actions(site: Site) -> Site:
    """One late, one open, one done just now and one done long ago."""
    ended = {"state": "done", "ended_by": "bromley-spa"}
    done, old = (action(n, ended_at=AT - at * MINUTE, **ended) for n, at in (("a-done", 1), ("a-old", 3000)))
    for one in (action("a-open"), action("a-late", due_at=AT - MINUTE), done, old):
        site.board.projection.apply("ActionView", f"RJZ30/{one['action_id']}", one)
    return site


def test_late_is_first_and_what_ended_long_ago_is_gone() -> None:
    site = with_actions(site_of(2))
    rows = rows_of(site.board.projection.actions.values(), AT)
    assert [row.id for row in rows] == ["a-late", "a-open", "a-done"]
    assert [row.state for row in rows] == ["late", "open", "done"]
    with Browser(site) as browser:
        browser.sign_in("control")
        text = body(browser.get("/actions").text)
        assert "Chase transport Princess Royal University Hospital Hospital 14:25 late" in text
        assert "Actions open 2 1 late which" in body(browser.get("/wall").text)


def test_what_is_said_becomes_an_event_that_the_intake_takes() -> None:
    rows = rows_of(with_actions(site_of(2)).board.projection.actions.values(), AT)
    logged = event_of(LOG, rows, {"RJZ30"}, "control-centre")
    ended = event_of({"action": "a-late", "site": "RJZ30", "outcome": "done"}, rows, {"RJZ30"}, "bromley-spa")
    assert logged.fields["due_at"] == "2027-01-12T16:00:00Z"
    for event in (logged, ended):
        content, _ = signed(ce_type(event.kind), event.fields, AT, "id-1", "/homeward/board", b"secret")
        [draft] = translate(RawMessage("homeward", content, AT, "id-1"), PLACE.partners["homeward"]).drafts
        assert draft.kind == event.kind
    assert ended.fields == {"site": "RJZ30", "action_id": "a-late", "outcome": "done", "actor": "bromley-spa"}


@pytest.mark.parametrize("said", [
    {**LOG, "what": "ring her daughter"}, {**LOG, "site": "elsewhere"}, {**LOG, "owner": "Dr Smith"},
    {**LOG, "due": "soon"}, {"action": "a-old", "site": "RJZ30", "outcome": "done"},
    {"action": "a-open", "site": "RJZ30", "outcome": "open"},
])  # fmt: skip
def test_free_text_and_what_can_no_longer_be_said_are_refused(said: dict[str, str]) -> None:
    rows = rows_of(with_actions(site_of(2)).board.projection.actions.values(), AT)
    with pytest.raises(NotSaid):
        event_of(said, rows, {"RJZ30"}, "x")


def test_the_page_sends_and_says_so() -> None:
    site = with_actions(site_of(2))
    with Browser(site) as browser:
        browser.sign_in("control")
        browser.submit("/actions", "/actions", **LOG)
        assert "Sent. The list follows" in browser.get("/actions").text
        browser.submit("/actions", "/actions", action="a-open", site="RJZ30", outcome="dropped")
        browser.submit("/actions", "/actions", what="ring_council")
        assert "Not sent. Say what" in browser.get("/actions").text
    kinds = [kind for kind, _ in site.outbox.events]  # type: ignore[union-attr]
    assert kinds == ["ActionLogged", "ActionDone"]


def test_a_viewer_reads_no_log_and_a_tombstone_takes_one_away() -> None:
    site = with_actions(site_of(2))
    site.board.projection.apply("", "RJZ30/a-late", None)
    assert "a-late" not in json.dumps(list(site.board.projection.actions))
    with Browser(site) as browser:
        browser.sign_in("wall")
        assert browser.get("/actions").status_code == 403
