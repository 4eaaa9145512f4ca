"""The huddle's snapshot: the same moment gives the same page whatever came since; what changed; the downtime
list."""

from __future__ import annotations

import json
from typing import Any

from board.huddle import changes, last_calls
from board.pages.huddle import LINK
from board.rows import Row
from board.site import Site
from runtime.clock import micros
from runtime.freshness import utc
from tests.board.test_pages import Page, body
from tests.board.ward import AT, MINUTE, Browser, ago, identified, key, person, site_of, spell, transfer

MORNING, NOON = micros("2027-01-12T08:30:00Z"), micros("2027-01-12T12:00:00Z")


def put_at(site: Site, number: int, at: int, *rows: dict[str, Any]) -> None:
    """A version of somebody's view, of all that was received by `at`."""
    record = {
        "person_key": key(number), "status": "alive", "merged_into": None, "received_through": at,
        "version": 1, "lines": [json.dumps(row, separators=(",", ":")) for row in rows],
    }  # fmt: skip
    site.board.projection.apply("TransferView", key(number), record)


def lived() -> Site:
    """20 waits for the hub at 08:30 and for the council at 12:00; 21 has left by then, 22 came after it."""
    site = site_of(1)
    for number in (20, 21, 22):
        site.board.projection.apply("PersonIdentified", key(number), identified(number))
    step = {"owner": "hub", "what": "arrange", "since": ago(600), "due": None}
    council = {"owner": "council", "what": "arrange_package", "since": ago(300), "due": None}
    put_at(site, 20, MORNING - MINUTE, person(20), spell(20), transfer(20, next_step=step))
    put_at(site, 21, MORNING - MINUTE, person(21), spell(21), transfer(21))
    put_at(site, 20, NOON - MINUTE, person(20), spell(20), transfer(20, next_step=council))
    gone = spell(21, status="discharged", discharged_at="2027-01-12T11:00:00Z", ready=[])
    put_at(site, 21, NOON - MINUTE, person(21), gone, transfer(21))
    put_at(site, 22, NOON + MINUTE, person(22), spell(22, admitted_at="2027-01-12T11:50:00Z"), transfer(22))
    return site


def snapshot(browser: Browser, path: str = "/huddle") -> str:
    reply = browser.get(path)
    page = Page(reply.text)
    assert (reply.status_code, page.open, page.wrong) == (200, [], []), path
    return reply.text.split('id="snapshot"', 1)[1].split("</main>", 1)[0]


def test_it_is_of_the_last_call_with_what_changed_since_the_one_before() -> None:
    with Browser(lived()) as browser:
        browser.sign_in("hub")
        text = body("<main" + snapshot(browser) + "</main>")
    assert "frozen as at Tue 12 Jan 2027 12:00" in text
    assert "Since Tue 12 Jan 2027 08:30" in text
    assert f"{identified(20)['family'].upper()}, Person20 waiting for Hub Council" in text
    assert "Person20 next step Arrange the way home Arrange the care package" in text
    assert "Person21 no longer on the list ready" in text
    assert "2 not in the picture" in text, "2 and 22 were told of later"


def test_what_comes_later_changes_nothing_of_it() -> None:
    site = lived()
    with Browser(site) as browser:
        browser.sign_in("hub")
        path = f"/huddle?at={utc(NOON)}&before={utc(MORNING)}"
        before = snapshot(browser, path)
        put_at(site, 20, AT, person(20), spell(20, status="discharged", discharged_at=ago(1)), transfer(20))
        assert snapshot(browser, path) == before
        site.board.projection.complete_to = NOON - MINUTE
        assert "not complete" in snapshot(browser, path)


def test_a_restriction_of_today_hides_the_huddle_of_yesterday() -> None:
    site = lived()
    put_at(site, 20, AT, person(20, restricted=True), spell(20), transfer(20))
    with Browser(site) as browser:
        browser.sign_in("hub")
        text = snapshot(browser)
    assert "Person20" not in text
    assert "P." in text


def test_only_moments_that_are_kept_and_over_can_be_asked_for() -> None:
    with Browser(lived()) as browser:
        browser.sign_in("hub")
        for at in ("2027-01-12T18:00:00Z", "2026-12-01T08:30:00Z", "noon"):
            assert browser.get(f"/huddle?at={at}").status_code == 400


def test_calls_are_by_the_clock_in_england_on_both_sides_of_its_change() -> None:
    assert [utc(at) for at in last_calls(AT, 3)] == [
        "2027-01-12T12:00:00Z", "2027-01-12T08:30:00Z", "2027-01-11T16:00:00Z",
    ]  # fmt: skip
    summer = micros("2027-03-28T09:00:00Z")
    assert [utc(at) for at in last_calls(summer)] == ["2027-03-28T07:30:00Z", "2027-03-27T16:00:00Z"]


def test_nothing_changed_is_no_change() -> None:
    row = Row("k", "N", "", "", "", "M4", "1", "ready", None, "P1", "hub", "arrange", None, "", (), ())
    assert changes([row], [row]) == []
    assert [one.what for one in changes([], [row])] == ["new on the list"]


def test_the_downtime_list_has_all_in_hospital_and_whom_to_ring() -> None:
    site = site_of(12)
    with Browser(site) as browser:
        browser.sign_in("hub")
        reply = browser.get("/downtime")
        page, text = Page(reply.text), body(reply.text)
        assert (page.open, page.wrong) == ([], [])
        assert f"{LINK.path}" in reply.text
        browser.sign_in("voluntary")
        other = body(browser.get("/downtime").text)
    assert "MARLOW, Edith 14-Mar-1942" in text
    assert "020 7946 0101" in text
    assert "restricted" in text
    assert "14-Mar-1942" not in other, "a charity knows them by name"
