"""The main tasks by keys alone in Debian's Chromium: a word of the hub is at most three keystrokes.

Skipped with the reason printed where there is no Chromium.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.board.chromium import keep, missing, signed_in, violations
from tests.board.test_least_data import task
from tests.board.ward import Site, key, person, put, spell, told, transfer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.xdist_group("browser"),
]
WORDS = (
    ("o4", "OwnerSet", "council"), ("n2", "NextStepSet", "book_transport"), ("w3", "PathwaySet", "2"),
    ("d1", "DelayReasonSet", "HP5"), ("e2", "ExpectedDischargeSet", "2027-01-13T12:00:00Z"),
    ("a1", "TaskAccepted", "hub"), ("t1", "NoticeToldByPhone", "lbb"),
)  # fmt: skip
"""Keys, the event they say, one of its values."""


def test_every_word_of_the_hub_is_two_keys(chromium: Any, small: tuple[str, Site]) -> None:
    url, site = small
    rows = (person(30), spell(30), transfer(30, tasks=[task(30, "p1-dom-care", "requested")], **told()))
    put(site.board.projection, 30, *rows)
    page = signed_in(chromium, url, "hub")
    for keys, kind, _ in WORDS:
        page.goto(f"{url}/person/{key(30)}")
        page.get_by_text("Live, up to date").wait_for()
        for one in keys:
            page.keyboard.press(one)
        page.get_by_text("Sent. The page follows").wait_for()
        assert site.outbox.events[-1][0] == kind  # type: ignore[union-attr]
    said = [(kind, set(fields.values())) for kind, fields in site.outbox.events]  # type: ignore[union-attr]
    assert [kind for kind, _ in said] == [kind for _, kind, _ in WORDS]
    lacking = [kind for (kind, values), (_, _, value) in zip(said, WORDS, strict=True) if value not in values]
    assert lacking == ["TaskAccepted"], "an answer has no value but its kind"
    page.context.close()


def test_an_alert_a_match_and_an_action_are_two_keys_too(chromium: Any, small: tuple[str, Site]) -> None:
    url, site = small
    page = signed_in(chromium, url, "hub")
    for path, keys in (("/alerts", "s1"), ("/matches", "m2"), ("/actions", "d1")):
        page.goto(url + path)
        page.get_by_text("Live, up to date").wait_for()
        for one in keys:
            page.keyboard.press(one)
        page.get_by_text("Sent").first.wait_for()
    said = [(kind, fields) for kind, fields in site.outbox.events]  # type: ignore[union-attr]
    assert [kind for kind, _ in said] == ["AlertCommanded", "MatchDecided", "ActionDone"]
    assert [said[0][1]["verb"], said[1][1]["decision"], said[2][1]["outcome"]] == [
        "acknowledge", "not_same", "done",
    ]  # fmt: skip
    page.context.close()


@pytest.mark.parametrize("path", ["/worklist?show=all", "/downtime"])
def test_axe_finds_nothing_among_many_rows_with_a_dialog_open(
    chromium: Any, large: tuple[str, Site], path: str
) -> None:
    page = signed_in(chromium, large[0], "hub")
    page.goto(large[0] + path)
    page.get_by_text("Live, up to date").wait_for()
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    for said in ("no data since", "restricted", "frozen"):
        assert page.get_by_text(said).count() > 0
    assert violations(page, "color-contrast") == []
    keep(page, f"many{path.split('?', maxsplit=1)[0].replace('/', '-')}")
    page.context.close()
