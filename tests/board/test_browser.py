"""The board in Debian's Chromium: no violation of axe's rules on any page, keys, live updates, screenshots.

Skipped with the reason printed where there is no Chromium.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.board.chromium import browser, missing, served, signed_in
from tests.board.test_alerts_page import with_alerts
from tests.board.ward import AT, Site, ago, key, person, put, site_of, spell, transfer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.xdist_group("browser"),
]
SHOTS = os.environ.get("HOMEWARD_SCREENSHOTS", "")
"""A folder that screenshots are kept in."""
PAGES = {
    "hub-desk": ["/worklist", *(f"/person/{key(n)}" for n in (2, 4, 5)), "/matches", "/wall", "/alerts"],
    "hub-phone": ["/worklist", f"/person/{key(2)}", "/matches", "/wall", "/alerts"],
    "wall-wall": ["/wall", "/feeds"], "feeds-desk": ["/quarantine", "/feeds"], "audit-desk": ["/audit"],
    "voluntary-phone": ["/worklist"],
}  # fmt: skip
"""Account and width -> pages."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all."""
    with browser() as launched:
        yield launched


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    """Five hundred people, a silent feed, a restricted person, one frozen."""
    site = site_of(500, tmp_path_factory.mktemp("audit") / "audit.jsonl")
    with served(site) as url:
        yield url, site


@pytest.fixture
def small() -> Iterator[tuple[str, Site]]:
    """A dozen people, whose views a test changes, and alerts in every state."""
    site = with_alerts(site_of(12))
    with served(site) as url:
        yield url, site


def violations(page: Any, without: str = "") -> list[str]:
    """What axe finds, with the first element of each."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {without: {"enabled": False}} if without else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], "rules": rules}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def keep(page: Any, name: str, tmp_path: Path) -> None:
    """A screenshot that is not of nothing."""
    folder = Path(SHOTS) if SHOTS else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=str(path))
    assert path.stat().st_size > 5_000


@pytest.mark.parametrize("who", PAGES)
def test_axe_finds_nothing_on_any_page_at_any_width(
    chromium: Any, small: tuple[str, Site], who: str, tmp_path: Path
) -> None:
    url, _ = small
    desk, size = who.split("-")
    page = signed_in(chromium, url, desk, size)
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
    for path in PAGES[who]:
        page.goto(url + path)
        page.get_by_text("Live, up to date").wait_for()
        assert violations(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 1, f"{path} scrolls sideways by {wide}"
        keep(page, f"{desk}{path.split('/p1')[0].replace('/', '-')}-{path[-6:].strip('/A')}-{size}", tmp_path)
    assert problems == []
    page.context.close()


def test_axe_finds_nothing_among_five_hundred_rows(chromium: Any, large: tuple[str, Site]) -> None:
    page = signed_in(chromium, large[0], "hub")
    assert page.locator("[data-rows] tbody tr").count() > 490
    assert violations(page, "color-contrast") == [], "contrast is looked at where there are fewer rows"
    page.context.close()


def test_axe_finds_nothing_with_an_open_dialog_or_an_error(chromium: Any, small: tuple[str, Site]) -> None:
    url, _ = small
    page = signed_in(chromium, url, "hub")
    page.get_by_role("button", name="Keys").click()
    assert page.locator("dialog[open]").count() == 1
    assert violations(page) == []
    page.context.close()
    other = chromium.new_context()
    stranger = other.new_page()
    stranger.goto(f"{url}/sign-in?next=/worklist")
    stranger.get_by_label("Account").fill("nobody")
    stranger.get_by_label("Password").fill("wrong password")
    stranger.get_by_role("button", name="Sign in").click()
    stranger.get_by_text("There is a problem").wait_for()
    assert violations(stranger) == []
    other.close()


def test_the_worklist_by_keys_alone(chromium: Any, large: tuple[str, Site]) -> None:
    url, _ = large
    page = signed_in(chromium, url, "hub")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("[data-rows] tbody th a").first
    assert page.evaluate("document.activeElement.href") == first.evaluate("link => link.href")
    page.keyboard.press("Enter")
    page.wait_for_url("**/person/**")
    page.go_back()
    page.wait_for_load_state("load")
    page.get_by_text("Live, up to date").wait_for()
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.id") == "f-show"
    page.keyboard.press("Tab")
    page.keyboard.press("?")  # in a field a key is a character
    assert page.locator("dialog[open]").count() == 0
    page.context.close()


def test_the_first_view_of_five_hundred_is_small(chromium: Any, large: tuple[str, Site]) -> None:
    url, _ = large
    page = signed_in(chromium, url, "hub")
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    bytes_ = [0]
    client.on(
        "Network.loadingFinished", lambda said: bytes_.__setitem__(0, bytes_[0] + said["encodedDataLength"])
    )
    page.goto(f"{url}/worklist")
    page.wait_for_load_state("load")
    assert page.locator("[data-rows] tbody tr").count() > 490
    assert 10_000 < bytes_[0] < 300_000
    page.context.close()


def change(site: Site, number: int, **said: Any) -> None:
    """A new view of somebody."""
    put(site.board.projection, number, person(number), spell(number, **said), transfer(number))


def test_an_open_page_follows_without_reload_and_keeps_the_focus(
    chromium: Any, small: tuple[str, Site]
) -> None:
    url, site = small
    page = signed_in(chromium, url, "hub")
    page.evaluate("window.mark = 'the same document'")
    change(site, 9, location={"poc": "LOUNGE", "bed": "1", "facility": "RJZ30"})
    page.get_by_text("LOUNGE 1").wait_for()
    page.locator("#f-ward").focus()
    change(site, 9, location={"poc": "HELD", "bed": "1", "facility": "RJZ30"})
    page.get_by_text("Changes waiting").wait_for()
    assert page.get_by_text("HELD 1").count() == 0, "nothing moves under somebody's hands"
    page.get_by_role("button", name="Pause updates").focus()
    page.get_by_text("HELD 1").wait_for()
    assert page.evaluate("document.activeElement.id") == "pause"
    assert page.evaluate("window.mark") == "the same document"
    page.context.close()


def test_paused_updates_wait_and_come_when_it_goes_on(chromium: Any, small: tuple[str, Site]) -> None:
    url, site = small
    page = signed_in(chromium, url, "hub")
    pause = page.get_by_role("button", name="Pause updates")
    page.get_by_text("Live, up to date").wait_for()
    pause.click()
    assert pause.get_attribute("aria-pressed") == "true"
    change(site, 9, location={"poc": "LATER", "bed": "1", "facility": "RJZ30"})
    page.get_by_text("changes waiting").wait_for()
    assert page.get_by_text("LATER 1").count() == 0
    pause.click()
    page.get_by_text("LATER 1").wait_for()
    page.context.close()


def test_without_javascript_everything_but_liveness_works(chromium: Any, small: tuple[str, Site]) -> None:
    url, site = small
    page = signed_in(chromium, url, "hub", java_script_enabled=False)
    page.get_by_label("Ward").select_option("M3")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="MARLOW, Edna").click()
    page.get_by_text("Timeline").wait_for()
    page.get_by_role("link", name="Matches").click()
    page.get_by_role("button", name="Not the same").click()
    page.get_by_text("Sent: not the same person").wait_for()
    assert [fields["decision"] for _, fields in site.outbox.events] == ["not_same"]  # type: ignore[union-attr]
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Password").wait_for()
    page.context.close()


def test_a_feed_that_falls_silent_and_comes_back(chromium: Any, small: tuple[str, Site]) -> None:
    url, site = small
    page = signed_in(chromium, url, "hub")
    said = "Princess Royal University Hospital, ADT: no data since"
    assert page.get_by_text(said).count() == 0
    silent = {"partner": "pruh-adt", "heard_at": AT - 60_000_000, "silence_minutes": 30}
    site.board.projection.apply("FeedSilent", "pruh-adt", silent)
    page.get_by_text(said).wait_for()
    assert violations(page) == []
    site.board.projection.apply("FeedRecovered", "pruh-adt", {"partner": "pruh-adt", "heard_at": AT})
    page.get_by_text(said).wait_for(state="detached")
    assert ago(0) == "2027-01-12T14:26:00Z"
    page.context.close()


def test_a_word_of_the_hub_is_two_keys_and_a_letter_opens_each_field(
    chromium: Any, small: tuple[str, Site]
) -> None:
    url, site = small
    page = signed_in(chromium, url, "hub")
    page.goto(f"{url}/person/{key(2)}")
    page.get_by_text("Live, up to date").wait_for()
    for letter in "owdet":
        page.keyboard.press(letter)
        page.locator(f"details[data-key={letter}][open]").first.wait_for()
        page.locator("h1").click(force=True)
    assert violations(page) == []
    page.reload()
    page.get_by_text("Live, up to date").wait_for()
    page.keyboard.press("o")
    page.keyboard.press("4")
    page.get_by_text("Sent. The page follows").wait_for()
    page.get_by_text("Live, up to date").wait_for()
    page.keyboard.press("t")
    page.keyboard.press("1")
    page.wait_for_function("document.querySelectorAll('details[open]').length === 0")
    page.get_by_text("Sent. The page follows").wait_for()
    sent = [(kind, said.get("owner")) for kind, said in site.outbox.events]  # type: ignore[union-attr]
    assert sent == [("OwnerSet", "council"), ("NoticeToldByPhone", None)]
    page.context.close()
