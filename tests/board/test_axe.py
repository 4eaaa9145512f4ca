"""No violation of axe's rules on any page at any width, and a screenshot of each.

Skipped with the reason printed where there is no Chromium.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.board.chromium import ROOT, SHOTS, SIZES, keep, missing, signed_in, violations
from tests.board.ward import Site, key

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.xdist_group("browser"),
]
PAGES = {
    "hub-desk": ["/worklist", *(f"/person/{key(n)}" for n in (2, 4, 5)), "/matches", "/wall", "/alerts",
                 "/huddle", "/downtime"],
    "hub-phone": ["/worklist", f"/person/{key(2)}", "/alerts", "/place?at=RJZ30"],
    "control-desk": ["/place", "/place?at=RJZ30", "/returns", "/actions", "/bulletin/draft"],
    "wall-wall": ["/wall", "/feeds", "/place"],
    "feeds-desk": ["/quarantine", "/feeds"], "audit-desk": ["/audit"],
    "voluntary-phone": ["/worklist"], "provider-phone": ["/worklist"],
}  # fmt: skip
"""Account and width -> pages."""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("who", PAGES)
def test_axe_finds_nothing_on_any_page_at_any_width(
    chromium: Any, small: tuple[str, Site], who: str, record_property: Any
) -> None:
    url, _ = small
    desk, size = who.split("-")
    where = SHOTS.relative_to(ROOT) if SHOTS.is_relative_to(ROOT) else SHOTS
    if who == "hub-desk":
        record_property("figures", f"screenshots of every page at three widths in {where}")
    page = signed_in(chromium, url, desk, size)
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
    for path in PAGES[who]:
        page.goto(url + path)
        page.get_by_text("Live, up to date").wait_for()
        assert violations(page) == [], path
        for name, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            wide = page.evaluate(TOO_WIDE)
            assert wide <= 1, f"{path} scrolls sideways by {wide} at {name} width"
            stem = re.sub("[^a-z0-9]+", "-", path.lower().replace("aaaaaaaaaaaaaaaaaaaa", ""))
            keep(page, f"{desk}{stem}-{name}")
        page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))
    assert problems == []
    page.context.close()


def test_axe_finds_nothing_among_five_hundred_rows(chromium: Any, large: tuple[str, Site]) -> None:
    page = signed_in(chromium, large[0], "hub")
    assert page.locator("[data-rows] tbody tr").count() > 490
    assert violations(page, "color-contrast") == [], "contrast is looked at where there are fewer rows"
    page.context.close()


def test_axe_finds_nothing_with_an_open_dialog_or_an_error_or_nobody_signed_in(
    chromium: Any, small: tuple[str, Site]
) -> None:
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
    stranger.goto(f"{url}/bulletin")
    assert violations(stranger) == []
    keep(stranger, "everybody-bulletin")
    other.close()
