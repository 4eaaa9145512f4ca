"""What pages show: as at, stale, unknown, frozen, told and un-told; whole and valid HTML."""

from __future__ import annotations

import hashlib
import re
import tomllib
from html.parser import HTMLParser

import pytest

from board.people import People
from board.rendering import STATIC
from board.rows import Chosen, row_of, worklist
from board.wording import duration
from tests.board.ward import (
    AT,
    PLACE,
    Browser,
    identified,
    key,
    person,
    put,
    site_of,
    spell,
    transfer,
)

READERS = {reader.name: reader for reader in PLACE.readers}
HUB = READERS["bromley-spa"]
VOID = {"meta", "link", "input", "br", "img", "hr"}
PAGES = {"hub": ("/worklist", "/worklist?show=all", f"/person/{key(2)}", f"/person/{key(5)}", "/matches",
                 "/matches?decided=true", "/feeds"), "feeds": ("/quarantine",), "audit": ("/audit",),
         "council": ("/worklist", f"/person/{key(2)}"), "voluntary": ("/worklist", f"/person/{key(2)}"),
         "provider": (f"/person/{key(2)}",), "ward": ("/worklist",)}  # fmt: skip


class Page(HTMLParser):
    """Every element closed, every id once, every label's field there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wants: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.ids += [said["id"] or ""] if "id" in said else []
        self.wants += [said["for"] or ""] if "for" in said else []
        self.wants += (said.get("aria-labelledby") or "").split()
        self.wrong += [f"{name} on {tag}" for name in said if name.startswith("on") or name == "style"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")


def body(text: str) -> str:
    """What stands in the page's main part."""
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", text.split("<main", 1)[1].split("</main>", maxsplit=1)[0])
    ).strip()


@pytest.mark.parametrize("desk", PAGES)
def test_every_page_is_whole(desk: str) -> None:
    with Browser(site_of(14)) as browser:
        browser.sign_in(desk)
        for path in PAGES[desk]:
            reply = browser.get(path)
            page = Page(reply.text)
            assert (reply.status_code, page.open, page.wrong) == (200, [], []), path
            assert len(set(page.ids)) == len(page.ids), path
            assert set(page.wants) <= set(page.ids), path
            assert reply.text.count("<h1") == 1
            assert 'lang="en-GB"' in reply.text
            assert "Not for clinical decisions" in reply.text
            assert "Synthetic" in reply.text
            assert "As at" in reply.text
            assert "Views complete to" in reply.text


def test_no_page_asks_another_host() -> None:
    with Browser(site_of(5)) as browser:
        browser.sign_in("hub")
        text = "".join(browser.get(path).text for path in PAGES["hub"])
    assert re.findall(r'(?:src|href|action)="(?!/|#|\?)[^"]*"', text) == []


def test_what_others_made_is_as_it_came() -> None:
    said = tomllib.loads((STATIC / "VENDORED.toml").read_text("utf-8"))
    for name, row in said.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == row["sha256"], name
    css = (STATIC / "nhsuk-frontend.min.css").read_text("utf-8")
    assert "@font-face" not in css
    assert "http" not in css.replace("http://www.w3.org", "")
    assert {path.name for path in STATIC.glob("*.min.*")} == set(said)


class TestWorklist:
    """Oldest clock first; nobody is scored."""

    def test_the_oldest_clock_is_first_and_ready_before_the_rest(self) -> None:
        site = site_of(14)
        people = list(People(site.board.projection).all(HUB, AT))
        rows = worklist(people, lambda _: False, Chosen("hospital"))
        assert [row.state for row in rows if row.state != "frozen"] == [
            *["ready"] * 10,
            "restricted",
            "in hospital",
        ]
        ready = [row.since or "" for row in rows if row.state == "ready"]
        assert ready == sorted(ready)
        assert len(ready) >= 10

    def test_who_was_told_what_is_no_longer_true_is_on_every_list(self) -> None:
        people = list(People(site_of(5).board.projection).all(HUB, AT))
        for show in ("ready", "hospital", "expected", "left", "all"):
            assert key(2) in {row.key for row in worklist(people, lambda _: False, Chosen(show))}

    def test_a_filter_narrows_and_stands_in_the_url(self) -> None:
        with Browser(site_of(14)) as browser:
            browser.sign_in("hub")
            text = browser.get("/worklist?show=all&ward=M3").text
        people = set(re.findall(r"/person/(p1:\w+)", text))
        assert people == {key(3), key(12)}
        assert '<option value="M3" selected>' in text

    def test_a_silent_source_greys_its_rows_and_keeps_what_it_said(self) -> None:
        with Browser(site_of(5)) as browser:
            browser.sign_in("hub")
            text = browser.get("/worklist").text
        assert "London Borough of Bromley, care packages: no data since 13:40" in text
        before, after = text.split(key(2)[-12:], 1)
        row = before.rsplit("<tr", 1)[1] + after.split("</tr>")[0]
        assert "hw-row-stale" in row
        assert "approved Oakfield Homecare" in row

    def test_unknown_is_said_and_never_zero(self) -> None:
        site = site_of(3)
        put(site.board.projection, 40, person(40), spell(40, ready=[], admitted_at=None), transfer(40))
        people = People(site.board.projection).all(HUB, AT)
        row = next(r for r in worklist(people, lambda _: False, Chosen("all")) if r.key == key(40))
        assert (row.since, row.name) == (None, "Name not known")
        assert duration(None) == "unknown"
        site.board.projection.complete_to = None
        with Browser(site) as browser:
            browser.sign_in("hub")
            assert "Views complete to <strong>unknown</strong>" in browser.get("/worklist").text

    def test_a_worklist_of_five_hundred_is_small(self) -> None:
        with Browser(site_of(500)) as browser:
            browser.sign_in("hub")
            reply = browser.get("/worklist", **{"accept-encoding": "identity"})
        assert reply.text.count("<tr") > 490
        assert len(reply.content) < 300_000

    def test_a_new_view_is_a_new_row(self) -> None:
        site = site_of(5)
        people = People(site.board.projection)
        before = people.one(key(2), HUB, AT)
        assert people.one(key(2), HUB, AT) is before
        put(site.board.projection, 2, person(2, restricted=True), spell(2), transfer(2))
        after = people.one(key(2), HUB, AT)
        assert after is not None
        assert row_of(after, lambda _: False).name == "E.M."


class TestPerson:
    """One person's transfer."""

    def page(self, number: int, desk: str = "hub") -> str:
        with Browser(site_of(9)) as browser:
            browser.sign_in(desk)
            return browser.get(f"/person/{key(number)}").text

    def test_three_identifiers_stand_before_any_detail(self) -> None:
        text = body(self.page(2))
        assert (
            text.index("MARLOW, Edith") < text.index("14-Mar-1942") < text.index("999 ") < text.index("Now")
        )
        assert "identifiers" not in text

    def test_fewer_than_three_say_so(self) -> None:
        site = site_of(5)
        site.board.projection.apply("PersonIdentified", key(40), identified(40, rank=1))
        put(site.board.projection, 40, person(40), spell(40), transfer(40))
        with Browser(site) as browser:
            browser.sign_in("hub")
            assert "Only 2 of 3 identifiers are known" in browser.get(f"/person/{key(40)}").text

    def test_told_and_untold_with_the_number_to_ring(self) -> None:
        text = body(self.page(2))
        assert "told, no longer true: 1" in text
        assert re.search(
            r"London Borough of Bromley brokerage no longer so: discharged \S+ not yet sent", text
        )
        assert "020 7946 0101" in text

    def test_why_adds_up_and_the_running_stretch_runs(self) -> None:
        text = body(self.page(9))
        assert "Why 9 h 05?" in text
        assert "1 h 00 and running" in text
        assert "HP5 TTO" in text

    def test_a_frozen_person_is_badged(self) -> None:
        text = body(self.page(5))
        assert "frozen: 3 facts unread" in text
        assert "Frozen since Tue 12 Jan 2027 12:56" in text

    def test_the_timeline_names_its_sources_and_what_lies_ahead(self) -> None:
        text = body(self.page(2))
        assert "18:00 (ahead) · Home care: first call — London Borough of Bromley, care packages" in text

    def test_title_and_url_name_nobody(self) -> None:
        text = self.page(2)
        assert "arlow" not in text.split("</head>")[0].lower()
        assert "<title>One person" in text
