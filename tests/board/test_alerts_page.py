"""Alerts on a desk: whose they are, in what order, whom to ring, and a word as the intake takes it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from board.desk_alerts import VERBS
from board.outbox import NotTaken
from board.site import Site
from connectors.message import RawMessage
from connectors.partners.events.translate import translate
from runtime.own_events import signed
from schemas.catalogue import ce_type
from tests.board.test_pages import Page, body
from tests.board.ward import AT, MINUTE, PLACE, Browser, Sent, key, site_of

NAMES = ("late", "calm", "lone", "other", "gone")
IDS = {name: f"0000000{n}-0000-5000-8000-000000000000" for n, name in enumerate(NAMES)}


def alert(name: str, person: int | None, **said: Any) -> tuple[str, dict[str, Any]]:
    """An AlertView and its key."""
    row = {
        "alert_id": IDS[name], "rule": "told_no_longer_true", "severity": "high", "thing": "n-lbb-None",
        "person_key": key(person) if person else None, "spell_id": f"s-{person}", "site": "RJZ30",
        "ward": "M2", "desks": ["whoever was told", "hub"], "raised_at": AT - 9 * MINUTE,
        "due_at": AT - 9 * MINUTE, "state": "open", "changed_at": AT, "actor": None, "reason": None,
        "until_at": None, "escalated_at": None, "contact": None,
        "phone": None, "count": 1, "line": "",
    }  # fmt: skip
    holder = key(person) if person else "place:bromley"
    return f"{holder}/{IDS[name]}", row | said


def with_alerts(site: Site) -> Site:
    """Escalated about 2; in hand about 9, the hub's alone; of a feed; of 6, who lives elsewhere; resolved."""
    ring = {"contact": "transfer of care duty lead", "phone": "020 7946 0101"}
    calm = {"severity": "normal", "rule": "ready_not_referred", "desks": ["hub"], "actor": "bromley-spa"}
    rows = (
        alert("late", 2, state="escalated", **ring), alert("calm", 9, state="acknowledged", **calm),
        alert("lone", None, rule="source_silent", thing="lbb-webhook", desks=["control_centre"]),
        alert("other", 6), alert("gone", 2, state="resolved"),
    )  # fmt: skip
    for topic_key, row in rows:
        site.board.projection.apply("AlertView", topic_key, row)
    return site


def page_of(desk: str, path: str = "/alerts") -> str:
    """The page of a desk."""
    with Browser(with_alerts(site_of(9))) as browser:
        browser.sign_in(desk)
        reply = browser.get(path)
        assert reply.status_code == 200
        page = Page(reply.text)
        assert (page.open, page.wrong) == ([], [])
        return reply.text


def test_what_nobody_has_in_hand_is_first_with_whom_to_ring() -> None:
    text = page_of("hub")
    said = body(text)
    rules = re.findall(r"(Told no longer true|Source silent|Ready not referred) (?:high )?runbook", said)
    assert (rules[0], rules[-1], len(rules)) == ("Told no longer true", "Ready not referred", 4)
    assert said.index("020 7946 0101") < said.index("runbook ready_not_referred")
    assert "MARLOW, Edith" in said


def test_each_desk_sees_its_own() -> None:
    seen = {desk: body(page_of(desk)) for desk in ("hub", "ward", "council", "provider", "control", "feeds")}
    count = {desk: int(re.search(r"(\d+) alerts?:", text).group(1)) for desk, text in seen.items()}  # type: ignore[union-attr]
    assert count == {"hub": 4, "ward": 4, "council": 1, "provider": 0, "control": 4, "feeds": 1}
    assert "MARLOW" not in seen["control"] + seen["feeds"]
    assert "Say of alert" not in seen["feeds"]
    assert "GALE" not in seen["council"], "6 lives elsewhere"


def test_a_state_narrows_and_every_state_is_counted() -> None:
    text = body(page_of("hub", "/alerts?state=escalated"))
    assert "1 alert: what" in text
    assert "acknowledged 1" in text


@pytest.mark.parametrize("state", VERBS)
def test_every_word_is_one_the_intake_takes(state: str) -> None:
    site = with_alerts(site_of(9))
    site.board.projection.apply("AlertView", *alert("late", 2, state=state))
    sent = Sent()
    site.outbox = sent
    with Browser(site) as browser:
        browser.sign_in("hub")
        for verb in VERBS[state]:
            said = {"alert": IDS["late"], "verb": verb, **({"until": "hour"} if verb == "snooze" else {})}
            assert "Sent" in _after(browser, said)
    phoned = ("NoticeToldByPhone", "n-lbb-x")
    words = [phoned if verb == "told_by_phone" else ("AlertCommanded", IDS["late"]) for verb in VERBS[state]]
    taken = []
    for kind, fields in sent.events:
        payload, _ = signed(ce_type(kind), fields, AT, "id-1", "/homeward/board", b"secret")
        [draft] = translate(RawMessage("homeward", payload, AT, "id-1"), PLACE.partners["homeward"]).drafts
        taken.append((draft.kind, draft.thing))
    assert taken == words, "who was phoned knows: that is said of the notice, and ends the alert"


def _after(browser: Browser, said: dict[str, str]) -> str:
    assert browser.submit("/alerts", "/alerts", **said).status_code == 303
    return body(browser.get("/alerts").text)


def test_what_cannot_be_said_is_not(tmp_path: Path) -> None:
    site = with_alerts(site_of(9, tmp_path / "a.jsonl"))
    with Browser(site) as browser:
        browser.sign_in("council")
        for said in ({"verb": "reopen"}, {"verb": "snooze", "until": "ever"}, {}):
            assert "Not sent" in _after(browser, {"alert": IDS["late"], **said})
        for name in ("calm", "other", "gone", "lone"):
            reply = browser.submit("/alerts", "/alerts", alert=IDS[name], verb="acknowledge")
            assert reply.status_code == 404, name
        site.outbox = Sent(fails=NotTaken("422"))
        assert "Nothing has changed" in _after(browser, {"alert": IDS["late"], "verb": "acknowledge"})
    outcomes = [
        json.loads(line)["outcome"] for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()
    ]
    assert outcomes.count("refused: no such alert of theirs") == 4
    assert outcomes.count("refused: cannot be said") == 3
