"""ASCOF 2D against the day-by-day oracle, and its exclusions by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.pressure.ascof import (
    HospitalSpell,
    LongTerm,
    Person,
    Reablement,
    clusters,
    reablement_after_discharge,
)
from tests.oracles.ascof_oracle import follows

START = date(2025, 1, 1)
SETTINGS = ("nursing", "residential", "prison", "community")
LAW = settings(max_examples=400, deadline=None)
days = st.integers(0, 28).map(lambda n: START + timedelta(days=n))


def stay(draw: Any) -> HospitalSpell:
    admitted = draw(days)
    return HospitalSpell(
        admitted,
        admitted + timedelta(days=draw(st.integers(0, 9))),
        draw(st.sampled_from(("21", "21", "22", "11", "11", "31"))),
        draw(st.sampled_from(("1", "1", "1", "1", "4"))),
        draw(st.sampled_from(("19", "19", "19", "19", "51"))),
        draw(st.sampled_from(("300", "300", "430", "430", "430", "501", "711"))),
    )


def span(draw: Any, most: int) -> tuple[date, date | None]:
    start = draw(days)
    length = draw(st.sampled_from((None, *range(most), *range(most))))
    return start, None if length is None else start + timedelta(days=length)


@st.composite
def people(draw: Any) -> Person:
    """Somebody about sixty-five with a busy winter; no two spells alike, so that each is itself."""
    spells = {spell[:2]: spell for spell in (stay(draw) for _ in range(draw(st.integers(1, 4))))}
    return Person(
        draw(st.sampled_from((date(1940, 3, 5), date(1940, 3, 5), date(1960, 1, 20)))),
        draw(st.none() | days),
        tuple(spells.values()),
        tuple(Reablement(*span(draw, 5)) for _ in range(draw(st.integers(1, 4)))),
        tuple(
            LongTerm(draw(st.sampled_from(SETTINGS)), *span(draw, 60))
            for _ in range(draw(st.integers(0, 2)))
        ),
    )


@pytest.mark.slow
@LAW
@given(people())
def test_every_cluster_is_joined_as_the_oracle_joins_it(person: Person) -> None:
    found = [
        (one.start, one.discharged, frozenset(one.outcomes)) for one in reablement_after_discharge(person)
    ]
    expected = follows(
        person.born,
        person.died,
        [tuple(spell) for spell in person.spells],
        [tuple(event) for event in person.reablement],
        [tuple(support) for support in person.long_term],
    )
    assert found == expected


GOOD = HospitalSpell(date(2025, 1, 2), date(2025, 1, 10), "21", "1", "19", "430")


def joined(spell: HospitalSpell, start: date = date(2025, 1, 11), **more: Any) -> bool:
    """Whether a cluster that starts then follows the spell."""
    who = {"born": date(1940, 1, 1), "died": None, "long_term": ()} | more
    person = Person(spells=(spell,), reablement=(Reablement(start, None),), **who)
    return bool(reablement_after_discharge(person))


@pytest.mark.parametrize(
    "change",
    [
        *({"admission_method": code} for code in ["31", "32", "82", "83"]),
        *({"discharge_method": code} for code in "45"),
        *({"destination": code} for code in ["49", "50", "51", "52", "79", "87", "88"]),
        *({"specialty": code} for code in ("199", "223", "424", "501", "560", "650")),
        *({"specialty": code} for code in ("659", "700", "799", "840", "920")),
        {"admitted": GOOD.discharged},
    ],
)
def test_each_exclusion_leaves_out(change: dict[str, Any]) -> None:
    assert joined(GOOD)
    assert not joined(GOOD._replace(**change))


def test_the_window_is_seven_days_before_to_three_after() -> None:
    assert [joined(GOOD, GOOD.discharged + timedelta(days=n)) for n in (-4, -3, 0, 7, 8)] == [
        False, True, True, True, False,
    ]


def test_age_is_sixty_five_at_discharge() -> None:
    assert joined(GOOD, born=date(1960, 1, 10))
    assert not joined(GOOD, born=date(1960, 1, 11))


def test_events_a_week_apart_are_one_cluster_and_eight_days_two() -> None:
    first = Reablement(date(2025, 1, 1), date(2025, 1, 5))
    near, far = Reablement(date(2025, 1, 12), None), Reablement(date(2025, 1, 13), None)
    assert len(clusters([near, first])) == 1
    assert len(clusters([far, first])) == 2
