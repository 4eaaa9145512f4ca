"""`homeward erase` finds every key of a person, shows what would happen, and orders only with --yes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from runtime.signatures import sign
from tests.cli.test_match_command import run

SECRET = "own secret"
SURVIVOR, RETIRED, FIRST, OTHER = ("p1:" + letter * 26 for letter in "ABCD")
PEOPLE = [
    {"person_key": SURVIVOR, "merged_into": None}, {"person_key": RETIRED, "merged_into": SURVIVOR},
    {"person_key": FIRST, "merged_into": RETIRED}, {"person_key": OTHER, "merged_into": None},
]  # fmt: skip
TRANSFER = {"packages": [{}], "tasks": [], "support": [], "told": [{"recipient": "gp", "fact": "discharged"}]}


class Place(ThreadingHTTPServer):
    """A board and an intake in one."""

    posted: list[tuple[Any, bytes]]


class Handler(BaseHTTPRequestHandler):
    """Answers for it."""

    server: Place

    def do_GET(self) -> None:
        rows: list[dict[str, Any]] = PEOPLE
        if "spell" in self.path:
            rows = [{"spell_id": "s1", "status": "discharged"}]
        elif "transfer" in self.path:
            rows = [TRANSFER]
        assert "person?" in self.path or self.path.endswith("/person") or f"person={SURVIVOR}" in self.path
        self._say(200, "\n".join(map(json.dumps, rows)).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.headers, body))
        self._say(202, b"{}")

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A running board and intake."""
    server = Place(("127.0.0.1", 0), Handler)
    server.posted = []
    for name in ("BOARD", "INTAKE"):
        monkeypatch.setenv(f"HOMEWARD_{name}_PORT", str(server.server_address[1]))
    monkeypatch.setenv("HOMEWARD_SECRET_OWN", SECRET)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_without_yes_it_only_shows(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever key of the person is named: all of them, what is known, who was told."""
    assert run(["erase", FIRST, "--by", "ig", "--format", "json"]) == 0
    said = capsys.readouterr()
    rows = {(row["what"], row["name"]) for row in map(json.loads, said.out.splitlines())}
    assert {name for what, name in rows if what == "key"} == {SURVIVOR, RETIRED, FIRST}
    assert rows >= {("told", "gp"), ("spell", "s1"), ("packages", "1")}
    assert place.posted == []
    assert "nothing was erased" in said.err


def test_with_yes_every_key_gets_a_signed_order(place: Place) -> None:
    assert run(["erase", SURVIVOR, "--by", "ig", "--reference", "IG-1", "--yes"]) == 0
    said = [(headers, body, json.loads(body)) for headers, body in place.posted]
    assert {event["data"]["person_key"] for *_, event in said} == {SURVIVOR, RETIRED, FIRST}
    for headers, body, event in said:
        assert event["type"] == "toc.person.erased.v1"
        assert (event["data"]["ordered_by"], event["data"]["reference"]) == ("ig", "IG-1")
        stamp = int(headers["Homeward-Timestamp"])
        assert headers["Homeward-Signature"] == sign(SECRET.encode(), stamp, body)


def test_nobody_by_that_key_is_an_error(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["erase", "p1:" + "E" * 26, "--by", "ig", "--yes"]) != 0
    assert place.posted == []
