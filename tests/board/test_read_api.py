"""The read API over a projection: filters, as-of, freshness, readiness, honest errors."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from board.app import Board, make_app
from board.projection import Projection
from runtime.clock import FakeClock, micros
from runtime.reader import Reader

AT = micros("2027-01-12T14:00:00Z")
HOUR = 3_600_000_000
A, B = "p1:" + "A" * 26, "p1:" + "B" * 26


def spell(key: str, visit: str, status: str = "admitted", site: str = "RJZ30", at: str | None = None) -> str:
    """A spell line with what the API looks at."""
    return json.dumps({
        "view": "spell", "spell_id": f"s-{visit}", "partner": "pruh-adt", "visit_number": visit,
        "person_key": key,
        "status": status, "discharged_at": at, "location": {"poc": "M4", "facility": site},
        "responsible": {"since": "2026-01-01T00:00:00Z"},
    })  # fmt: skip


def transfer(key: str, visit: str, **given: Any) -> str:
    """A transfer line, nothing open."""
    row = {
        "view": "transfer",
        "person_key": key,
        "spell_id": f"s-{visit}",
        "packages": [],
        "tasks": [],
        "support": [],
    }
    heard = [{"source": "pruh-adt", "heard_at": "2027-01-12T13:59:00Z", "stale": None}]
    return json.dumps({**row, "must_retract": [], "freshness": heard, **given}, separators=(",", ":"))


def view(key: str, lines: list[str], through: int = AT) -> dict[str, Any]:
    """A TransferView record."""
    return {"person_key": key, "status": "alive", "received_through": through, "lines": lines}


@pytest.fixture
def board() -> Board:
    """Two people, one feed that was heard a minute ago and one that never was."""
    projection = Projection()
    for key, visit, site in ((A, "V1", "RJZ30"), (B, "V2", "RJZ01")):
        projection.apply("TransferView", key, view(key, [spell(key, visit, site=site), transfer(key, visit)]))
    projection.apply("FeedHeard", "pruh-adt", {"partner": "pruh-adt", "heard_at": AT - 60_000_000})
    return Board(projection, FakeClock(AT), {"pruh-adt": 30.0, "lbb-csv": 30.0}, lambda: True)


def get(board: Board, path: str) -> httpx.Response:
    """One request to the application."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=make_app(board))
        async with httpx.AsyncClient(transport=transport, base_url="http://board") as client:
            return await client.get(path)

    return asyncio.run(ask())


def rows(response: httpx.Response) -> list[dict[str, Any]]:
    """The JSON lines of a reply."""
    return [json.loads(line) for line in response.text.splitlines()]


@pytest.mark.parametrize(
    ("query", "keys"),
    [("", [A, B]), ("?visit=V1", [A]), ("?site=RJZ01", [B]), (f"?person={B}", [B]), ("?partner=other", []),
     ("?limit=1", [A]), ("?limit=1&after=s-V1", [B])],
)  # fmt: skip
def test_spells_are_found_by_what_they_are_called(board: Board, query: str, keys: list[str]) -> None:
    """Filters and pages; sorted by id."""
    assert [row["person_key"] for row in rows(get(board, f"/v1/views/spell{query}"))] == keys


def test_complete_to_is_the_workers_word_and_never_the_newest_on_the_board(board: Board) -> None:
    """Unknown is said, not guessed; a fresh view moves nothing (design.md §6 Completeness)."""
    assert get(board, "/v1/views/spell").headers["Complete-To"] == "unknown"
    board.projection.complete_to = AT - HOUR
    board.projection.apply("TransferView", A, view(A, [spell(A, "V1")], AT + HOUR))
    for path in ("/v1/views/spell", "/v1/feeds", "/v1/quarantine"):
        assert get(board, path).headers["Complete-To"] == "2027-01-12T13:00:00Z"


def test_transfers_are_found_by_their_spell_and_say_what_is_stale(board: Board) -> None:
    """A filter on a visit finds the person's transfer; staleness follows the clock, not the view."""
    found = rows(get(board, "/v1/views/transfer?visit=V2"))
    assert [(row["person_key"], row["freshness"][0]["stale"]) for row in found] == [(B, False)]
    board.clock = FakeClock(AT + HOUR)
    assert rows(get(board, "/v1/views/transfer?visit=V2"))[0]["freshness"][0]["stale"] is True


def test_as_of_shows_what_was_published_then(board: Board) -> None:
    """A later version does not reach an earlier question; before the first version there is nothing."""
    later = view(A, [spell(A, "V1", "discharged", at="2027-01-12T15:00:00Z")], AT + HOUR)
    board.projection.apply("TransferView", A, later)
    then = rows(get(board, "/v1/views/spell?visit=V1&as_of=2027-01-12T14:30:00Z"))
    now = rows(get(board, "/v1/views/spell?visit=V1"))
    assert (then[0]["status"], now[0]["status"]) == ("admitted", "discharged")
    assert rows(get(board, "/v1/views/spell?as_of=2027-01-12T13:00:00Z")) == []


def test_a_transfer_closed_long_ago_is_left_out(board: Board) -> None:
    """Closed for more than 30 days at the time of reading (design.md §9)."""
    lines = [spell(A, "V1", "discharged", at="2027-01-01T00:00:00Z"), transfer(A, "V1")]
    board.projection.apply("TransferView", A, view(A, lines))
    assert A in {row["person_key"] for row in rows(get(board, "/v1/views/transfer"))}
    board.clock = FakeClock(AT + 30 * 24 * HOUR)
    assert A not in {row["person_key"] for row in rows(get(board, "/v1/views/transfer"))}


def test_a_feed_never_heard_is_unknown_and_a_late_one_silent(board: Board) -> None:
    """Unknown is never shown as well (design.md §6 Freshness)."""
    assert {r["partner"]: r["state"] for r in rows(get(board, "/v1/feeds"))} == {
        "pruh-adt": "heard",
        "lbb-csv": "unknown",
    }
    board.clock = FakeClock(AT + HOUR)
    assert {r["partner"]: r["state"] for r in rows(get(board, "/v1/feeds"))}["pruh-adt"] == "silent"


def test_a_tombstone_takes_a_person_off(board: Board) -> None:
    """A null record under a key."""
    board.projection.apply("", A, None)
    assert [row["person_key"] for row in rows(get(board, "/v1/views/spell"))] == [B]


def test_it_is_unready_until_rebuilt_and_says_so(board: Board) -> None:
    """503 with a problem, then 200."""
    board.ready = lambda: False
    unready = get(board, "/v1/health/ready")
    assert (unready.status_code, unready.headers["content-type"]) == (503, "application/problem+json")
    board.ready = lambda: True
    assert (get(board, "/v1/health/ready")).status_code == 200
    assert (get(board, "/v1/health/live")).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/views/nothing", 404), ("/v1/views/spell?as_of=soon", 422)]
)
def test_a_wrong_question_gets_a_problem(board: Board, path: str, status: int) -> None:
    """RFC 9457, and what to do."""
    answer = get(board, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


def test_quarantine_shows_reason_and_place_once(board: Board) -> None:
    """The same refusal twice is one line; nothing of the message is in it."""
    refusal = {
        "quarantine_id": "q1",
        "partner": "pruh-adt",
        "sha256": "ab" * 32,
        "message_id": "M1",
        "reason": "FIELD_MISSING",
        "where": "PV1-19",
    }
    for _ in range(2):
        board.projection.apply("Quarantined", "q1", refusal)
    assert rows(get(board, "/v1/quarantine")) == [
        {"view": "quarantine", **{k: v for k, v in refusal.items() if k != "quarantine_id"}}
    ]


def measured(measure: str, subject: str, value: float, until_at: int | None = None) -> dict[str, Any]:
    """A MeasureView record with what the API looks at."""
    line = json.dumps({"view": "measure", "measure": measure, "subject": subject, "value": value})
    return {"measure": measure, "subject": subject, "until_at": until_at, "line": line}


def test_measures_are_the_newest_of_each_key_by_measure_subject_and_hour(board: Board) -> None:
    """A site has its wards with it; a tombstone takes a measure away; how far they are nobody says yet."""
    said = [
        ("occupancy_percent", "RJZ30", 97.0, None), ("occupancy_percent", "RJZ30", 93.0, None),
        ("bed_balance", "RJZ30/OAK", 2.0, AT + HOUR), ("bed_balance", "RJZ30/OAK", 1.0, AT),
        ("occupancy_percent", "RJZ01", 90.0, None), ("outbreak", "RJZ301", 1.0, None),
    ]  # fmt: skip
    for measure, subject, value, until in said:
        key = f"{measure}|{subject}|{until or ''}"
        board.projection.apply("MeasureView", key, measured(measure, subject, value, until))
    reply = get(board, "/v1/views/measure?site=RJZ30")
    assert [row["value"] for row in rows(reply)] == [1.0, 2.0, 93.0]
    assert reply.headers["Complete-To"] == "unknown"
    board.projection.apply("", "occupancy_percent|RJZ01|", None)
    assert len(rows(get(board, "/v1/views/measure"))) == 4


def alerted(ident: str, person: str, site: str, state: str = "open") -> dict[str, Any]:
    """An AlertView record with what the API looks at."""
    line = json.dumps({"view": "alert", "alert_id": ident, "state": state})
    return {"alert_id": ident, "person_key": person, "site": site, "line": line}


def test_alerts_stand_as_they_were_last_said_by_id_and_none_for_a_reader_no_rule_names(board: Board) -> None:
    for ident, person, site, state in (
        ("b", "p1:X", "RJZ30", "open"), ("a", "p1:Y", "RJZ01", "open"), ("b", "p1:X", "RJZ30", "resolved"),
        ("c", "p1:X", "RJZ01", "open"),
    ):
        board.projection.apply("AlertView", f"{person}/{ident}", alerted(ident, person, site, state))
    reply = get(board, "/v1/views/alert")
    assert [(row["alert_id"], row["state"]) for row in rows(reply)] == [
        ("a", "open"), ("b", "resolved"), ("c", "open"),
    ]  # fmt: skip
    asked = {"?person=p1:X": ["b", "c"], "?site=RJZ01": ["a", "c"], "?after=a&limit=1": ["b"]}
    for query, wanted in asked.items():
        assert [row["alert_id"] for row in rows(get(board, f"/v1/views/alert{query}"))] == wanted
    whole = rows(get(board, "/v1/alerts?person=p1:Y"))
    assert [(row["holder"], row["alert_id"], "line" in row) for row in whole] == [("p1:Y", "a", False)]
    board.projection.apply("", "p1:X/b", None)
    assert len(rows(get(board, "/v1/views/alert"))) == 2
    board.reader = Reader(name="x", role="hub", sharing_agreement="A")
    assert rows(get(board, "/v1/views/alert")) == []
