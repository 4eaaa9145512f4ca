"""The discharge return of simulated days, recounted from the simulator's ledger: no cell differs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from cli.replay.intake import Taken
from cli.replay.returns import Wanted, cells_of
from runtime.place import load_place
from simulator.town import build as build_town
from simulator.trust_days import Days, build, utc
from streams.core.config import CoreConfig
from streams.returns import day as days_module
from streams.returns.cells import by_name, compared
from streams.returns.day import snapshot
from streams.returns.discharge import Heard, discharge_cells
from tests.oracles.returns_oracle import Person, people, recount
from tests.returns.trust_town import figures, micros, noon, place, taken

WINTER, SPRING, ORDINARY = date(2026, 10, 25), date(2027, 3, 28), date(2027, 1, 12)
EVERYTHING = timedelta(days=3)


@cache
def town(day: date, seed: int = 1) -> Days:
    return build(seed, day)


@cache
def heard(day: date, known: datetime, seed: int = 1) -> Taken:
    return taken(town(day, seed), known)


def differing(day: date, until: datetime, known: datetime, seed: int = 1) -> dict[object, object]:
    """Cells that are not what the ledger says."""
    wanted = Wanted("discharge", "RJZ", day, micros(until))
    ours = figures(cells_of(heard(day, known, seed), place(), wanted))
    theirs = recount(town(day, seed).ledger.stays, day, until, known)
    return {
        name: (ours.get(name, -1), theirs.get(name, -1))
        for name in ours.keys() | theirs
        if ours.get(name, -1) != theirs.get(name, -1)
    }


def last_minute(day: date) -> datetime:
    return utc(day, "23:59")


class TestRecount:
    """Every cell of the day, for all and by whose people they are."""

    @pytest.mark.parametrize(("day", "seed"), [(WINTER, 1), (WINTER, 2), (SPRING, 1), (ORDINARY, 1)])
    def test_no_cell_differs(self, day: date, seed: int) -> None:
        assert differing(day, last_minute(day), noon(day) + EVERYTHING, seed) == {}

    @pytest.mark.parametrize("clock", ["17:00", "17:01", "18:30"])
    def test_nor_as_at_a_moment_of_the_day(self, clock: str) -> None:
        found = differing(WINTER, utc(WINTER, clock), noon(WINTER) + EVERYTHING)
        later = {name: pair for name, pair in found.items() if "after_1700" not in str(name)}
        assert later == {}
        assert bool(found) == (clock == "17:00")  # what has not come yet is unknown, where a count says 0

    def test_nor_as_known_earlier(self) -> None:
        known = utc(WINTER + timedelta(days=1), "08:00")
        assert differing(WINTER, last_minute(WINTER), known) == {}


class TestTown:
    """The ordinary town, with its repeats, re-queues, merges, late numbers and cancelled discharges."""

    @pytest.mark.parametrize("day", [date(2027, 1, 10), date(2027, 1, 11)], ids=str)
    def test_no_cell_differs(self, day: date) -> None:
        town, known = build_town(2027, 0.1), datetime(2027, 1, 12, 15, tzinfo=UTC)
        wanted = Wanted("discharge", "RJZ", day)
        bromley = load_place("bromley")
        ours = figures(cells_of(taken(Days(town.sends, town.ledger), known, bromley), bromley, wanted))
        theirs = recount(town.ledger.stays, day, last_minute(day), known)
        differ = {name for name in ours.keys() | theirs if ours.get(name, -1) != theirs.get(name, -1)}
        assert {name for name in differ if name[1] != "reason.disagrees"} == set()
        assert (ours["all", "discharged"] or 0) > 0
        assert (ours["all", "nctr.remaining"] or 0) > 0


def so(day: date) -> list[Person]:
    return list(people(town(day).ledger.stays, day, last_minute(day), noon(day) + EVERYTHING))


@pytest.mark.parametrize("day", [WINTER, SPRING, ORDINARY], ids=str)
def test_the_days_have_what_must_be_shown(day: date) -> None:
    """Else nothing would differ because nothing was there."""
    seen = so(day)
    assert {"17:00", "17:01", "23:59", "00:30"} <= {person.left for person in seen}
    assert any(person.ready is False and person.was_ready for person in seen)
    assert {person.whose for person in seen} == {"own", "out_of_area", "unsaid"}
    assert {person.out for person in seen} == {None, "died", "maternity and newborn"}
    assert {7, 14, 21} <= {person.nights for person in seen if person.left is None and person.ready}
    assert {"other_list", "none_given", "HP5", "IF1"} <= {person.why for person in seen}


def test_a_split_an_hour_off_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sabotage: 17:00 by a clock that was not changed."""
    minute = days_module._AFTERNOON_MINUTE
    monkeypatch.setattr(days_module, "_AFTERNOON_MINUTE", minute - 60)
    assert ("all", "discharged.by_1700") in differing(WINTER, last_minute(WINTER), noon(WINTER) + EVERYTHING)


@pytest.mark.parametrize("minutes", [-1, 1])
def test_a_split_a_minute_off_is_found(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    minute = days_module._AFTERNOON_MINUTE
    monkeypatch.setattr(days_module, "_AFTERNOON_MINUTE", minute + minutes)
    found = differing(WINTER, last_minute(WINTER), noon(WINTER) + EVERYTHING)
    assert {("all", "discharged.by_1700"), ("all", "nctr.discharged.after_1700")} <= set(found)


def test_a_restated_day_shows_both_and_the_difference() -> None:
    """Somebody left at noon and it was written down the day after."""
    wanted = Wanted("discharge", "RJZ", WINTER)
    before, after = utc(WINTER + timedelta(days=1), "08:00"), noon(WINTER) + EVERYTHING
    was = by_name(cells_of(heard(WINTER, before), place(), wanted))
    changes = compared(cells_of(heard(WINTER, after), place(), wanted), was)
    found = {(c.now.residents, c.now.name): c for c in changes}["all", "discharged.by_1700"]
    assert found.difference == 1
    assert len(set(found.now.spells) - set(found.was.spells)) == 1
    truth = [recount(town(WINTER).ledger.stays, WINTER, last_minute(WINTER), at) for at in (before, after)]
    assert [found.was.value, found.now.value] == [one["all", "discharged.by_1700"] for one in truth]


def test_every_figure_has_its_spells_and_events() -> None:
    known = noon(WINTER) + EVERYTHING
    cells = cells_of(heard(WINTER, known), place(), Wanted("discharge", "RJZ", WINTER))
    events = {fact.id for _, facts in heard(WINTER, known).facts for fact in facts}
    for cell in cells:
        if cell.value and not cell.name.startswith("bed_days"):
            assert len(cell.spells) == cell.value, cell.name
        assert set(cell.events) <= events
        assert bool(cell.events) == bool(cell.spells) or "none_given" in cell.name or "unknown" in cell.name


def test_a_day_before_anything_was_heard_is_unknown_and_not_zero() -> None:
    cells = cells_of(heard(WINTER, noon(WINTER)), place(), Wanted("discharge", "RJZ", date(2026, 6, 1)))
    assert {cell.value for cell in cells if cell.name != "listed_without_hospital"} == {None}


def test_somebody_frozen_makes_every_figure_doubtful() -> None:
    snap = snapshot(WINTER)
    cells = discharge_cells([], Heard(0, micros(noon(WINTER) + EVERYTHING), frozen=2), snap, CoreConfig())
    of_day = [cell for cell in cells if cell.name != "listed_without_hospital"]
    assert {"2 people are frozen" in cell.missing for cell in of_day} == {True}


def test_a_day_that_is_not_over_is_not_complete() -> None:
    known = datetime(2026, 10, 25, 15, tzinfo=UTC)
    wanted = Wanted("discharge", "RJZ", WINTER, micros(known))
    cells = by_name(cells_of(heard(WINTER, known), place(), wanted))
    assert cells["all", "discharged.after_1700"].value is None
    assert "the day is not over" in cells["all", "discharged"].missing
