"""The place fold in a log of its own making: any order, cuts and crashes between any two steps, and the lines
are those of a replay of the same figures.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.catalogue import CAPACITY, QUARANTINE, VIEW_PRESSURE
from schemas.codec import decode
from schemas.fact import Fact
from streams.agents.config import core_config
from streams.agents.place import PlaceFold
from streams.core.config import HOUR_US, CoreConfig, FigureConfig
from streams.core.pressure.as_at import measures
from streams.core.pressure.lines import measure_lines
from streams.core.pressure.measures import Measure
from streams.core.pressure.place_state import PlaceState
from streams.engine.types import Output, Record
from tests.scenarios import together
from tests.scenarios.together import figure_payload

EIGHT = 1_799_740_800_000_000
"""2027-01-12T08:00:00Z."""
CONFIG = CoreConfig(partners=("strong", "weak"), figures=FigureConfig(sites={"S": ("A", "B")}, most_hours=2))


def records(facts: Iterable[Fact]) -> list[Record]:
    """The log of one partition that all of them happen to share."""
    return [Record(fact.key.encode(), figure_payload(fact), (), 0, at, 0) for at, fact in enumerate(facts)]


def apply(shown: dict[str, str], outputs: Iterable[Output]) -> None:
    """What the pressure topic says after compaction."""
    for output in outputs:
        if output.topic != VIEW_PRESSURE:
            continue
        if output.value is None:
            shown.pop(output.key.decode(), None)
        else:
            shown[output.key.decode()] = decode(output.value)[1]["line"]


def run(facts: Sequence[Fact], config: CoreConfig, seed: int, *, crashes: bool) -> list[str]:
    """Fold, cut and crash by chance; what is shown in the end."""
    chance, log = random.Random(seed), records(facts)
    changelog: list[tuple[bytes, bytes | None]] = []
    unpublished: list[bytes] = []
    shown: dict[str, str] = {}

    def started() -> PlaceFold:
        fold = PlaceFold(config)
        fold.restore(changelog)
        fold.restored()
        apply(shown, fold.republish(unpublished))
        return fold

    fold, done, applied = started(), 0, 0
    while applied < len(log) or unpublished:
        done += chance.randint(0, 4)
        fold.fold(CAPACITY, log[applied:done])
        flush = fold.cut(0)
        dies = chance.choice(("", "before", "outputs lost", "not marked")) if crashes else ""
        if dies != "before":
            changelog += flush.changelog
            unpublished += [name for name, _ in flush.changelog]
            applied = done
        if dies in ("", "not marked"):
            apply(shown, flush.outputs)
        if dies:
            fold, done = started(), applied
        else:
            unpublished = []
    for _ in range(2):
        apply(shown, fold.cut(0).outputs)
    assert fold.cut(0)[:2] == ([], [])
    return sorted(shown.values())


def replayed(facts: Sequence[Fact], config: CoreConfig) -> list[str]:
    """What `homeward replay` shows of them."""
    return sorted(line.decode() for line in measure_lines(measures(facts, config)))


@st.composite
def figures(draw: st.DrawFn) -> list[Fact]:
    """Days of figures of one site and its wards: late, doubled, restated, taken back, of two sources."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        at = EIGHT + draw(st.integers(-40, 40)) * HOUR_US // 2
        made = at + draw(st.integers(0, 3)) * HOUR_US
        thing = draw(st.sampled_from(("S", "S/A", "S/B")))
        partner = draw(st.sampled_from(("strong", "weak")))
        flags = draw(st.sampled_from(((), (), (), ("withdrawn",))))
        value = draw(st.sampled_from((None, 0, 3, 20)))
        if draw(st.booleans()):
            kind, body = "BedCapacityReported", {"beds_open": value, "beds_closed_infection": 5}
        else:
            names_ = st.sampled_from(("decision_to_admit", "discharges_confirmed"))
            until = draw(st.sampled_from((None, EIGHT, EIGHT + 4 * HOUR_US)))
            kind, body = "PressureMetricReported", {"metric": draw(names_), "value": value, "until_at": until}
        said = {name: one for name, one in body.items() if name != "until_at" or one is not None}
        found.append(
            Fact(f"f{number}", kind, partner, "S", None, thing, at, made, made, flags=flags, body=said)
        )
    doubled = draw(st.lists(st.sampled_from(found), max_size=3))
    return draw(st.permutations(found + doubled))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(figures(), st.integers(0, 10**6), st.booleans())
def test_live_lines_are_those_of_a_replay_whatever_order_cuts_and_crashes(
    facts: list[Fact], seed: int, crashes: bool
) -> None:
    assert run(facts, CONFIG, seed, crashes=crashes) == replayed(facts, CONFIG)


def test_the_scenarios_figures_give_live_what_a_replay_gives() -> None:
    found = list(together.figures())
    config = core_config(together.place())
    random.Random(1).shuffle(found)
    assert len(found) > 20
    assert run(found, config, 7, crashes=True) == replayed(found, config)


def test_what_does_not_decode_is_quarantined_with_its_place_and_delays_nobody() -> None:
    good = records(
        [
            Fact(
                "f",
                "BedCapacityReported",
                "strong",
                "S",
                None,
                "S",
                EIGHT,
                EIGHT,
                EIGHT,
                body={"beds_open": 3},
            )
        ]
    )[0]
    bad = [good._replace(value=b"garbage", offset=4), good._replace(key=b"T", offset=5)]
    fold = PlaceFold(CONFIG)
    fold.fold(CAPACITY, [bad[0], good, bad[1]])
    outputs = fold.cut(0).outputs
    refused = [decode(one.value or b"")[1] for one in outputs if one.topic == QUARANTINE]
    assert [(row["offset"], row["reason"]) for row in refused] == [(4, "UNDECODABLE"), (5, "BAD_VALUE")]
    assert [one.key for one in outputs if one.topic == VIEW_PRESSURE] == [b"beds_open|S"]


def test_a_place_whose_measures_fail_keeps_what_it_shows_and_delays_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def beds(site: str, at: int, count: int) -> Fact:
        return Fact(
            f"{site}{at}",
            "BedCapacityReported",
            "strong",
            site,
            None,
            site,
            at,
            at,
            at,
            body={"beds_open": count},
        )

    fold, shown, whole = PlaceFold(CONFIG), dict[str, str](), PlaceState.measures

    def broken(state: PlaceState, config: CoreConfig) -> Iterator[tuple[str, Measure]]:
        if state.key == "S":
            raise ZeroDivisionError
        return whole(state, config)

    fold.fold(CAPACITY, records([beds("S", EIGHT, 1)]))
    apply(shown, fold.cut(0).outputs)
    before = shown["beds_open|S"]
    monkeypatch.setattr(PlaceState, "measures", broken)
    fold.fold(CAPACITY, records([beds("S", EIGHT + 1, 2), beds("T", EIGHT, 4)]))
    apply(shown, fold.cut(0).outputs)
    assert (fold.parked, shown["beds_open|S"]) == ({b"S"}, before)
    assert "beds_open|T" in shown
    monkeypatch.undo()
    fold.fold(CAPACITY, records([beds("S", EIGHT + 2, 3)]))
    apply(shown, fold.cut(0).outputs)
    assert not fold.parked
    assert '"value":3' in shown["beds_open|S"]


def test_figures_that_no_measure_of_now_is_made_of_are_left_out_and_the_last_of_each_name_stays() -> None:
    hours = [
        Fact(
            f"f{n}",
            "BedCapacityReported",
            "strong",
            "S",
            None,
            "S/A",
            EIGHT + n * HOUR_US,
            0,
            0,
            body={"beds_open": n},
        )
        for n in range(30)
    ]
    alone = Fact(
        "old", "BedCapacityReported", "strong", "S", None, "S/B", EIGHT, 0, 0, body={"beds_occupied": 9}
    )
    fold = PlaceFold(CONFIG)
    fold.fold(CAPACITY, records([alone, *hours]))
    changelog = fold.cut(0).changelog
    assert set(fold.state("S").facts) == {"old", *(f"f{n}" for n in range(20, 30))}
    again = PlaceFold(CONFIG)
    again.restore(changelog)
    assert set(again.state("S").facts) == set(fold.state("S").facts)
