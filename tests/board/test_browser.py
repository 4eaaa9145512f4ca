"""The board in Debian's Chromium: keys, live updates, a board without JavaScript.

Skipped with the reason printed where there is no Chromium.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.board.chromium import missing, signed_in, violations
from tests.board.ward import AT, Site, ago, key, person, put, spell, transfer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.xdist_group("browser"),
]
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
    for letter in "onwdet":
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
