"""Alerts about places live: the lines a replay gives, whatever cuts and restarts there were, each step said
once under one id.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from itertools import groupby

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.catalogue import ALERT, ALERT_COMMAND, CAPACITY, QUARANTINE, VIEW_ALERT
from schemas.codec import decode, encode, record_from_fact
from schemas.fact import Fact
from schemas.holders import record_key
from streams.agents.place import PlaceFold
from streams.core.alerts.desk_hours import DeskHours
from streams.core.alerts.desks import Contact, DeskTerms
from streams.core.alerts.place_lives import place_rows
from streams.core.alerts.places import place_alerts
from streams.core.alerts.sweep import alert_line
from streams.core.config import HOUR_US, MINUTE_US
from streams.core.interface.figures import CONFIG
from streams.engine.types import Output, Record
from streams.rules.catalogue import PLACE_RULES
from tests.agents.test_place_fold import EIGHT, records


class Topics:
    """What the alert topics say."""

    def __init__(self) -> None:
        self.views: dict[bytes, dict[str, object]] = {}
        self.steps: dict[str, tuple[str, str]] = {}
        self.said = 0

    def apply(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            if output.topic == VIEW_ALERT:
                self.views[output.key] = decode(output.value or b"")[1]
            elif output.topic == ALERT:
                kind, step = decode(output.value or b"")
                self.steps[step["event_id"]] = (kind, step["alert_id"])
                self.said += 1


@st.composite
def days(draw: st.DrawFn) -> list[Fact]:
    """Two days of a site's beds, every quarter of an hour or so, each figure received when it is made."""
    found, at = [], EIGHT
    for number in range(draw(st.integers(1, 14))):
        at += draw(st.sampled_from((5, 20, 60, 300, 2000))) * MINUTE_US
        body: dict[str, object] = {"beds_closed_infection": draw(st.sampled_from((0, 3, 4, 9)))}
        if draw(st.booleans()):
            body = {"beds_open": 50, "beds_occupied": draw(st.sampled_from((40, 49, 50)))}
        about = draw(st.sampled_from((at, at, at - 2 * HOUR_US)))
        site = draw(st.sampled_from(("S", "S", "T")))
        found.append(
            Fact(f"f{number}", "BedCapacityReported", "sitrep", site, None, site, about, at, at, body=body)
        )
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(days(), st.integers(0, 10**6), st.integers(0, 300))
def test_live_alerts_are_those_of_a_replay(facts: list[Fact], seed: int, later: int) -> None:
    chance, topics = random.Random(seed), Topics()
    fold, changelog = PlaceFold(CONFIG), list[tuple[bytes, bytes | None]]()
    for at, arrived in groupby(facts, key=lambda fact: fact.received_at):
        fold.fold(CAPACITY, records(list(arrived)))
        if chance.random() < 0.6:
            flush = fold.cut(chance.choice((0, at)))
            changelog += flush.changelog
            lost = chance.random() < 0.3
            if not lost:
                topics.apply(flush.outputs)
            if lost or chance.random() < 0.3:
                fold = PlaceFold(CONFIG)
                fold.restore(changelog)
                fold.restored()
                topics.apply(fold.republish([name for name, _ in flush.changelog]) if lost else [])
    now = facts[-1].received_at + later * MINUTE_US
    topics.apply(fold.cut(now).outputs)
    expected = list(place_alerts(facts, PLACE_RULES, CONFIG, now))
    assert sorted(str(view["line"]) for view in topics.views.values()) == sorted(
        alert_line(alert, alert.state).decode() for alert in expected
    )
    raised = {alert for kind, alert in topics.steps.values() if kind == "AlertRaised"}
    assert raised == {alert.alert_id for alert in expected}


VERBS = ("acknowledge", "unacknowledge", "snooze", "resolve", "reopen", "told_by_phone")
DESKS = msgspec.structs.replace(CONFIG, desks={
    "hub": DeskTerms(DeskHours(closes_minute=20 * 60), 30 * MINUTE_US, 8 * HOUR_US, (Contact("lead", "020"),))
})  # fmt: skip


def word(number: int, site: str, thing: str, at: int, verb: str, **said: object) -> Fact:
    """What somebody says of an alert about a place."""
    body = {"verb": verb, "actor": "hub", **said}
    return Fact(f"w{number}", "AlertCommanded", "homeward", f"place:{site}", None, thing, at, at, at,
                body=body)  # fmt: skip


def commands(facts: Iterable[Fact]) -> list[Record]:
    """Words as they lie on the topic: under the key of the place."""
    return [
        Record(record_key(fact.key).encode(), encode(fact.kind, record_from_fact(fact)), (), 0, at, 0)
        for at, fact in enumerate(facts)
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(days(), st.data(), st.integers(0, 10**6))
def test_what_people_say_of_a_place_counts_in_any_order_over_restarts(
    facts: list[Fact], data: st.DataObject, seed: int
) -> None:
    chance, topics, now = random.Random(seed), Topics(), facts[-1].received_at + 90 * MINUTE_US
    raised = list(place_alerts(facts, PLACE_RULES, DESKS, now))
    said = []
    for number in range(data.draw(st.integers(0, 6)) if raised else 0):
        alert, at = chance.choice(raised), chance.randint(EIGHT, now)
        until = at + chance.choice((5, 60)) * MINUTE_US
        said.append(word(number, alert.thing, alert.alert_id, at, chance.choice(VERBS), until_at=until))
    fold, changelog = PlaceFold(DESKS), list[tuple[bytes, bytes | None]]()
    events = [*facts, *chance.sample(said, len(said)), *said[:1]]
    if chance.random() < 0.5:
        events.sort(key=lambda fact: fact.received_at)
    for fact in events:
        figure = fact.kind != "AlertCommanded"
        fold.fold(CAPACITY if figure else ALERT_COMMAND, records([fact]) if figure else commands([fact]))
        if chance.random() < 0.4:
            flush = fold.cut(0)
            changelog += flush.changelog
            topics.apply(flush.outputs)
            if chance.random() < 0.4:
                fold = PlaceFold(DESKS)
                fold.restore(changelog)
                fold.restored()
    topics.apply(fold.cut(now).outputs)
    expected = {row.alert.alert_id: row for row in place_rows([*facts, *said], PLACE_RULES, DESKS, now)}
    assert {str(view["alert_id"]): view["state"] for view in topics.views.values()} == {
        ident: row.life.state for ident, row in expected.items()
    }
    for view in topics.views.values():
        row = expected[str(view["alert_id"])]
        assert view["line"] == alert_line(row.alert, row.life.state).decode()
        assert (view["phone"] == "020") == (row.life.escalated_at is not None and "hub" in row.rule.who)


def test_an_alert_about_a_place_escalates_and_is_taken_in_hand() -> None:
    closed = Fact("a", "CareHomeStatusChanged", "home", "VM1A7", None, "VM1A7", EIGHT, EIGHT, EIGHT,
                  body={"admissions": "closed"})  # fmt: skip
    fold, topics = PlaceFold(DESKS), Topics()
    fold.fold(CAPACITY, records([closed]))
    topics.apply(fold.cut(EIGHT + 31 * MINUTE_US).outputs)
    [view] = topics.views.values()
    assert (view["state"], view["contact"], view["escalated_at"]) == (
        "escalated", "lead", EIGHT + 30 * MINUTE_US,
    )  # fmt: skip
    ident = str(view["alert_id"])
    mine = word(1, "VM1A7", ident, EIGHT + 32 * MINUTE_US, "acknowledge", reason="in_hand")
    fold.fold(ALERT_COMMAND, [*commands([mine]), *commands([mine])])
    fold.fold(ALERT_COMMAND, commands([msgspec.structs.replace(mine, id="p", key="p1:" + "A" * 26)]))
    topics.apply(fold.cut(EIGHT + 33 * MINUTE_US).outputs)
    [view] = topics.views.values()
    assert (view["state"], view["actor"], view["reason"]) == ("acknowledged", "hub", "in_hand")
    kinds = [kind for kind, _ in topics.steps.values()]
    assert sorted(kinds) == ["AlertAcknowledged", "AlertEscalated", "AlertRaised"]
    [wrong] = commands([mine])
    fold.fold(ALERT_COMMAND, [wrong._replace(key=b"RJZ30")])
    assert [one.topic for one in fold.cut(EIGHT + 34 * MINUTE_US).outputs] == [QUARANTINE]


def test_an_alert_is_about_the_place_and_its_steps_are_said_once() -> None:
    closed = Fact("a", "CareHomeStatusChanged", "home", "VM1A7", None, "VM1A7", EIGHT, EIGHT, EIGHT,
                  body={"admissions": "closed"})  # fmt: skip
    open_again = msgspec.structs.replace(
        closed, id="b", occurred_at=EIGHT + HOUR_US, recorded_at=EIGHT + HOUR_US,
        received_at=EIGHT + HOUR_US, body={"admissions": "open"},
    )  # fmt: skip
    fold, topics = PlaceFold(CONFIG), Topics()
    for said, now in ((closed, EIGHT), (open_again, EIGHT + HOUR_US)):
        fold.fold(CAPACITY, records([said]))
        topics.apply(fold.cut(now).outputs)
    [(key, view)] = topics.views.items()
    assert key == f"place:VM1A7/{view['alert_id']}".encode()
    assert (view["person_key"], view["site"], view["state"], view["desks"]) == (
        None, "VM1A7", "open", ["infection_control", "hub"],
    )  # fmt: skip
    for hours in (2, 3, 3, 9):
        topics.apply(fold.cut(EIGHT + hours * HOUR_US + MINUTE_US).outputs)
    assert json.loads(str(topics.views[key]["line"]))["state"] == "resolved"
    assert topics.views[key]["changed_at"] == EIGHT + 3 * HOUR_US
    assert sorted(kind for kind, _ in topics.steps.values()) == ["AlertRaised", "AlertResolved"]
    assert topics.said == 2


def test_a_restart_says_nothing_again() -> None:
    closed = Fact("a", "CareHomeStatusChanged", "home", "VM1A7", None, "VM1A7", EIGHT, EIGHT, EIGHT,
                  body={"admissions": "closed"})  # fmt: skip
    fold = PlaceFold(CONFIG)
    fold.fold(CAPACITY, records([closed]))
    flush = fold.cut(EIGHT)
    assert {VIEW_ALERT, ALERT} <= {output.topic for output in flush.outputs}
    again = PlaceFold(CONFIG)
    again.restore(flush.changelog)
    again.restored()
    assert again.cut(EIGHT + MINUTE_US)[:2] == ([], [])
