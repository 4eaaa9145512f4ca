"""Alerts behind a silent feed: only what needs it, never high ones; clocks run, each with its own time."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.errors import Misconfigured
from runtime.grouping import as_read, behind
from runtime.place import load_place, parse_place

PLACE = load_place("bromley")
MINUTE = 60_000_000
NINE = 1_799_744_400_000_000
"""2027-01-12T09:00:00Z; the hub's list was last heard half an hour before."""


def row(rule: str, due: int, **said: Any) -> dict[str, Any]:
    return {
        "rule": rule, "severity": "normal", "state": "open", "thing": f"{rule}-{due}",
        "due_at": NINE + due * MINUTE, "site": None, **said,
    }  # fmt: skip


def silent(partner: str = "hub-list", **said: Any) -> dict[str, Any]:
    return row("source_silent", 0, thing=partner, **said)


@pytest.mark.parametrize(
    ("one", "under"),
    [
        (row("ready_not_referred", 5), True),
        (row("ready_not_referred", 5, state="escalated"), True),
        (row("ready_not_referred", -31), False),  # it was due when the feed still spoke
        (row("ready_not_referred", -29), True),
        (row("ready_not_referred", 5, severity="high"), False),
        (row("told_no_longer_true", 5, severity="high"), False),
        (row("discharged_without_start", 5, severity="high"), False),
        (row("fast_track_no_start", 5, severity="high"), False),
        (row("package_lapsing", 5), False),  # it needs another feed
        (row("ready_not_referred", 5, state="acknowledged"), False),
        (row("ready_not_referred", 5, state="resolved"), False),
        (row("match_waiting", 5), False),
    ],
)
def test_only_what_needs_an_event_of_the_feed_waits_behind_it(one: dict[str, Any], under: bool) -> None:
    assert behind({"s": silent(), "a": one}, PLACE) == ({"a": "s"} if under else {})


def test_a_hospital_feed_holds_up_its_own_sites_alone() -> None:
    here, there = row("resident_admitted", 5, site="RJZ30"), row("resident_admitted", 5, site="RJ1")
    assert behind({"s": silent("pruh-adt"), "a": here, "b": there}, PLACE) == {"a": "s"}


def test_the_group_lists_them_and_on_recovery_each_stands_with_its_own_time() -> None:
    alerts = {"s": silent(), "a": row("ready_not_referred", 5), "b": row("referred_not_acknowledged", 9)}
    read = as_read(alerts, PLACE)
    assert [(read[key]["state"], read[key]["under"], read[key]["behind"]) for key in "sab"] == [
        ("open", None, 2), ("suppressed", "hub-list", 0), ("suppressed", "hub-list", 0),
    ]  # fmt: skip
    assert [read[key]["due_at"] for key in "ab"] == [alerts[key]["due_at"] for key in "ab"]
    again = as_read({**alerts, "s": silent(state="resolved")}, PLACE)
    assert [(again[key]["state"], again[key]["under"]) for key in "ab"] == [("open", None)] * 2
    still = as_read({**alerts, "s": silent(state="acknowledged")}, PLACE)
    assert still["a"]["state"] == "suppressed", "that somebody mends it does not make it heard"


def test_of_two_silent_feeds_the_longer_one_counts_and_partners_must_exist() -> None:
    both = {"s": silent("pruh-adt"), "t": silent("lbb-webhook", due_at=NINE - 5 * MINUTE),
            "a": row("start_overtaken", 5)}  # fmt: skip
    assert behind(both, PLACE) == {"a": "t"}
    with pytest.raises(Misconfigured, match="no partner nobody"):
        parse_place('name = "x"\ntitle = "x"\n[partners]\n[needs]\nr = ["nobody"]\n', "x")
