"""Scope where a message is about two visits or two sites (design.md §7 "Scope before persist")."""

from __future__ import annotations

import pytest

from connectors.message import RawMessage
from connectors.pipeline import Outcome, Pipeline
from runtime.place import load_place
from runtime.pseudonym import KeyRing

NOW = 1_768_200_000_000_000


def take(trigger: str, *segments: str) -> Outcome:
    head = f"MSH|^~\\&|PAS|RJZ|||20260110120000||ADT^{trigger}|M1|P|2.4\rEVN||20260110115500\r"
    raw = RawMessage("pruh-adt", (head + "\r".join(segments)).encode(), NOW)
    return Pipeline(load_place("bromley"), "pruh-adt", KeyRing.offline()).process(raw)


def pid(number: int) -> str:
    return f"PID|{number}||100{number}^^^RJZ||||19401213"


def pv1(number: int, place: str = "OAK^B1^1^RJZ30", prior: str = "ELM^B2^2^RJZ30", kind: str = "I") -> str:
    return f"PV1|1|{kind}|{place}|||{prior}{'|' * 13}V{number}"


class TestSwap:
    """The bytes hold two persons: they are kept only where both may be."""

    def test_two_visits_in_scope(self) -> None:
        outcome = take("A17", pid(1), pv1(1), pid(2), pv1(2))
        assert [event.schema for event in outcome.events] == ["SpellTransferred.v1"] * 2
        assert len({event.key for event in outcome.events}) == 2
        assert len({event.record["event_id"] for event in outcome.events}) == 2

    @pytest.mark.parametrize(
        ("segments", "where"), [((pv1(1),), "PID[1]"), ((pid(1), pv1(1)), "PID[2]")], ids=["nobody", "one"]
    )
    def test_a_swap_without_two_people_is_refused(self, segments: tuple[str, ...], where: str) -> None:
        outcome = take("A17", *segments)
        assert [(refusal.reason, refusal.where) for refusal in outcome.refusals] == [("FIELD_MISSING", where)]

    @pytest.mark.parametrize(
        ("first", "second", "closed"),
        [
            (pv1(1), pv1(2, kind="O"), "class O"),
            (pv1(1, kind="O"), pv1(2), "class O"),
            (pv1(1), pv1(2, "TODD^1^1^RJZ01"), "site"),
        ],
    )
    def test_one_visit_out_of_scope_closes_the_message(self, first: str, second: str, closed: str) -> None:
        outcome = take("A17", pid(1), first, pid(2), second)
        assert (outcome.kind, outcome.scope_class, outcome.events) == ("ignored", closed, ())


class TestSites:
    """A move is heard by the site it leaves and by the one it leads to."""

    @pytest.mark.parametrize(
        ("place", "prior", "kind"),
        [
            ("OAK^B1^1^RJZ30", "TODD^1^1^RJZ01", "accepted"),
            ("TODD^1^1^RJZ01", "OAK^B1^1^RJZ30", "accepted"),
            ("TODD^1^1^RJZ01", "WARD9^^^RJZ01", "ignored"),
            ("TODD^1^1^RJZ01", "WARD9", "ignored"),
        ],
    )
    def test_sites_of_a_transfer(self, place: str, prior: str, kind: str) -> None:
        assert take("A02", pid(1), pv1(1, place, prior)).kind == kind

    def test_only_a_move_is_judged_by_where_it_came_from(self) -> None:
        assert take("A08", pid(1), pv1(1, "TODD^1^1^RJZ01", "OAK^B1^1^RJZ30")).scope_class == "site"

    @pytest.mark.parametrize(
        ("trigger", "kind"), [("A07", "accepted"), ("A06", "ignored"), ("A08", "ignored")]
    )
    def test_only_an_a07_may_lead_to_a_class_out_of_scope(self, trigger: str, kind: str) -> None:
        assert take(trigger, pid(1), pv1(1, kind="O")).kind == kind
