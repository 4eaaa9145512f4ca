"""Edith's afternoon on open pages in Chromium while the demo plays: the hub works there, nobody reloads.

Skipped with the reason printed where there is no Chromium. How long each page took from the wire is kept in
`journeys.json` beside the demo's summary.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.board.chromium import browser, missing, signed_in
from tests.demo.playing import MOST_SECONDS, Play, complete, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(2 * MOST_SECONDS),
]
PASSWORD = "a word for one afternoon"
EDITH_NUMBER, EDNA_NUMBER = "999 000 0018", "999 000 0026"
PATIENCE_TRIES = 120
CANCELLED = "2027-01-12T14:41"
EDITH, UNTOLD = "MARLOW, Edith", "told, no longer true"
COUNCIL_SILENT = "London Borough of Bromley, care packages: no data since"
WATCH = """([name, selector, text]) => {
    const look = () => {
        const there = [...document.querySelectorAll(selector)].some(one => one.textContent.includes(text));
        if (there && !(name in window.seen)) window.seen[name] = Date.now();
        const gone = name + " gone";
        if (!there && name in window.seen && !(gone in window.seen)) window.seen[gone] = Date.now();
    };
    window.seen = window.seen || {};
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
    look();
}"""
"""When a text first stood on the page, and first did no more, by the page's own clock: this machine's."""


@pytest.fixture
def chromium() -> Iterator[Any]:
    with browser() as launched:
        yield launched


def open_at(chromium: Any, url: str, who: str, path: str) -> Any:
    """A page that somebody has open."""
    page = signed_in(chromium, url, who, password=PASSWORD)
    page.goto(url + path)
    page.get_by_text("Live, up to date").wait_for()
    page.evaluate("window.mark = 'never loaded again'")
    return page


def seen_at(page: Any, name: str) -> float:
    """When the page first showed what is watched (ms); waits for it."""
    page.wait_for_function("name => name in window.seen", arg=name)
    assert page.evaluate("window.mark") == "never loaded again"
    return float(page.evaluate("name => window.seen[name]", name))


def cancelled_ms(folder: Path) -> float:
    """When Edith's A13 was put on the wire."""
    sends = json.loads((folder / "ledger.json").read_text())["sends"]
    [ident] = [s["message_id"] for s in sends if s["label"] == "A13" and s["at"].startswith(CANCELLED)]
    rows = [json.loads(line) for line in (folder / "sender.jsonl").read_text().splitlines()]
    [sent_us] = [row["sent_us"] for row in rows if row["message_id"] == ident]
    return float(sent_us / 1000)


def say(part: Any, button: str) -> None:
    """Press it, and see that it was taken."""
    page = part.page
    part.get_by_role("button", name=button).click()
    page.get_by_text("Sent").first.wait_for()


def by_keys(row: Any, letter: str, button: str) -> None:
    """Stand in the row, open what can be said of it, press it. At this speed the page changes often."""
    page, said = row.page, row.get_by_role("button", name=button)
    for _ in range(PATIENCE_TRIES):
        row.locator("a").first.focus()
        page.keyboard.press(letter)
        if said.is_visible():
            break
        page.wait_for_timeout(500)
    else:
        pytest.fail(f"no {button!r} in {row.all_inner_texts()}: {page.locator('main').inner_text()[:1500]}")
    said.click()
    page.get_by_text("Sent").first.wait_for()


def test_the_afternoon_on_open_pages(chromium: Any, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with Play(folder, 90, "--hub", DEMO_PASSWORD=PASSWORD) as play:
        url = play.until("ready after").split("board ")[1].strip().rstrip("/")
        play.until("history to 2027-01-12T13:58")
        lists = {who: open_at(chromium, url, who, "/worklist?show=hospital") for who in ("hub", "council")}
        alerts = {who: open_at(chromium, url, who, "/alerts") for who in ("hub", "council")}
        for who, page in lists.items():
            page.evaluate(WATCH, ["untold", "[data-rows] tbody tr", UNTOLD])
            alerts[who].evaluate(WATCH, ["untold", "[data-rows] tbody tr", "Told no longer true"])
        lists["hub"].evaluate(WATCH, ["silent", "body", COUNCIL_SILENT])
        _a_match_is_confirmed(chromium, url, play)
        play.until("F7 has happened")
        wired = cancelled_ms(folder)
        took = {
            f"{who}{path}": round(seen_at(page, "untold") - wired)
            for path, pages in (("/worklist", lists), ("/alerts", alerts)) for who, page in pages.items()
        }  # fmt: skip
        print(f"from the A13 on the wire to the text on open pages, ms: {took}")
        _a_decision_is_undone_and_made_again(chromium, url)
        _a_task_is_declined(chromium, url)
        _the_council_is_rung(alerts["hub"], lists["hub"], play)
        code, said = play.finish()
    assert code == 0, said[-6000:]
    complete(json.loads((folder / "summary.json").read_text()))
    assert not running(folder)
    (folder / "journeys.json").write_text(json.dumps(took))
    assert all(delay_ms > 0 for delay_ms in took.values()), took


def _a_match_is_confirmed(chromium: Any, url: str, play: Play) -> None:
    play.until("F3 has happened")
    page = open_at(chromium, url, "hub", "/matches")
    marlow = page.locator("section.hw-pair", has_text="Marlow")
    marlow.wait_for()
    assert EDITH_NUMBER in marlow.inner_text(), "Edith is proposed"
    assert EDNA_NUMBER not in marlow.inner_text(), "Edna is somebody else"
    play.until("F4 has happened")
    say(marlow, "Same person")
    marlow.wait_for(state="detached")
    page.context.close()


def _a_decision_is_undone_and_made_again(chromium: Any, url: str) -> None:
    """Somebody joined this morning is parted, and joined again: in the end the demo's judge counts them."""
    page = open_at(chromium, url, "hub", "/matches?decided=true")
    joined = page.locator("section.hw-pair", has_text="joined").filter(has_not_text="Marlow").first
    keys = [joined.locator(f"input[name={side}]").get_attribute("value") for side in ("left", "right")]
    same_pair = f"section.hw-pair:has(input[value='{keys[0]}']):has(input[value='{keys[1]}'])"
    say(joined, "Undo")
    page.goto(f"{url}/matches")
    page.locator(same_pair).wait_for()
    say(page.locator(same_pair), "Same person")
    page.locator(same_pair).wait_for(state="detached")
    page.goto(f"{url}/matches?decided=true")
    page.locator(same_pair, has_text="joined").wait_for()
    page.context.close()


def _a_task_is_declined(chromium: Any, url: str) -> None:
    """By keys alone: the first on the list who waits for reablement; the answer stands on the page."""
    page = open_at(chromium, url, "hub", "/worklist")
    page.locator("[data-rows] tbody tr", has_text="P1 reablement").locator("a").first.click()
    page.get_by_text("Live, up to date").wait_for()
    field = page.locator("details[data-key=a]").first
    assert "requested" in field.inner_text() or "accepted" in field.inner_text()
    page.keyboard.press("a")
    page.keyboard.press("2")
    page.get_by_text("Sent. The page follows").wait_for()
    page.get_by_text("rejected").first.wait_for()
    page.context.close()


def _the_council_is_rung(page: Any, worklist: Any, play: Play) -> None:
    """Three of four know; the fourth escalates with a number, is told by phone, and then it is over."""
    row = page.locator("[data-rows] tbody tr", has_text="Told no longer true").filter(has_text=EDITH)
    row.filter(has_text="escalated").wait_for()
    assert row.count() == 1, "three of four know"
    assert "020 7946" in row.inner_text(), "a number to ring"
    assert page.evaluate("window.mark") == "never loaded again"
    play.until("F11 has happened")
    by_keys(row, "s", "Told by phone")
    row.wait_for(state="detached")
    untold = worklist.locator("[data-rows] tbody tr", has_text=UNTOLD)
    untold.filter(has_text=EDITH).wait_for(state="detached")
    silent, back = seen_at(worklist, "silent"), seen_at(worklist, "silent gone")
    assert silent < back, "the council's feed fell silent, and came back"
