"""Figures and measures held against the rules' text: which figure stands, what is unknown, how bands end."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.config import Band, CoreConfig, FigureConfig, Parameter, Scheme
from streams.core.pressure.as_at import measures
from streams.core.pressure.figures import Book
from streams.core.pressure.measures import Measure
from streams.core.pressure.opel import scheme_at

HOUR = 3_600_000_000
EIGHT = 1_799_740_800_000_000
"""2027-01-12T08:00:00Z."""
JULY = 1_815_435_000_000_000
"""2027-07-12T23:30:00Z: half past midnight of the thirteenth in England."""
BANDS = (Band(None, True, 92, True, 0), Band(92, False, 98, False, 1), Band(98, True, None, True, 2))
OCCUPANCY = Parameter("beds", "occupancy_percent", False, BANDS)
HANDOVER = Parameter("handover", "ambulance_handover_minutes", True, BANDS)


def scheme(
    *parameters: Parameter, name: str = "s1", since: str = "2026-01-01", until: str | None = None
) -> Scheme:
    return Scheme(name, False, since, until, parameters, ((1, 0), (2, 1), (3, 2)))


def config(*schemes: Scheme, **named: Any) -> CoreConfig:
    figures = FigureConfig(sites={"S": ("A", "B")}, schemes=schemes, **named)
    return CoreConfig(partners=("strong", "weak"), figures=figures)


def said(
    kind: str, thing: str, at: int, made: int | None = None, partner: str = "strong", **body: Any
) -> Fact:
    made = at if made is None else made
    name = f"{kind}{thing}{at}{made}{partner}{sorted(body.items(), key=str)}"
    return Fact(name, kind, partner, thing.partition("/")[0], None, thing, at, made, made, body=body)


def beds(thing: str, at: int = EIGHT, made: int | None = None, partner: str = "strong", **body: Any) -> Fact:
    return said("BedCapacityReported", thing, at, made, partner, **body)


def metric(name: str, value: float | None, at: int = EIGHT, made: int | None = None, **body: Any) -> Fact:
    return said("PressureMetricReported", "S", at, made, metric=name, value=value, **body)


def found(facts: list[Fact], name: str, subject: str, place: CoreConfig, **asked: int) -> Measure | None:
    made = [m for m in measures(facts, place, **asked) if (m.measure, m.subject) == (name, subject)]
    assert len(made) <= 1
    return made[0] if made else None


def value(*asked: Any, **more: Any) -> float | None:
    one = found(*asked, **more)
    assert one is not None
    return one.value


class TestWhichFigureStands:
    """By as_at, then by recorded_at; sources by precedence."""

    def test_a_figure_taken_back_is_unknown_not_the_one_before(self) -> None:
        facts = [beds("S/A", beds_open=28), beds("S/A", made=EIGHT + HOUR, beds_open=None)]
        one = found(facts, "beds_open", "S/A", config())
        assert one is not None
        assert (one.value, one.complete) == (None, False)
        assert value(facts, "beds_open", "S/A", config(), known_at=EIGHT) == 28

    def test_said_again_after_it_was_restated_it_counts_again(self) -> None:
        facts = [
            msgspec.structs.replace(beds("S/A", made=EIGHT + n * HOUR, beds_open=n % 2), id=f"f{n}")
            for n in range(3)
        ]
        assert value(facts, "beds_open", "S/A", config()) == 0
        assert value(facts[:2], "beds_open", "S/A", config()) == 1

    def test_of_one_moment_the_stronger_source_counts_unless_it_does_not_know(self) -> None:
        weak = beds("S/A", made=EIGHT + HOUR, partner="weak", beds_open=20)
        assert value([beds("S/A", beds_open=28), weak], "beds_open", "S/A", config()) == 28
        assert value([beds("S/A", beds_open=None), weak], "beds_open", "S/A", config()) == 20
        weaker = msgspec.structs.replace(config(), precedence={"figures": ("weak",)})
        assert value([beds("S/A", beds_open=28), weak], "beds_open", "S/A", weaker) == 20

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=1, max_size=8),
        st.integers(0, 6),
        st.integers(0, 6),
    )
    def test_any_history_answers_as_a_plain_reading_of_the_rule_does(
        self, history: list[tuple[int, int, int]], as_at: int, known_at: int
    ) -> None:
        """(as_at, recorded_at, received_at) of each; the value is its number."""
        facts = [
            Fact(f"f{n}", "BedCapacityReported", "p", "S", None, "S/A", a, w, r, body={"beds_open": n})
            for n, (a, w, r) in enumerate(history)
        ]
        numbered = [(a, w, n) for n, (a, w, r) in enumerate(history) if a <= as_at and r <= known_at]
        random.Random(1).shuffle(facts)
        answer = found([*facts, *facts], "beds_open", "S/A", config(), as_at=as_at, known_at=known_at)
        if not numbered:
            assert answer is None
            return
        newest = max(a for a, _, _ in numbered)
        _, right = max((w, str(n)) for a, w, n in numbered if a == newest)
        assert answer is not None
        assert (answer.as_at, answer.value) == (newest, int(right))


class TestUnknownIsNeverZero:
    """Sums and shares."""

    def test_a_whole_that_the_site_said_is_not_added_up(self) -> None:
        facts = [beds("S", beds_open=50), beds("S/A", beds_open=28)]
        one = found(facts, "beds_open", "S", config())
        assert one is not None
        assert (one.value, one.complete) == (50, True)

    def test_a_ward_the_place_does_not_list_is_added_all_the_same(self) -> None:
        facts = [beds(f"S/{ward}", beds_open=10) for ward in "ABC"]
        one = found(facts, "beds_open", "S", config())
        assert one is not None
        assert (one.value, one.complete) == (30, True)

    def test_nothing_to_divide_by_has_no_value_and_is_shown(self) -> None:
        one = found([beds("S/A", beds_open=0, beds_occupied=2)], "occupancy_percent", "S/A", config())
        assert one is not None
        assert (one.value, one.numerator, one.denominator, one.complete) == (None, 2, 0, False)

    def test_a_share_is_as_old_as_its_oldest_figure_and_as_new_as_its_newest_word(self) -> None:
        facts = [beds("S/A", beds_open=10), beds("S/A", EIGHT + HOUR, EIGHT + 3 * HOUR, beds_occupied=9)]
        one = found(facts, "occupancy_percent", "S/A", config())
        assert one is not None
        assert (one.as_at, one.known_at, one.value) == (EIGHT, EIGHT + 3 * HOUR, 90)

    @pytest.mark.parametrize(("hours", "complete"), [(24, True), (24.01, False)])
    def test_a_figure_is_added_for_so_many_hours(self, hours: float, complete: bool) -> None:
        facts = [beds("S/A", beds_open=10), beds("S/B", EIGHT + int(hours * HOUR), beds_open=5)]
        one = found(facts, "beds_open", "S", config())
        assert one is not None
        assert (one.value, one.complete) == ((15, True) if complete else (5, False))

    def test_an_outbreak_that_may_be_is_unknown(self) -> None:
        place = config()
        quiet = found([beds("S/A", beds_closed_infection=3)], "outbreak", "S", place)
        there = found([beds("S/A", beds_closed_infection=4)], "outbreak", "S", place)
        assert quiet is not None
        assert there is not None
        assert (quiet.value, quiet.complete, there.value) == (None, False, 1)

    def test_without_anybody_waiting_said_the_balance_is_unknown(self) -> None:
        noon = EIGHT + 4 * HOUR
        facts = [metric(name, 3.0, until_at=noon) for name in ("discharges_confirmed", "discharges_possible")]
        one = found(facts, "bed_balance", "S", config())
        assert one is not None
        assert (one.value, one.numerator, one.denominator, one.until) == (None, 6, None, noon)


class TestLevels:
    """Bands and their ends, schemes and thresholds by their days."""

    @pytest.mark.parametrize(("occupied", "points"), [(92, 0), (93, 1), (97, 1), (98, 2), (130, 2)])
    def test_a_band_ends_where_it_says(self, occupied: int, points: int) -> None:
        facts = [beds("S", beds_open=100, beds_occupied=occupied)]
        assert value(facts, "opel_points.beds", "S", config(scheme(OCCUPANCY))) == points
        assert value(facts, "opel_level", "S", config(scheme(OCCUPANCY))) == points + 1

    @pytest.mark.parametrize(("earlier", "known"), [(0, True), (29, True), (31, False)])
    def test_since_midnight_is_the_day_in_england(self, earlier: int, known: bool) -> None:
        """In July England's day begins an hour before midnight UTC."""
        place = config(scheme(HANDOVER, OCCUPANCY))
        facts = [metric("ambulance_handover_minutes", 10.0, JULY - earlier * 60_000_000)]
        facts.append(beds("S", JULY, beds_open=100, beds_occupied=90))
        one = found(facts, "opel_points.handover", "S", place)
        assert one is not None
        assert one.complete is known

    def test_a_value_in_no_band_is_not_scored(self) -> None:
        gap = Parameter("beds", "occupancy_percent", False, (Band(0, True, 50, True, 1),))
        facts = [beds("S", beds_open=100, beds_occupied=60)]
        assert found(facts, "opel_level", "S", config(scheme(gap))) is None

    def test_the_scheme_of_the_day_counts(self) -> None:
        place = config(scheme(name="old", until="2027-01-12"), scheme(name="new", since="2027-01-12"))
        found_at = [scheme_at(EIGHT + days * 24 * HOUR, place.figures) for days in (-1, 0)]
        assert [one and one.id for one in found_at] == ["old", "new"]
        assert scheme_at(EIGHT - 800 * 24 * HOUR, place.figures) is None

    @pytest.mark.parametrize(("days", "there"), [(-1, 1), (0, 0)])
    def test_the_threshold_of_the_day_counts(self, days: int, there: int) -> None:
        place = msgspec.structs.replace(
            config(), thresholds={"outbreak.beds": ((0, 4.0), (EIGHT - 8 * HOUR, 6.0))}
        )
        facts = [beds(f"S/{ward}", EIGHT + days * 24 * HOUR, beds_closed_infection=5) for ward in "AB"]
        assert value(facts, "outbreak", "S/A", place) == there


def test_a_book_knows_nothing_of_what_nobody_said() -> None:
    book = Book([], CoreConfig())
    assert book.sites() == []
    assert book.at("S", "beds_open", EIGHT) is None
    assert measures([], CoreConfig()) == []
