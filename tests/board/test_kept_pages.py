"""A list that was just worked out for one screen of a desk is given to the next: the same rows, another
session's token and name, written down like any; never after a change, for another desk, or as anything but
what it is as at.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from board.access.accounts import Account
from board.kept_pages import KEPT_SECONDS
from board.pages import worklist as page_of
from runtime.audit import acts
from runtime.clock import FakeClock
from tests.board.ward import AT, HASHED, Browser, Site, form_token, key, person, put, site_of, spell, transfer


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often rows were worked out."""
    counted: list[int] = []
    before = page_of.worklist

    def counting(*given: object) -> object:
        counted.append(1)
        return before(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(page_of, "worklist", counting)
    return counted


def of_two(site: Site) -> tuple[Browser, Browser]:
    """Two screens of the hub, the second with a name that has to be escaped."""
    site.accounts = {**site.accounts, "b<b>": Account("b<b>", "bromley-spa", HASHED)}
    first, second = Browser(site), Browser(site)
    first.sign_in("hub")
    second.sign_in("b<b>")
    return first, second


def test_the_next_screen_of_a_desk_is_given_the_same_list(tmp_path: Path, worked_out: list[int]) -> None:
    site = site_of(9, tmp_path / "audit.jsonl")
    first, second = of_two(site)
    with first, second:
        one, two = first.get("/worklist?show=all"), second.get("/worklist?show=all")
        tokens = {form_token(reply.text) for reply in (one, two)}
        assert (len(worked_out), len(tokens)) == (1, 2)
        assert "b&lt;b&gt;" in two.text
        assert "b<b>" not in two.text
        assert one.text.split('<div id="list">')[1] == two.text.split('<div id="list">')[1]
        assert second.post("/sign-out", {"form": form_token(two.text)}).status_code == 303
        for reply in (one, two):
            assert not any(mark in reply.text for mark in (site.kept.account, site.kept.form))
    rows = [row for row in acts(tmp_path / "audit.jsonl") if row["what"] == "worklist"]
    assert [(row["who"], row["shown"], len(row["people"])) for row in rows] == [("hub", 9, 9), ("b<b>", 9, 9)]


def test_a_change_is_seen_at_once_and_nothing_is_kept_for_long(worked_out: list[int]) -> None:
    site = site_of(9)
    clock = [0.0]
    site.monotonic = lambda: clock[0]
    first, second = of_two(site)
    with first, second:
        first.get("/worklist?show=all")
        put(site.board.projection, 9, person(9), spell(9, location={"poc": "CHANGED"}), transfer(9))
        assert "CHANGED" in second.get("/worklist?show=all").text
        site.board.clock = FakeClock(AT + 60_000_000)
        assert "14:26" in first.get("/worklist?show=all").text, "it says what it is as at"
        clock[0] = KEPT_SECONDS + 0.1
        assert "14:27" in first.get("/worklist?show=all").text
    assert len(worked_out) == 3


def test_another_desk_or_filter_or_silence_is_another_list(worked_out: list[int]) -> None:
    site = site_of(9)
    with Browser(site) as hub, Browser(site) as council:
        hub.sign_in("hub")
        council.sign_in("council")
        assert key(6) in hub.get("/worklist?show=all").text or key(7) in hub.get("/worklist?show=all").text
        assert key(6) not in council.get("/worklist?show=all").text
        hub.get("/worklist?show=all&ward=M4")
        assert len(worked_out) == 3
        site.board.clock = FakeClock(AT + 600 * 60_000_000)
        assert "nothing is heard of" in hub.get("/worklist?show=all").text
