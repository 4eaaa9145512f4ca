"""Views out with a cursor and replay, and the example subscriber as it is published."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from connectors.views_out import Subscriber, ViewsOut
from connectors.webhook_out import Said
from runtime.brokers.process import free_port
from runtime.clock import FakeClock, micros
from runtime.place import load_place
from runtime.reader import OPERATOR, reader_of
from runtime.signatures import sign
from schemas.catalogue import VIEW_TRANSFER
from schemas.codec import encode
from streams.core.interface.story import example_lines
from tests.connectors.process.parts import FakeBroker

COUNCIL = reader_of(load_place("bromley").readers, "council")
NOON = micros("2027-01-12T12:00:00Z")
ROOT = Path(__file__).resolve().parents[3]
SUBSCRIBER = Subscriber(name="lbb", url="http://council/", secret=b"s", reader=OPERATOR)


class Council:
    """A subscriber that may be busy for a while."""

    def __init__(self, broker: FakeBroker, busy: int = 0, subscriber: Subscriber = SUBSCRIBER) -> None:
        self.broker = broker
        self.subscriber = subscriber
        self.busy = busy
        self.got: list[dict[str, Any]] = []

    async def post(self, url: str, secret: bytes, body: bytes, _key: str) -> Said:
        assert (url, secret) == ("http://council/views", b"s")
        if self.busy:
            self.busy -= 1
            return Said(503, "webhook 503")
        view = json.loads(body)
        self.got.append(view)
        return Said(422 if view.get("version") == "poison" else 204, "webhook")

    async def until(self, done: Callable[[], bool], replay: bool = False) -> None:
        async def sleep(_seconds: float) -> None:
            await asyncio.sleep(0.001)

        views = ViewsOut(self.subscriber, self.post, self.broker, self.broker, FakeClock(NOON), sleep)
        running = asyncio.create_task(views.run(replay))
        async with asyncio.timeout(60):
            while not done():
                await asyncio.sleep(0.002)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await views.save()


async def view(
    broker: FakeBroker, key: str, version: str, lines: Sequence[str] = ('{"view":"person"}',)
) -> None:
    record = {"person_key": key, "status": "alive", "version": version, "lines": list(lines)}
    await broker.publish(VIEW_TRANSFER, key, encode("TransferView.v1", record))


class TestViewsOut:
    """At least once, in order, from where it stopped."""

    def test_in_order_with_tombstones_through_failures_and_on_from_the_cursor(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            await view(broker, "k1", "1")
            await view(broker, "k1", "poison")
            await view(broker, "k1", "2")
            await broker.publish(VIEW_TRANSFER, "k1", None)
            first = Council(broker, busy=3)
            await first.until(lambda: len(first.got) == 4)
            assert [v.get("version") for v in first.got] == ["1", "poison", "2", None]
            assert first.got[0]["lines"] == [{"view": "person"}]
            assert first.got[3] == {"person_key": "k1", "status": "gone"}
            await view(broker, "k2", "3")
            later = Council(broker)
            await later.until(lambda: len(later.got) == 1)
            assert later.got[0]["person_key"] == "k2"
            again = Council(broker)
            await again.until(lambda: len(again.got) == 5, replay=True)

        asyncio.run(play())


    def test_a_subscriber_gets_what_its_role_may_see_and_hears_once_that_it_may_not(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            who = {"view": "person", "person_key": "k1", "merged_into": None, "restricted": False}
            stay = next(row for row in map(json.loads, example_lines()) if row.get("status") == "admitted")
            home = stay | {"status": "discharged", "discharged_at": "2026-01-01T00:00:00Z"}
            told = (("1", stay), ("2", stay | {"visit_number": "V9"}), ("3", home), ("4", home))
            for version, spell in told:
                await view(broker, "k1", version, [json.dumps(row) for row in (who, spell)])
            council = Council(broker, subscriber=replace(SUBSCRIBER, reader=COUNCIL))
            await view(broker, "k2", "5", [])
            await view(broker, "k3", "6", [json.dumps(row | {"person_key": "k3"}) for row in (who, stay)])
            await council.until(lambda: len(council.got) == 3)
            assert [(v["person_key"], v["status"]) for v in council.got] == [
                ("k1", "alive"), ("k1", "gone"), ("k3", "alive")
            ], "of k2, who was never its own, it hears nothing"  # fmt: skip
            assert council.got[0]["lines"][1]["location"].keys() == {"poc", "facility"}

        asyncio.run(play())


class TestExampleSubscriber:
    """`examples/subscriber.py`, started as its page says."""

    def test_verifies_acknowledges_and_prints_each_notice_once(self) -> None:
        port = free_port()
        environment = {**os.environ, "HOMEWARD_SECRET_NOTICES": "secret"}
        environment.pop("HOMEWARD_CLOCK", None)
        command = [sys.executable, str(ROOT / "examples" / "subscriber.py"), str(port)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            notice = {
                "notice_id": "n1",
                "recipient": "gp",
                "fact": "discharged",
                "about": "abcdefgh-1",
                "retracts": None,
                "sent_at": "2027-01-12T14:32:00Z",
            }
            told = self._post(port, notice)
            assert told.json() == {"acknowledged": True}
            assert self._post(port, notice).status_code == 200
            assert self._post(port, {**notice, "notice_id": "n2", "retracts": "n1"}).status_code == 200
            assert self._post(port, notice, secret=b"other").status_code == 401
            assert self._post(port, notice, at=time.time() - 400).status_code == 401
        finally:
            process.terminate()
            printed, _ = process.communicate(timeout=10)
        assert printed.splitlines() == [
            "2027-01-12T14:32:00Z  gp             discharged  spell abcdefgh",
            "2027-01-12T14:32:00Z  gp             NO LONGER TRUE: discharged  spell abcdefgh",
        ]

    def test_is_forty_lines_of_code_and_needs_nothing(self) -> None:
        text = (ROOT / "examples" / "subscriber.py").read_text(encoding="utf-8")
        code = [line for line in text.splitlines() if line.strip()]
        assert len(code) <= 43
        imported = {line.split()[1].split(".")[0] for line in code if line.startswith(("import ", "from "))}
        assert imported <= set(sys.stdlib_module_names)

    def _post(
        self, port: int, notice: dict[str, Any], secret: bytes = b"secret", at: float = 0
    ) -> httpx.Response:
        body, now = json.dumps(notice).encode(), int(at or time.time())
        headers = {"Homeward-Timestamp": str(now), "Homeward-Signature": sign(secret, now, body)}
        for _ in range(100):
            try:
                return httpx.post(f"http://127.0.0.1:{port}/gp", content=body, headers=headers)
            except httpx.ConnectError:
                time.sleep(0.1)
        raise AssertionError("it does not listen")
