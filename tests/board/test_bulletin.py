"""The bulletin: nothing before a person approved it, numbers only, none that is small, as looked at."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from board.bulletin import Bulletins, draft
from board.measures import newest
from board.site import Site
from tests.board.figures import measure, with_figures
from tests.board.test_pages import Page, body
from tests.board.ward import AT, Browser, site_of


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = with_figures(site_of(9, tmp_path / "audit.jsonl"))
    found.bulletins = Bulletins(tmp_path / "bulletins")
    return found


def digest(browser: Browser) -> str:
    found = re.search(r'name="digest" value="(\w+)"', browser.get("/bulletin/draft").text)
    assert found
    return found[1]


def test_everybody_sees_what_was_approved_and_nothing_before(site: Site) -> None:
    with Browser(site) as browser:
        assert "No bulletin is published" in browser.get("/bulletin").text
        browser.sign_in("control")
        browser.submit("/bulletin/draft", "/bulletin/draft", decision="approve", digest=digest(browser))
        browser.submit("/bulletin/draft", "/sign-out")
        reply = browser.get("/bulletin")
    page, text = Page(reply.text), body(reply.text)
    assert (page.open, page.wrong) == ([], [])
    assert "People in our hospitals 70" in text
    assert "Of these three weeks or longer fewer than 5" in text
    assert "Left hospital today so far unknown" in text
    assert "Beds taken 97 %" in text
    assert "OPEL" not in text
    assert not re.search(r"p1:[A-Z2-7]{26}|MARLOW", reply.text)


def test_what_is_approved_is_what_was_looked_at(site: Site, tmp_path: Path) -> None:
    with Browser(site) as browser:
        browser.sign_in("control")
        seen = digest(browser)
        with_figures(site, [measure("in_hospital", 99)])
        browser.submit("/bulletin/draft", "/bulletin/draft", decision="approve", digest=seen)
        assert "Not approved: the numbers have changed" in browser.get("/bulletin/draft").text
        assert site.bulletins.published() is None
        browser.submit("/bulletin/draft", "/bulletin/draft", decision="approve", digest=digest(browser))
        assert site.bulletins.published() is not None
        browser.submit("/bulletin/draft", "/bulletin/draft", decision="withdraw")
        assert site.bulletins.published() is None
    said = [json.loads(line)["what"] for line in (tmp_path / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [what for what in said if what.startswith("bulletin ") and "draft" not in what] == [
        "bulletin approved", "bulletin withdrawn",
    ]  # fmt: skip


@pytest.mark.parametrize("desk", ["hub", "wall", "voluntary"])
def test_nobody_else_drafts_or_approves(site: Site, desk: str) -> None:
    with Browser(site) as browser:
        browser.sign_in(desk)
        assert browser.get("/bulletin/draft").status_code == 403
        assert browser.post("/bulletin/draft", {"decision": "approve"}).status_code == 403


def test_a_part_of_the_place_is_not_the_place() -> None:
    rows = [measure("in_hospital", 40), measure("ready_to_leave", 12, complete=False)]
    said = dict(draft(newest(rows), ["RJZ30", "RJZ31"], "here").lines)
    assert said["People in our hospitals"] == "unknown"
    said = dict(draft(newest(rows), ["RJZ30"], "here").lines)
    assert (said["People in our hospitals"], said["Of these ready to leave"]) == ("40", "unknown")


def test_what_was_published_outlives_the_process(tmp_path: Path) -> None:
    one = draft(newest([measure("in_hospital", 43)]), ["RJZ30"], "here")
    Bulletins(tmp_path).approve(one, "control-centre", AT)
    again = Bulletins(tmp_path).published()
    assert again is not None
    assert (again.lines, again.approved_by) == (one.lines, "control-centre")
    assert dict(again.lines)["People in our hospitals"] == "45"
