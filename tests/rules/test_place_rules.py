"""Every rule about a place by its table: figures, a moment, and whether it is raised, quiet, resolved or
withdrawn; and that neither order, repetition nor batches matter within what is received at a time.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from cli.replay.export import Asked, all_lines
from schemas.fact import Fact
from schemas.ids import alert_id
from streams.core.alerts.places import PlaceSweep, place_alerts
from streams.core.alerts.sweep import Alert
from streams.core.interface.figures import CONFIG
from streams.core.pressure.place_state import PlaceState
from streams.rules.catalogue import PLACE_RULES
from tests.rules.tables import table
from tests.scenarios.scenario import load

RULES = {rule.name: rule for rule in PLACE_RULES}


CASES = [pytest.param(name, case, id=f"{name}: {case['name']}") for name in RULES for case in table(name)]


def at(text: str) -> int:
    """Read `12 08:00`, a day and an hour of January 2027 (UTC), as µs."""
    moment = datetime.strptime(f"2027-01-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000


def figures(rows: list[list[Any]]) -> list[Fact]:
    """The facts of a case, each received when it was made unless it says so."""
    found = []
    for number, (kind, when, given) in enumerate(rows):
        said = dict(given)
        thing, received = said.pop("thing", "RJZ30"), at(said.pop("received", when))
        body = {name: at(value) if name.endswith("_at") else value for name, value in said.items()}
        site = thing.partition("/")[0]
        found.append(
            Fact(f"f{number}", kind, "sitrep", site, None, thing, at(when), received, received, body=body)
        )
    return found


def state(alert: Alert) -> str:
    return {"open": "raised"}.get(alert.state, alert.state)


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_the_table_of_the_rule_holds(rule: str, case: dict[str, Any]) -> None:
    facts = figures(case["facts"])
    found = list(place_alerts(facts, [RULES[rule]], CONFIG, at(case["at"])))
    assert [state(alert) for alert in found] == ([] if case["expect"] == "quiet" else [case["expect"]])
    if "due" in case:
        assert [alert.due_at for alert in found] == [at(case["due"])]
    if "raised" in case:
        assert [alert.raised_at for alert in found] == [at(case["raised"])]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_order_repetition_and_batches_do_not_matter(rule: str, case: dict[str, Any]) -> None:
    facts, now = figures(case["facts"]), at(case["at"])
    once = list(place_alerts(facts, PLACE_RULES, CONFIG, now))
    chance = random.Random(1)
    mixed = [*facts, *facts]
    chance.shuffle(mixed)
    assert list(place_alerts(mixed, PLACE_RULES, CONFIG, now)) == once
    sweep = PlaceSweep(PLACE_RULES, CONFIG, PlaceState(facts[0].key))
    for fact in sorted(facts, key=lambda fact: fact.received_at):
        if not any(other.received_at == fact.received_at and other is not fact for other in facts):
            sweep.take([fact])
        else:
            sweep.take([other for other in facts if other.received_at == fact.received_at])
    assert sweep.alerts(now) == once


@pytest.mark.parametrize(
    ("folder", "rule", "things"),
    [
        ("short_of_beds_by_hour", "short_of_beds", {"RJZ30"}),
        ("outbreak_and_closed_home", "outbreak", {"RJZ30", "VM1A7"}),
        ("beds_as_reported", "outbreak", set()),
    ],
)
def test_a_replay_of_partner_files_says_them_beside_the_alerts_about_persons(
    folder: str, rule: str, things: set[str]
) -> None:
    scenario = load(folder)
    taken = scenario.intake().take(scenario.messages)
    rows = [json.loads(line) for line in all_lines(taken, scenario.place, Asked(now=at("12 10:00")))]
    alerts = [row for row in rows if row["view"] == "alert"]
    assert {row["thing"] for row in alerts if (row["rule"], row["state"]) == (rule, "open")} == things
    assert [row["alert_id"] for row in alerts] == sorted(row["alert_id"] for row in alerts)


def test_a_second_opening_is_another_alert_and_of_one_day_the_second() -> None:
    rows = [
        ["CareHomeStatusChanged", "12 08:00", {"thing": "VM1A7", "admissions": "closed"}],
        ["CareHomeStatusChanged", "12 10:00", {"thing": "VM1A7", "admissions": "open"}],
        ["CareHomeStatusChanged", "12 18:00", {"thing": "VM1A7", "admissions": "closed"}],
    ]
    found = list(place_alerts(figures(rows), PLACE_RULES, CONFIG, at("12 19:00")))
    assert sorted((state(one), one.due_at) for one in found) == [
        ("raised", at("12 18:00")), ("resolved", at("12 08:00")),
    ]  # fmt: skip
    ended = next(one for one in found if one.state == "resolved")
    assert ended.changed_at == at("12 12:00")
    assert ended.alert_id == alert_id("outbreak", "VM1A7", "2027-01-12/1")
