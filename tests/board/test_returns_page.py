"""Drafts of returns on the board: what was laid down, each figure with its people, nobody else's named."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from board.drafts import drafts_in, named
from board.site import Site
from cli.replay.returns import Wanted, rows_of
from streams.returns.cells import Cell, Change
from tests.board.test_pages import Page, body
from tests.board.ward import AT, PLACE, Browser, key, site_of

DAY = date(2027, 1, 11)


def cells() -> list[Cell | Change]:
    """Three figures: known, restated, unknown."""
    known = Cell("nctr.remaining", 3, spells=("s-2", "s-4", "s-6"), events=("e1", "e2"))
    more = Cell("discharged", 5, spells=("s-2", "s-9"))
    part = Cell("reason.HP5", 1, "own", complete=False, missing=("of 2 people",), spells=("s-2",))
    unknown = Cell("criteria.unknown.remaining", None, complete=False)
    return [known, Change(more, Cell("discharged", 4, spells=("s-2",))), part, unknown]


def laid_down(folder: Path, name: str = "RJZ-2027-01-11") -> Path:
    """A draft as `homeward returns` prints it, with its published layout."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows_of(cells(), PLACE, Wanted("discharge", "RJZ", DAY), AT)
    (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    (folder / f"{name}.csv").write_text("Period,Level\n", "utf-8")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = site_of(12, tmp_path / "audit.jsonl")
    found.returns = laid_down(tmp_path / "returns")
    return found


def look(site: Site, path: str, desk: str = "hub") -> str:
    with Browser(site) as browser:
        browser.sign_in(desk)
        reply = browser.get(path)
        page = Page(reply.text)
        assert (reply.status_code, page.open, page.wrong) == (200, [], []), path
        assert len(set(page.ids)) == len(page.ids)
        return reply.text


def test_figures_say_what_is_unknown_at_least_and_restated(site: Site) -> None:
    text = body(look(site, "/returns"))
    assert "Acute discharge situation report, RJZ, 2027-01-11" in text
    assert "or other discharge documentation at least 1" in text
    assert "criteria.unknown.remaining unknown" in text
    assert "discharged 5 was 4" in text
    assert "1 figures restated" in text
    assert "As at Tue 12 Jan 2027 00:00" in text


def test_a_figure_leads_to_its_people_where_they_are_the_readers(site: Site, tmp_path: Path) -> None:
    path = "/returns?draft=RJZ-2027-01-11&cell=nctr.remaining&residents=all"
    text = look(site, path)
    assert f'href="/person/{key(2)}">MARLOW, Edith' in text
    assert f'href="/person/{key(4)}">P.E.' in text, "restricted: initials"
    written = json.loads((tmp_path / "audit.jsonl").read_text("utf-8").splitlines()[-1])
    assert written["what"] == "returns"
    assert key(2) in written["people"]
    assert "added" not in look(site, path)


def test_who_plans_sees_spells_and_nobody(site: Site) -> None:
    text = look(site, "/returns?draft=RJZ-2027-01-11&cell=discharged&residents=all", "control")
    assert "not yours to see" in text
    assert "MARLOW" not in text
    assert "<td>new</td>" in text


def test_files_come_by_their_names_alone(site: Site) -> None:
    with Browser(site) as browser:
        browser.sign_in("control")
        assert browser.get("/returns/RJZ-2027-01-11.csv").text == "Period,Level\n"
        for path in ("/returns/..%2Faudit.jsonl", "/returns/audit.jsonl", "/returns?draft=other",
                     "/returns?draft=RJZ-2027-01-11&cell=no.such"):  # fmt: skip
            assert browser.get(path).status_code == 404, path
    assert named(site.returns, "../audit.jsonl") is None


def test_what_is_no_draft_is_counted_and_shown_to_nobody(site: Site) -> None:
    (site.returns / "half.jsonl").write_text('{"view":"return"', "utf-8")
    (site.returns / "other.jsonl").write_text('{"view":"spell"}\n', "utf-8")
    drafts, others = drafts_in(site.returns)
    assert ([one.name for one in drafts], others) == (["RJZ-2027-01-11"], 2)
    assert "2 files in the folder are no drafts" in look(site, "/returns")


def test_without_a_draft_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    assert "No draft is laid down" in look(site_of(2), "/returns")
