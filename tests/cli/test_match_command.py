"""`homeward match`: lists what waits for a human, posts a signed decision, says what is missing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cli.main import run
from runtime.signatures import sign

A, B, C = (f"p1:{letter * 26}" for letter in "ABC")
SECRET = "a secret of the test"


class Place(ThreadingHTTPServer):
    """A board and an intake in one: serves three people, keeps what is posted."""

    posted: list[tuple[dict[str, str], bytes]]
    pages: Mapping[str, str] = {}
    """Path -> what is served there; else people."""
    answer = 202


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Place

    def do_GET(self) -> None:
        """The person view, or a page."""
        if self.path in self.server.pages:
            self._answer(200, self.server.pages[self.path].encode())
            return
        links = {A: [("proposed", B), ("not_same", C)], B: [("proposed", A)], C: []}
        rows = [
            {"person_key": key, "candidate_links": [
                {"person_key": to, "reason": "name_dob_postcode", "score": 0.9, "state": state}
                for state, to in found
            ]}
            for key, found in links.items()
        ]  # fmt: skip
        self._answer(200, "".join(json.dumps(row) + "\n" for row in rows).encode())

    def do_POST(self) -> None:
        """Keep the decision."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((dict(self.headers), body))
        self._answer(self.server.answer, b"{}")

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A running board and intake."""
    server = Place(("127.0.0.1", 0), Handler)
    server.posted = []
    port = str(server.server_address[1])
    monkeypatch.setenv("HOMEWARD_BOARD_PORT", port)
    monkeypatch.setenv("HOMEWARD_INTAKE_PORT", port)
    monkeypatch.setenv("HOMEWARD_SECRET_OWN", SECRET)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("further", "count"), [([], 2), (["--all"], 3)])
def test_list_shows_what_waits(
    place: Place, capsys: pytest.CaptureFixture[str], further: list[str], count: int
) -> None:
    """Undecided links, or all of them."""
    assert run(["match", "list", "--format", "json", *further]) == 0
    rows: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == count
    assert {row["state"] for row in rows} == ({"proposed", "not_same"} if further else {"proposed"})


def test_decide_posts_a_signed_event(place: Place) -> None:
    """The signature is over timestamp and body; the survivor is the second key."""
    assert run(["match", "decide", A, B, "same", "--by", "hub desk"]) == 0
    headers, body = place.posted[0]
    assert headers["Homeward-Signature"] == sign(SECRET.encode(), int(headers["Homeward-Timestamp"]), body)
    event = json.loads(body)
    assert event["type"] == "toc.match.decided.v1"
    assert {k: v for k, v in event["data"].items() if k != "occurred_at"} == {
        "person_key": A, "other_key": B, "survivor_key": B, "decision": "same", "decided_by": "hub desk",
    }  # fmt: skip


def test_undo_takes_it_back(place: Place) -> None:
    """An event of its own."""
    assert run(["match", "undo", A, B, "--by", "hub desk"]) == 0
    assert json.loads(place.posted[0][1])["type"] == "toc.match.undone.v1"


def test_a_refused_decision_is_an_error(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Said, with what the intake answered."""
    place.answer = 422
    assert run(["match", "decide", A, B, "same", "--by", "hub desk"]) == 2
    assert "refused" in capsys.readouterr().err


def test_without_the_secret_it_names_the_setting(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, the variable named."""
    monkeypatch.delenv("HOMEWARD_SECRET_OWN")
    assert run(["match", "undo", A, B, "--by", "hub desk"]) == 2
    assert "HOMEWARD_SECRET_OWN" in capsys.readouterr().err


def test_nobody_there_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3 and what to do."""
    monkeypatch.setenv("HOMEWARD_BOARD_PORT", "1")
    assert run(["match", "list"]) == 3
    assert "homeward run board" in capsys.readouterr().err
