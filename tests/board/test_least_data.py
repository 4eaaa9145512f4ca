"""Hospice, care home and charity: what their lists show, and what they do not (domain 05 IG-23, 06 §6.2)."""

from __future__ import annotations

import pytest

from board.access.accounts import Account
from board.site import Site
from tests.board.test_pages import body
from tests.board.ward import HASHED, Browser, ago, key, package, person, put, site_of, spell, transfer

READS = {"hospice": "st-christophers", "home": "elmstead-house"}


def task(number: int, code: str, state: str = "accepted") -> dict[str, object]:
    """A task of the hub's list."""
    return {
        "task_id": f"t-{number}-{code}", "source": "hub-list", "kind": code.replace("-", " "), "code": code,
        "state": state, "since": ago(90), "owner": "community", "due_at": ago(-60), "planned_start_at": None,
    }  # fmt: skip


@pytest.fixture
def site() -> Site:
    """30 goes home to die; of 31 another task is asked; 32 was declined; 33 lives in a home."""
    found = site_of(4)
    found.accounts = {**found.accounts, **{n: Account(n, reads, HASHED) for n, reads in READS.items()}}
    asked = [task(30, "palliative"), task(30, "p1-dom-care")]
    said = {30: asked, 31: [task(31, "p1-dom-care")], 32: [task(32, "palliative", "rejected")], 33: []}
    for number, tasks in said.items():
        packages = [package(number, "Elmstead House")] if number == 33 else []
        priority = {"kind": "palliative" if number == 30 else None}
        put(found.board.projection, number, person(number), spell(number),
            transfer(number, tasks=tasks, packages=packages, priority=priority))  # fmt: skip
    return found


def people(site: Site, desk: str) -> tuple[str, set[str]]:
    with Browser(site) as browser:
        browser.sign_in(desk)
        text = browser.get("/worklist").text
    return body(text), {key(n) for n in range(2, 40) if f"/person/{key(n)}" in text}


def test_a_hospice_sees_whom_it_is_asked_for_and_its_own_tasks(site: Site) -> None:
    text, found = people(site, "hospice")
    assert found == {key(30)}
    assert "palliative: accepted" in text
    assert "M3 P1" in text, "the ward, no bed"
    with Browser(site) as browser:
        browser.sign_in("hospice")
        page = body(browser.get(f"/person/{key(30)}").text)
        assert browser.get(f"/person/{key(31)}").status_code == 404
    assert "p1 dom care" not in page
    assert "HP5" not in page


def test_a_care_home_sees_who_is_placed_with_it_and_when_they_come(site: Site) -> None:
    text, found = people(site, "home")
    assert found == {key(33)}
    assert "Expected to leave" in text
    assert "16:26" in text
    assert "approved Elmstead House" in text
    assert "M6" not in text
