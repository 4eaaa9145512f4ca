"""Notices of alerts: which are due, to whom, once; rule, place, count and link, never a person."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.alert_notices import AlertNotices, AppriseSend, Sent
from connectors.noticing import Notice, Noticing
from connectors.ports import Stored
from runtime.errors import Misconfigured
from runtime.metrics import Metrics
from runtime.place import load_place
from schemas.codec import encode
from schemas.samples import sample

PLACE = load_place("bromley")
MINUTE, HOUR = 60_000_000, 3_600_000_000
NINE = 1_799_744_400_000_000
"""2027-01-12T09:00:00Z, a Tuesday: the hub is open from 8 to 20."""
LINK = "https://board.example/alerts"


def step(kind: str, ident: str, at: int, **said: Any) -> tuple[str, dict[str, Any]]:
    """A step of an alert, with a person all over it."""
    return kind, sample(kind) | {
        "event_id": f"{ident}-{kind}-{at}", "alert_id": ident, "rule": "ready_not_referred", "site": "RJZ30",
        "severity": "normal", "thing": "SPELL-MARLOW", "person_key": "p1:" + "M" * 26, "spell_id": "S-EDITH",
        "ward": "MARLOW WARD", "desks": ["hub"], "occurred_at": at, "recorded_at": at, "raised_at": at,
        "due_at": at, "actor": "EDITH MARLOW", "reason": None, "contact": "HER DAUGHTER",
        "phone": "9990000026", **said,
    }  # fmt: skip


class Desk:
    """A process of notices with its file; `now` is its clock."""

    def __init__(self, path: Path, desks: tuple[str, ...] = ("hub", "operations")) -> None:
        self.path, self.desks = path, desks
        self.noticing = Noticing(PLACE, LINK, Sent(path).read(), desks)
        self.log: list[tuple[str, dict[str, Any]]] = []

    def hear(self, *steps: tuple[str, dict[str, Any]], now: int = 0) -> None:
        for kind, said in steps:
            self.log.append((kind, said))
            self.noticing.hear(kind, said, now or said["recorded_at"])

    def send(self, now: int) -> list[Notice]:
        found = self.noticing.due(now)
        for notice in found:
            Sent(self.path).write(notice, now)
            self.noticing.sent(notice, now)
        return found

    def killed(self, now: int) -> Desk:
        """Another process reads the topic from its beginning, and it says every step twice now."""
        again = Desk(self.path, self.desks)
        for kind, said in [*self.log, *self.log]:
            again.noticing.hear(kind, said, now)
        again.log = self.log
        return again


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "sent.jsonl")


def test_several_of_one_rule_and_place_are_one_notice_with_a_count_and_no_person(desk: Desk) -> None:
    desk.hear(step("AlertRaised", "a", NINE), step("AlertRaised", "b", NINE + MINUTE))
    assert desk.send(NINE + 4 * MINUTE) == [], "others may follow within the window"
    [notice] = desk.send(NINE + 5 * MINUTE)
    assert (notice.desk, notice.title) == ("hub", "Ready not referred, RJZ30: 2 (raised)")
    assert notice.body == f"Ready not referred, RJZ30: 2 (raised)\n{LINK}"
    said = repr(notice._replace(tokens=())) + Path(desk.path).read_text("utf-8")
    for secret in ("MARLOW", "EDITH", "DAUGHTER", "9990000026", "p1:", "SPELL"):
        assert secret not in said


def test_a_replay_and_a_process_that_was_killed_send_nothing_twice(desk: Desk) -> None:
    desk.hear(step("AlertRaised", "a", NINE))
    assert len(desk.send(NINE + 5 * MINUTE)) == 1
    again = desk.killed(NINE + 6 * MINUTE)
    assert again.send(NINE + 60 * MINUTE) == []
    again.hear(step("AlertRaised", "b", NINE + 61 * MINUTE))
    late = again.killed(NINE + 62 * MINUTE)
    assert [len(one.tokens) for one in late.send(NINE + 70 * MINUTE)] == [1], "what was not sent, is"
    desk.path.write_bytes(desk.path.read_bytes() + b'{"id": "torn')
    torn = desk.killed(NINE + 72 * MINUTE)
    torn.hear(step("AlertRaised", "c", NINE + 90 * MINUTE))
    assert len(torn.send(NINE + 96 * MINUTE)) == 1
    assert torn.killed(NINE + 97 * MINUTE).send(NINE + 99 * MINUTE) == []


@pytest.mark.parametrize("after", ["AlertAcknowledged", "AlertSnoozed", "AlertResolved", "AlertWithdrawn"])
def test_what_was_answered_or_ended_meanwhile_needs_none(desk: Desk, after: str) -> None:
    desk.hear(step("AlertRaised", "a", NINE), step(after, "a", NINE + MINUTE))
    assert desk.send(NINE + 9 * MINUTE) == []


def test_at_night_and_on_bank_holidays_only_high_ones_come(desk: Desk) -> None:
    night = NINE + 12 * HOUR
    desk.hear(step("AlertRaised", "a", night), step("AlertRaised", "h", night, severity="high", rule="told"))
    assert [one.title for one in desk.send(night)] == ["Told, RJZ30: 1 (raised)"]
    assert desk.send(NINE + 22 * HOUR) == []
    assert [one.title for one in desk.send(NINE + 23 * HOUR)] == ["Ready not referred, RJZ30: 1 (raised)"]


def test_a_desk_that_keeps_a_bank_holiday_is_told_after_it(tmp_path: Path) -> None:
    hub = PLACE.desks["hub"].model_copy(update={"closed_on": (date(2027, 1, 12),)})
    place = PLACE.model_copy(update={"desks": {"hub": hub}})
    noticing = Noticing(place, LINK, {}, ["hub"])
    noticing.hear(*step("AlertRaised", "a", NINE), NINE)
    assert noticing.due(NINE + 6 * HOUR) == []
    assert len(noticing.due(NINE + 24 * HOUR)) == 1


def test_none_is_repeated_within_an_hour_and_escalation_is_said(desk: Desk) -> None:
    desk.hear(step("AlertRaised", "a", NINE))
    assert len(desk.send(NINE + 5 * MINUTE)) == 1
    for minutes, expected in ((20, 0), (80, 1)):
        at = NINE + minutes * MINUTE
        again = step("AlertReopened", "a", at + MINUTE, reason="holds_again")
        desk.hear(step("AlertResolved", "a", at), again)
        assert len(desk.send(at + 7 * MINUTE)) == expected, minutes
    desk.hear(step("AlertReopened", "a", NINE + 90 * MINUTE, reason="snooze_ended"))
    assert desk.send(NINE + 99 * MINUTE) == [], "that a snooze is over is no news"
    desk.hear(step("AlertEscalated", "a", NINE + 100 * MINUTE))
    assert [one.title for one in desk.send(NINE + 105 * MINUTE)] == [
        "Ready not referred, RJZ30: 1 (nobody answered)"
    ]


def test_what_waits_behind_a_silent_feed_is_said_once_the_feed_is_back(desk: Desk) -> None:
    silent = {"rule": "source_silent", "thing": "hub-list", "site": None, "desks": ["operations"]}
    desk.hear(step("AlertRaised", "s", NINE, **silent), step("AlertRaised", "a", NINE + MINUTE))
    assert [one.title for one in desk.send(NINE + 9 * MINUTE)] == [
        f"Source silent, {PLACE.title}: 1 (raised)"
    ]
    assert desk.send(NINE + 40 * MINUTE) == []
    desk.hear(step("AlertResolved", "s", NINE + 41 * MINUTE, **silent))
    assert [one.desk for one in desk.send(NINE + 42 * MINUTE)] == ["hub"]


def test_over_the_budget_of_a_desk_normal_ones_come_in_one_notice_an_hour_and_high_ones_at_once(
    desk: Desk,
) -> None:
    for number in range(26):
        desk.hear(step("AlertRaised", f"a{number}", NINE, rule=f"rule_{number % 3}"))
    desk.hear(step("AlertRaised", "h", NINE + MINUTE, severity="high"))
    assert desk.noticing.loads(NINE + MINUTE)["hub"] == 27
    assert [len(one.tokens) for one in desk.send(NINE + 6 * MINUTE)] == [1]
    [batch] = desk.send(NINE + 60 * MINUTE)
    assert (batch.title, len(batch.tokens)) == ("26 alerts, 3 kinds", 26)
    assert desk.noticing.loads(NINE + 9 * HOUR)["hub"] == 0


def test_a_desk_without_an_address_and_steps_of_long_ago_are_let_be(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "s.jsonl", ("operations",))
    desk.hear(step("AlertRaised", "a", NINE))
    desk.hear(step("AlertRaised", "o", NINE, desks=["operations"]), now=NINE + 200 * HOUR)
    assert desk.send(NINE + 201 * HOUR) == []


class Log:
    """The topic as it is."""

    def __init__(self, records: list[Stored]) -> None:
        self.records = records

    async def to_end(self, topic: str) -> AsyncIterator[Stored]:
        for one in self.records:
            yield one

    follow = to_end


class At:
    """A clock that stands."""

    speed = 1.0

    def now(self) -> int:
        return NINE + 5 * MINUTE

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


class Taken(BaseHTTPRequestHandler):
    """A desk's webhook."""

    bodies: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.bodies.append(json.loads(self.rfile.read(size)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the console."""


def test_apprise_hands_it_over_and_a_second_run_hands_over_nothing(tmp_path: Path) -> None:
    server = HTTPServer(("127.0.0.1", 0), Taken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Taken.bodies.clear()
    kind, said = step("AlertRaised", "a", NINE)
    records = [Stored(b"a", encode(kind, said), (), 0, 0), Stored(b"x", b"torn", (), 0, 1)]
    path, meter = tmp_path / "sent.jsonl", Metrics()

    async def run(port: int) -> None:
        send = AppriseSend({"hub": f"json://127.0.0.1:{port}/"})
        noticing = Noticing(PLACE, LINK, Sent(path).read(), ["hub"])
        notices = AlertNotices(noticing, Sent(path), send, Log(records), At(), meter=meter)
        await notices.restore()
        for one in records:
            notices.take(one)
        await notices.tick()

    try:
        asyncio.run(run(1))
        assert not path.exists(), "nobody took it"
        for _ in range(2):
            asyncio.run(run(server.server_port))
    finally:
        server.shutdown()
        server.server_close()
    [body] = Taken.bodies
    assert (body["title"], body["message"]) == (
        "Ready not referred, RJZ30: 1 (raised)", f"Ready not referred, RJZ30: 1 (raised)\n{LINK}",
    )  # fmt: skip
    assert "MARLOW" not in json.dumps(body)
    assert meter.value("toc_notices_total", recipient="hub", state="sent") == 1
    assert meter.value("toc_desk_alerts_count", desk="hub") == 1


def test_an_address_that_is_none_is_refused_without_being_said() -> None:
    with pytest.raises(Misconfigured) as refused:
        AppriseSend({"hub": "nonsense-secret"})
    assert "secret" not in str(refused.value)
