"""What is counted of spells and packages, held against counting by hand (tests/oracles/measure_oracle.py)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.codes import Code
from streams.core.config import DAY_US, HOUR_US, MINUTE_US, CoreConfig, FigureConfig
from streams.core.moments import utc_text
from streams.core.pressure.contributions import Arranged, Said, Stayed, decode, encode, rows_of, standing
from streams.core.pressure.counted import counted
from streams.core.pressure.figures import Book
from streams.core.pressure.measures import Measure
from streams.core.reduce import Picture
from streams.core.spells.location import Location
from streams.core.spells.readiness import Interval
from streams.core.spells.spell import Spell
from streams.core.spells.stays import Stay
from streams.core.transfer.join import Transfer
from streams.core.transfer.packages import Package
from streams.core.transfer.steps import Wait
from streams.core.views.spell_line import spell_row
from tests.oracles.measure_oracle import counts

SITE = "RJZ30"
NOON = 1_792_929_600_000_000
"""2026-10-25T12:00:00Z: the day the clocks go back in England; its noon there is this moment."""
OAK, ELM = Location("OAK", None, "1", SITE), Location("ELM", None, "2", SITE)
CONFIG = CoreConfig(figures=FigureConfig(sites={SITE: ("OAK",)}))


def found(rows: list[Stayed | Arranged], at: int = NOON, book: Book | None = None) -> dict[str, Measure]:
    return {one.measure: one for one in counted(SITE, rows, book, at, CONFIG)}


def beds(at: int = NOON, **body: int) -> Fact:
    return Fact("b", "BedCapacityReported", "sitrep", SITE, None, SITE, at, at, at, body=body)


def stayed(since: int, until: int | None = None, **named: object) -> Stayed:
    return Stayed("adt", ((since, until),), since, **named)  # type: ignore[arg-type]


@st.composite
def spells(draw: st.DrawFn) -> tuple[list[Spell], list[tuple[str, tuple[Wait, ...]]]]:
    """People of one site around the days of a clock change, with what each waited for."""
    out, waits = [], []
    for number in range(draw(st.integers(1, 6))):
        since = NOON - draw(st.integers(0, 30 * 48)) * HOUR_US // 2
        middle = since + draw(st.integers(0, 4)) * DAY_US // 2
        left = draw(st.none() | st.integers(0, 30 * 48).map(lambda n: NOON - n * HOUR_US // 2))
        left = None if left is None else max(left, middle)
        ready_at = middle + draw(st.integers(0, 24)) * HOUR_US
        open_ = draw(st.booleans())
        ready = () if ready_at >= (left or ready_at + 1) else (Interval(ready_at, left, "hub"),)
        if ready and not open_:
            ready = (Interval(ready_at, ready_at + HOUR_US, "hub"),)
        codes = st.sampled_from((None, Code("P1", "P1"), Code("pathway 3", "P3"), Code("?", None)))
        spell = Spell(
            f"v{number}", "adt", "admitted" if left is None else "discharged",
            patient_class=draw(st.sampled_from((None, Code("I", "I"), Code("I", "I"), Code("E", "E")))),
            admitted_at=since, discharged_at=left, location=ELM,
            stays=(Stay(since, middle, OAK, False), Stay(middle, left, ELM, False)), ready=ready,
            pathway_expected=draw(codes), pathway_confirmed=draw(codes),
            discharge_group=None if left is None else draw(st.sampled_from(("home", "died", None))),
        )  # fmt: skip
        owner = draw(st.sampled_from(("ward", "hub", "council", "icb", "family", "oakfield")))
        out.append(spell)
        waits.append((spell.spell_id, tuple(Wait(owner, one.since, one.until) for one in ready)))
    return out, waits


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(spells(), st.integers(-100, 100))
def test_counts_are_those_somebody_makes_by_hand(
    drawn: tuple[list[Spell], list[tuple[str, tuple[Wait, ...]]]], half_hours: int
) -> None:
    people, waits = drawn
    at = NOON + half_hours * HOUR_US // 2
    rows = [
        row
        for spell, (_, waiting) in zip(people, waits, strict=True)
        for row in rows_of(Picture((spell,), Transfer(spell.spell_id, waiting=waiting))).values()
    ]
    lines = [json.loads(json.dumps(spell_row(spell, "p1:X", CONFIG))) for spell in people]
    waited = {
        name: [{"owner": w.owner, "from": utc_text(w.since), "to": utc_text(w.until)} for w in waiting]
        for name, waiting in waits
    }
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    by_hand = counts(lines, waited, moment)
    made = {name: one.value for name, one in found(rows, at).items() if "percent" not in name}
    assert made == (by_hand if rows else {})


def test_a_share_is_of_the_beds_somebody_reported_and_unknown_without_them() -> None:
    rows = [stayed(NOON - DAY_US, ready=((NOON - HOUR_US, None),)), stayed(NOON - DAY_US)]
    alone = found(rows)["ready_percent_of_occupied"]
    assert (alone.value, alone.numerator, alone.complete, alone.missing) == (
        None,
        1,
        False,
        ("beds_occupied",),
    )
    with_beds = found(rows, book=Book([beds(beds_occupied=4)], CONFIG))
    share = with_beds["ready_percent_of_occupied"]
    assert (share.value, share.numerator, share.denominator, share.complete) == (25, 1, 4, True)
    assert share.heard == (("adt", None), ("sitrep", NOON))
    old = found(rows, book=Book([beds(NOON - 25 * HOUR_US, beds_occupied=4)], CONFIG))
    assert old["ready_percent_of_occupied"].value is None
    empty = found(rows, book=Book([beds(beds_occupied=0)], CONFIG))["ready_percent_of_occupied"]
    assert (empty.value, empty.denominator) == (None, 0)


def test_a_spell_is_at_each_site_while_the_person_is_and_leaves_from_the_last() -> None:
    other = Location("W1", None, "9", "RJZ01")
    times = (NOON - 3 * DAY_US, NOON - 2 * DAY_US, NOON - DAY_US, NOON - HOUR_US)
    spell = Spell(
        "v", "adt", "discharged", admitted_at=times[0], discharged_at=times[3], location=OAK,
        stays=(Stay(times[0], times[1], OAK, False), Stay(times[1], times[2], other, False),
               Stay(times[2], times[3], ELM, False)),
    )  # fmt: skip
    rows = rows_of(Picture((spell,)))
    assert list(rows) == [("RJZ01", "v"), (SITE, "v")]
    assert [row.here for row in rows.values() if isinstance(row, Stayed)] == [
        ((times[1], times[2]),), ((times[0], times[1]), (times[2], times[3])),
    ]  # fmt: skip
    assert [row.left_at for row in rows.values() if isinstance(row, Stayed)] == [None, times[3]]
    for at in range(times[0], NOON, 6 * HOUR_US):
        here = [found([row], at)["in_hospital"].value for row in rows.values()]
        assert sum(value or 0 for value in here) == (1 if at < times[3] else 0)


def test_who_is_at_no_named_site_counts_at_their_source_and_who_is_expected_nowhere() -> None:
    assert list(rows_of(Picture((Spell("v", "adt", "admitted", admitted_at=1),)))) == [("adt", "v")]
    assert rows_of(Picture((Spell("v", "adt", "planned", admitted_at=1),))) == {}


def test_a_package_counts_once_from_asked_for_to_begun() -> None:
    def package(name: str, *history: tuple[int, str], state: str = "started") -> Package:
        return Package(name, "lbb", state, NOON, history=history)

    asked = NOON - 3 * DAY_US
    packages = (
        package(
            "a", (asked, "requested"), (asked + 10 * HOUR_US, "started"), (asked + 60 * HOUR_US, "started")
        ),
        package("b", (asked, "requested"), (asked + 30 * HOUR_US, "started")),
        package("c", (asked, "requested"), state="requested"),
        package("d", (asked, "started")),
        package("e", (asked, "requested"), (asked + HOUR_US, "started"), state="entered_in_error"),
    )
    rows = rows_of(Picture((), Transfer(packages=packages)))
    assert sorted(rows) == [("lbb", "a"), ("lbb", "b"), ("lbb", "c")]
    made = found(list(rows.values()))["package_start_hours"]
    assert (made.value, made.denominator, made.complete) == (20, 2, True)
    early = found(list(rows.values()), asked + 20 * HOUR_US)["package_start_hours"]
    assert (early.value, early.denominator) == (10, 1)
    later = found(list(rows.values()), NOON + 40 * DAY_US)["package_start_hours"]
    assert (later.value, later.denominator, later.complete) == (None, 0, False)


def test_the_newest_linked_holder_counts_and_a_claim_taken_back_does_not() -> None:
    old, new = stayed(1), stayed(2)
    claims = {"a": Said("a", "v", 5, 1, old), "b": Said("b", "v", 7, 1, new)}
    assert standing(claims) is new
    assert standing(claims | {"b": Said("b", "v", 7, 2, None)}) is old
    assert standing({"a": Said("a", "v", 5, 2, None)}) is None
    assert standing({"b": Said("b", "v", 0, 1, new), "a": Said("a", "v", 0, 1, old)}) is new
    for said in (*claims.values(), Said("a", "p", 0, 3, Arranged("lbb", NOON, NOON + MINUTE_US))):
        assert decode(encode(said)) == said


def test_the_time_from_ready_to_left_is_of_seven_days_and_not_of_the_moment_seven_days_ago() -> None:
    def left(at: int) -> Stayed:
        return stayed(at - DAY_US, at, ready=((at - 5 * HOUR_US, at),), left_at=at)

    rows: list[Stayed | Arranged] = [left(NOON - 7 * DAY_US), left(NOON - 7 * DAY_US + 1), left(NOON)]
    made = found(rows)["ready_to_left_hours"]
    assert (made.value, made.denominator) == (5, 2)
