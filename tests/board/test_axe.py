"""No violation of axe's rules on any page at any width, and a screenshot of each.

Skipped with the reason printed where there is no Chromium.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.board.chromium import ROOT, SHOTS, SIZES, keep, missing, served, signed_in, violations
from tests.board.figures import with_figures
from tests.board.test_actions_page import with_actions
from tests.board.test_alerts_page import alert
from tests.board.test_returns_page import laid_down
from tests.board.ward import Site, key, site_of

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
MANY = {
    "hub": ["/worklist?show=all", "/alerts", "/huddle", "/downtime", "/matches", "/wall",
            f"/person/{key(2)}"],
    "council": ["/worklist?show=all", "/alerts"], "feeds": ["/alerts", "/quarantine", "/feeds"],
    "control": ["/alerts", "/place", "/returns", "/actions"], "audit": ["/audit"],
}  # fmt: skip
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


@pytest.mark.nightly
@pytest.mark.parametrize("desk", MANY)
def test_axe_finds_nothing_on_any_page_of_a_large_place(
    chromium: Any, tmp_path: Path, desk: str, record_property: Any
) -> None:
    """Five hundred people, an alert for each in three states, contrast too, a dialog open."""
    site = many_alerts(with_actions(with_figures(site_of(500, tmp_path / "audit.jsonl"))))
    site.returns, rows = laid_down(tmp_path / "returns"), 0
    with served(site) as url:
        page = signed_in(chromium, url, desk)
        for path in MANY[desk]:
            page.goto(url + path)
            page.get_by_text("Live, up to date").wait_for()
            page.keyboard.press("?")
            assert page.locator("dialog[open]").count() == 1
            assert violations(page) == [], path
            rows = max(rows, page.locator("table tbody tr").count())
        page.context.close()
    record_property("figures", f"axe at {desk}: {len(MANY[desk])} pages, up to {rows} rows")


def many_alerts(site: Site) -> Site:
    """An alert for everybody, in three states."""
    states = ("open", "escalated", "acknowledged")
    for number in range(500):
        ident = f"{number:08d}-0000-5000-8000-000000000001"
        _, row = alert("late", number % 490 + 1, alert_id=ident, state=states[number % 3])
        site.board.projection.apply("AlertView", f"{row['person_key']}/{ident}", row)
    return site


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
