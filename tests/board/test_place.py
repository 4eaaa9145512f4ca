"""The place's page: ages, unknown, at least, small numbers, history and its control chart."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from board.flow import flow_of
from board.history import History
from board.small import few, kept_back, public
from runtime.reader import OPERATOR
from tests.board.figures import SITE, days, measure, some, with_figures
from tests.board.test_pages import Page, body
from tests.board.ward import AT, MINUTE, Browser, ago, package, person, put, site_of, spell, transfer

TODAY = date(2027, 1, 12)
COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12))


def look(path: str, desk: str = "control", rows: list[dict[str, object]] | None = None) -> str:
    with Browser(with_figures(site_of(9), rows)) as browser:
        browser.sign_in(desk)
        reply = browser.get(path)
        page = Page(reply.text)
        assert (reply.status_code, page.open, page.wrong) == (200, [], []), path
        assert len(set(page.ids)) == len(page.ids)
        assert set(page.wants) <= set(page.ids)
        return body(reply.text)


class TestHonest:
    """What is not known reads so, and everything has an age."""

    def test_what_nobody_said_is_unknown_and_never_zero(self) -> None:
        text = look("/place")
        assert "999 mean time to answer unknown nobody has said it" in text
        assert "Last winter: no history" in text
        assert "No history" in text
        empty = look("/place", rows=[])
        assert "111 calls abandoned unknown" in empty
        assert "Package requested to started unknown" in empty

    def test_what_is_incomplete_is_at_least_and_says_what_it_lacks(self) -> None:
        text = look(f"/place?at={SITE}")
        assert "Escalation beds open lacks ward ASH at least 2 14:00" in text
        assert "Nobody has said: Beds closed, of these by" in text
        assert "Open beds that are escalation beds lacks ward ASH unknown 2 of 72" in text

    def test_opel_is_indicative_at_least_and_unverified(self) -> None:
        text = look("/place")
        assert "≥ 3, incomplete 14 points, 4 parameters known 14:00" in text
        assert "acute-demo-1 thresholds unverified lacks admitted or gone within 4 hours" in text

    def test_a_silent_source_is_said_beside_its_number(self) -> None:
        rows = [measure("occupancy_percent", 97.2, sources=[{"source": "pruh-adt", "heard_at": 1}])]
        site = with_figures(site_of(3), rows)
        gone = {"partner": "pruh-adt", "heard_at": AT - MINUTE, "silence_minutes": 5}
        site.board.projection.apply("FeedSilent", "pruh-adt", gone)
        with Browser(site) as browser:
            browser.sign_in("control")
            assert "silent" in body(browser.get(f"/place?at={SITE}").text).split("Beds open")[0]

    def test_both_definitions_of_twelve_hours_stand_side_by_side(self) -> None:
        text = look(f"/place?at={SITE}")
        assert "12 h from the decision to admit 6" in text
        assert "12 h from arrival 9" in text

    def test_balance_by_hour_and_who_is_short(self) -> None:
        assert "15:26 9 3 unknown -2 short" in look(f"/place?at={SITE}")

    def test_a_closed_home_a_full_virtual_ward_and_over_full_beds_are_shown_as_said(self) -> None:
        text = look("/place")
        assert "VM1A7 closed unknown" in text
        assert "RJZ-VW/respiratory 41 40 unknown unknown" in text
        assert "OAK 0 0 28 30 107.1 %" in look(f"/place?at={SITE}/OAK")


class TestFlow:
    """What the board counts of its own people."""

    def test_expected_left_waited_and_started(self) -> None:
        site = site_of(9)
        begun = package(20) | {"first_call_done_at": "2027-01-10T09:00:00Z"}  # a Sunday
        late = package(21) | {"first_call_done_at": "2027-01-11T19:30:00Z"}
        put(site.board.projection, 20, person(20), spell(20, discharged_at=ago(60), status="discharged"),
            transfer(20, packages=[begun, late]))  # fmt: skip
        flow = flow_of(site.people.all(OPERATOR, AT), AT)
        assert flow.starts == (2, 1, 1)
        assert flow.left["P1"] == 2
        assert flow.expected["P1"] == 8
        assert flow.frozen == 1
        council = next(one for one in flow.waited if one.owner == "council")
        assert council.people >= 8
        assert flow_of(site.people.all(OPERATOR, AT), AT, "ELSEWHERE").expected == {}

    def test_the_dead_have_not_left(self) -> None:
        site = site_of(2)
        died = spell(30, status="discharged", discharged_at=ago(60), death={"stated_at": ago(70)})
        put(site.board.projection, 30, person(30), died, transfer(30))
        assert flow_of(site.people.all(OPERATOR, AT), AT).left == {}


class TestSmallNumbers:
    """IG-09: a viewer sees no number below five, nor works one out."""

    @given(COUNTS)
    def test_one_hidden_part_is_never_alone(self, parts: dict[str, float | None]) -> None:
        back = kept_back(parts)
        assert {name for name, count in parts.items() if few(count)} <= back
        others = [name for name, count in parts.items() if count and name not in back]
        assert len(back) != 1 or not others

    @given(st.integers(0, 500))
    def test_a_public_number_is_rounded_and_never_small(self, count: int) -> None:
        said = public(count)
        assert said == "fewer than 5" if 0 < count < 5 else int(said) % 5 == 0

    def test_a_viewer_sees_none_and_the_control_centre_all(self) -> None:
        seen = look(f"/place?at={SITE}", "wall")
        assert "Waiting for the hub &lt; 5" in seen
        assert "Waiting for the council &lt; 5" in seen
        assert "21 days or longer &lt; 5" in seen
        assert re.search(r"Ready to leave 14 ", seen)
        assert "Waiting for the council 3" in look(f"/place?at={SITE}")

    def test_a_share_of_few_is_not_shown(self) -> None:
        rows = [measure("ready_percent_of_occupied", 4.2, numerator=3, denominator=72)]
        text = look("/place", "wall", rows)
        assert "4.2" not in text
        assert "not shown" in text


class TestHistory:
    """Earlier days: kept once a day, loaded from files, charted."""

    def test_the_same_weekday_last_winter_stands_beside_it(self) -> None:
        site = with_figures(site_of(3))
        days(site, "occupancy_percent", [95.0], date(2026, 1, 13))
        with Browser(site) as browser:
            browser.sign_in("control")
            text = body(browser.get("/place").text)
        assert "Tue 13 Jan 2026: 95.0 (+2.2)" in text

    def test_a_series_is_charted_with_its_numbers_in_a_table(self) -> None:
        site = with_figures(site_of(3))
        days(site, "occupancy_percent", [90.0, 96.0] * 7 + [None, 120.0], TODAY)
        with Browser(site) as browser:
            browser.sign_in("control")
            text = browser.get("/place?measure=occupancy_percent").text
        assert text.count("<circle") == 14
        assert text.count('width="10"') == 1
        assert "newest day is special: worse" in text
        assert "Mon 11 Jan 2027 unknown" in body(text)
        assert "Tue 12 Jan 2027 120.0 beyond a limit" in body(text)

    def test_a_day_is_kept_once_and_read_again(self, tmp_path: Path) -> None:
        rows, folder = some(), tmp_path / "measures"
        first = History(folder)
        assert not first.keep_day(rows, AT - 7 * 60 * MINUTE)  # before 08:00
        assert first.keep_day(rows, AT)
        assert not first.keep_day(rows, AT + MINUTE)
        again = History(folder)
        again.read()
        assert not again.keep_day(rows, AT + 2 * MINUTE)
        assert [one.value for one in again.series("in_hospital", SITE, TODAY)] == [68]
        assert [one.value for one in again.series("beds_escalation", SITE, TODAY)] == [None]
        assert again.series("bed_balance", SITE, TODAY) == []
