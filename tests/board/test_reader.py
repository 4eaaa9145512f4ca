"""The read API as a reader of the place: masked lines, filters that find only by what is shown, the past
shielded by the present, and who reads said by configuration.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from board.app import Board
from board.projection import Projection
from board.serve import served_by
from runtime.clock import FakeClock
from runtime.errors import Misconfigured
from runtime.place import load_place
from runtime.reader import OPERATOR, Reader, reader_of
from runtime.settings import Settings
from tests.board.test_read_api import AT, HOUR, A, B, get, rows, spell, transfer, view

READERS = load_place("bromley").readers
BY_ROLE = {reader.role: reader for reader in READERS}


def person(key: str, restricted: bool = False, merged_into: str | None = None, **said: Any) -> str:
    """A person line."""
    row = {"view": "person", "person_key": key, "merged_into": merged_into, "restricted": restricted}
    return json.dumps({**row, "flags": [], "candidate_links": [], **said})


def lives(text: str, council: str = "E09000006") -> str:
    """A spell line with its council."""
    row = json.loads(text)
    return json.dumps(row | {"responsible": {**row["responsible"], "council": council, "hub": "bromley-spa"}})


def board_of(reader: Reader, restricted: bool = False) -> Board:
    """One person of the place in its hospital."""
    projection = Projection()
    lines = [person(A, restricted), lives(spell(A, "V1")), transfer(A, "V1", notices=[], told=[])]
    projection.apply("TransferView", A, view(A, lines))
    projection.apply("FeedHeard", "pruh-adt", {"partner": "pruh-adt", "heard_at": AT - 60_000_000})
    return Board(projection, FakeClock(AT), {"pruh-adt": 30.0}, lambda: True, reader)


def test_a_council_sees_the_ward_and_no_visit_number() -> None:
    [row] = rows(get(board_of(BY_ROLE["council"]), "/v1/views/spell"))
    assert (row["location"], "visit_number" in row) == ({"poc": "M4", "facility": "RJZ30"}, False)


@pytest.mark.parametrize("query", ["site=RJZ30", "visit=V1", "partner=pruh-adt"])
@pytest.mark.parametrize("restricted", [True, False])
def test_a_filter_does_not_tell_what_the_line_does_not(query: str, restricted: bool) -> None:
    """Nobody finds out where a restricted person is by asking for everybody who is there."""
    board = board_of(BY_ROLE["council"], restricted)
    for name in ("spell", "person", "transfer"):
        assert len(rows(get(board, f"/v1/views/{name}"))) == 1
        shown = not restricted and query != "visit=V1"
        assert len(rows(get(board, f"/v1/views/{name}?{query}"))) == shown


@pytest.mark.parametrize("merged", [True, False])
def test_a_restriction_of_today_hides_yesterday(merged: bool) -> None:
    """IG-05, historic state; so does one of the record into which this one was merged."""
    board = board_of(BY_ROLE["council"])
    for key in (A, B):
        rest = [lives(spell(key, "V1")), transfer(key, "V1", notices=[], told=[])]
        now = [person(A, merged_into=B)] if merged and key == A else [person(key, True), *rest]
        board.projection.apply("TransferView", key, view(key, now, AT + HOUR))
    path = f"/v1/views/spell?person={A}&as_of=2027-01-12T14:30:00Z"
    assert [row["location"] for row in rows(get(board, path))] == ([] if merged else [None])
    board.reader = OPERATOR
    assert [row["location"]["poc"] for row in rows(get(board, path))] == ["M4"]


def test_who_has_nothing_to_do_with_them_any_more_is_not_shown_what_they_had() -> None:
    """IG-04: the relationship is judged now, whatever time is asked about."""
    board = board_of(BY_ROLE["council"])
    gone = lives(spell(A, "V1", "discharged", at="2027-01-12T15:00:00Z"))
    board.projection.apply("TransferView", A, view(A, [person(A), gone], AT + HOUR))
    assert rows(get(board, "/v1/views/spell?as_of=2027-01-12T14:30:00Z"))
    board.clock = FakeClock(AT + 40 * 24 * HOUR)
    assert rows(get(board, "/v1/views/spell?as_of=2027-01-12T14:30:00Z")) == []


def test_feeds_are_everybodys_and_quarantine_is_the_integrators() -> None:
    refusal = dict.fromkeys(("quarantine_id", "sha256", "message_id", "reason", "where"), "q")
    refusal["partner"] = "pruh-adt"
    for reader in (*READERS, Reader(name="x", role="surgeon", sharing_agreement="A")):
        board = board_of(reader)
        board.projection.apply("Quarantined", "q", refusal)
        assert len(rows(get(board, "/v1/feeds"))) == (reader.role != "surgeon")
        assert len(rows(get(board, "/v1/quarantine"))) == (reader.role == "integrator")


def test_the_reader_is_configured_and_off_loopback_it_has_to_be() -> None:
    assert served_by(Settings(), READERS) == OPERATOR
    assert served_by(Settings(reader="council"), READERS).name == "lbb"
    assert served_by(Settings(reader="operator", host="0.0.0.0", bind_anywhere=True), READERS) == OPERATOR
    with pytest.raises(Misconfigured, match="HOMEWARD_READER"):
        served_by(Settings(host="0.0.0.0", bind_anywhere=True), READERS)
    with pytest.raises(Misconfigured, match="no reader"):
        reader_of(READERS, "surgeon")
    with pytest.raises(Misconfigured, match="several"):
        reader_of((*READERS, BY_ROLE["ward"].model_copy(update={"name": "second"})), "ward")
