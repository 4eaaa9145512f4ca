"""The reduce against independent oracles: select by all pairs, the place at every moment, DRD rules A and B
minute by minute.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.spells.visit import visit_of
from tests.core.laws.histories import START, visits
from tests.core.story import HOUR, MINUTE, fact, lines_of
from tests.oracles.readiness_oracle import ready_date
from tests.oracles.select_oracle import said_place, standing

LAW = settings(max_examples=200, deadline=None)


def spell(facts: list[Fact]) -> dict[str, Any]:
    """The only spell line of a person."""
    written = [
        json.loads(line) for line in lines_of(facts)
    ]
    return next(line for line in written if line["view"] == "spell")


def micros(text: str | None) -> int | None:
    """Read a line's time."""
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000 if text else None


class TestSelect:
    """What stands is what stands when every pair is compared."""

    @LAW
    @given(visits())
    def test_standing_facts_are_the_oracles(self, facts: list[Fact]) -> None:
        """Slots of one pass and the greatest of each key agree."""
        facts = [one for one in facts if one.kind != "SpellCensused"]
        visit = visit_of("pruh-adt", facts)
        assert {s.standing.id for s in visit.slots() if s.standing} == {one.id for one in standing(facts)}


class TestTimeline:
    """Stays say where the person was at every moment."""

    @LAW
    @given(visits())
    def test_stays_agree_with_the_place_at_every_moment(self, facts: list[Fact]) -> None:
        """Asked at each quarter hour and between; implied stays are left to their own tests."""
        facts = [one for one in facts if one.kind not in ("SpellCensused", "SpellAmended")]
        facts = [_without_admit_time(one) for one in facts]
        if not facts:
            return
        line = spell(facts)
        if line["status"] in ("planned", "cancelled", "deleted"):
            assert line["stays"] == []
            return
        for step in range(-1, 45):
            moment = START + step * 15 * MINUTE + 7 * MINUTE
            expected = said_place(facts, moment)
            found = [stay for stay in line["stays"] if _covers(stay, moment)]
            if expected is None:
                assert all(stay["from"] is None and stay["inferred"] for stay in found)
            else:
                assert [stay["place"] for stay in found] == ["^".join(expected).rstrip("^")]


class TestReadyDate:
    """DRD rules A and B."""

    @LAW
    @given(
        st.lists(st.tuples(st.integers(0, 59), st.booleans()), max_size=8, unique_by=lambda one: one[0]),
        st.none() | st.integers(0, 59),
    )
    def test_ready_date_follows_rules_a_and_b(self, said: list[tuple[int, bool]], left: int | None) -> None:
        """Over every pattern of assessments, finished or not."""
        findings = sorted((START + n * MINUTE, ready) for n, ready in said)
        left_at = None if left is None else START + left * MINUTE
        facts = [fact("SpellAdmitted", START - HOUR, place="M4")]
        facts += [
            fact(
                "CriteriaToResideAssessed",
                at,
                partner="hub-list",
                instance=str(at),
                result="no_longer_meets" if ready else "meets",
            )
            for at, ready in findings
        ]
        if left_at is not None:
            facts.append(fact("SpellDischarged", left_at))
        assert micros(spell(facts)["discharge_ready_at"]) == ready_date(
            findings, START, left_at, START + 60 * MINUTE
        )


def _covers(stay: dict[str, Any], moment: int) -> bool:
    since, until = micros(stay["from"]), micros(stay["to"])
    return (since is None or since <= moment) and (until is None or moment < until)


def _without_admit_time(one: Fact) -> Fact:
    return fact(
        one.kind,
        one.occurred_at,
        recorded=one.recorded_at,
        received=one.received_at,
        name=one.id,
        instance=one.instance,
        **{name: value for name, value in one.body.items() if name != "admitted_at"},
    )
