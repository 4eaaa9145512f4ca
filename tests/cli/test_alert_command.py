"""`homeward alert`: lists what nobody has in hand first, posts a signed word, says what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.main import run
from tests.cli.test_match_command import Place, place

__all__ = ["place"]
A = "p1:" + "A" * 26


def row(ident: str, state: str, severity: str = "normal", due: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "holder": A, "alert_id": ident, "rule": "ready_not_referred", "severity": severity, "state": state,
        "due_at": 1_800_000_000_000_000 + due, "ward": "M4", "desks": ["ward", "hub"], "actor": None,
        "contact": None, "phone": None, **more,
    }  # fmt: skip


@pytest.fixture
def alerts(place: Place) -> Place:
    rows = [
        row("late", "open", due=5), row("over", "resolved"), row("high", "open", "high", due=9),
        row("rung", "escalated", due=7, phone="020 7946 0101"), row("held", "acknowledged"),
        row("beds", "open", due=8, rule="outbreak", holder="place:bromley", desks=["site"]),
    ]  # fmt: skip
    place.pages = {"/v1/alerts": "".join(json.dumps(one) + "\n" for one in rows)}
    return place


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ([], ["rung", "high", "late", "beds", "held"]),
        (["--all"], ["rung", "high", "late", "beds", "held", "over"]),
        (["--rule", "outbreak"], ["beds"]),
        (["--desk", "ward"], ["rung", "high", "late", "held"]),
    ],
)
def test_what_nobody_has_in_hand_comes_first(
    alerts: Place, capsys: pytest.CaptureFixture[str], asked: list[str], wanted: list[str]
) -> None:
    assert run(["alert", "list", "--format", "json", *asked]) == 0
    assert [json.loads(line)["alert_id"] for line in capsys.readouterr().out.splitlines()] == wanted


def test_the_text_names_whom_to_ring(alerts: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alert", "list"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("rung")
    assert "020 7946 0101" in first
    assert "2027-01-15T08:00:00Z" in first


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ack", "late", "--by", "hub", "--reason", "in_hand"],
         {"verb": "acknowledge", "actor": "hub", "reason": "in_hand"}),
        (["snooze", "late", "--by", "ward", "--until", "2027-01-12T16:00:00Z"],
         {"verb": "snooze", "actor": "ward", "until_at": "2027-01-12T16:00:00Z"}),
        (["told", "late", "--by", "hub"], {"verb": "told_by_phone", "actor": "hub"}),
        (["unack", "late", "--by", "hub"], {"verb": "unacknowledge", "actor": "hub"}),
        (["resolve", "late", "--by", "hub"], {"verb": "resolve", "actor": "hub"}),
        (["reopen", "late", "--by", "hub"], {"verb": "reopen", "actor": "hub"}),
    ],
)  # fmt: skip
def test_a_word_goes_to_whoever_holds_the_alert(
    alerts: Place, words: list[str], said: dict[str, str]
) -> None:
    assert run(["alert", *words]) == 0
    ((_, body),) = alerts.posted
    event = json.loads(body)
    assert event["type"] == "toc.alert.commanded.v1"
    assert event["data"].pop("occurred_at")
    assert event["data"] == {"person_key": A, "thing": "late", **said}


def test_a_word_on_an_alert_about_a_place_goes_to_the_place(alerts: Place) -> None:
    assert run(["alert", "ack", "beds", "--by", "site"]) == 0
    assert json.loads(alerts.posted[0][1])["data"]["person_key"] == "place:bromley"


def test_nothing_is_said_of_an_alert_that_is_not_there(
    alerts: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["alert", "ack", "nowhere", "--by", "hub"]) == 1
    assert "no such alert" in capsys.readouterr().err
    assert alerts.posted == []
    assert run(["alert", "snooze", "late", "--by", "hub"]) == 2, "until when?"
