"""Notices out: each is told once in effect, a dead recipient delays nobody, a retraction never overtakes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from connectors.couriers import GIVE_UP_HOURS
from connectors.cursor import Cursor
from connectors.message import RawMessage
from connectors.notices import GROUP, Address, NoticeSender
from connectors.ports import Placed
from connectors.verdict import Answer, Verdict
from connectors.webhook_out import Said, backoff_seconds
from runtime.clock import SECOND, FakeClock
from runtime.metrics import Metrics
from runtime.signatures import verify
from schemas.catalogue import NOTICE, NOTICE_OWED
from schemas.codec import encode
from tests.connectors.process.parts import FakeBroker

NOW = 1_800_000_000 * SECOND
KEY = "p1:" + "A" * 26


def record(
    notice_id: str, recipient: str, about: str = "spell", retracts: str | None = None
) -> dict[str, Any]:
    return {
        "event_id": f"e-{notice_id}", "partner": "worker", "person_key": KEY, "thing": notice_id,
        "occurred_at": NOW, "recorded_at": NOW, "received_at": NOW, "recipient": recipient,
        "fact": "discharged", "about": about, "fact_id": "f1", "retracts": retracts,
    }  # fmt: skip


class Town:
    """A sender, its recipients and our own intake."""

    def __init__(self, broker: FakeBroker | None = None, **answers: Callable[[dict[str, Any]], Said]) -> None:
        self.broker = broker or FakeBroker()
        self.answers = answers
        self.posted: list[tuple[str, dict[str, Any]]] = []
        self.events: list[dict[str, Any]] = []
        self.clock = FakeClock(NOW)
        self.meter = Metrics()
        self.intake_down = 0
        addresses = {name: Address("http://inbox/", name.encode()) for name in (*answers, "gp")}
        addresses["nowhere"] = Address()
        self.sender = NoticeSender(
            addresses,
            "homeward",
            self.receive,
            self.post,
            self.broker,
            self.broker,
            self.clock,
            meter=self.meter,
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await asyncio.sleep(0.001)

    async def post(self, url: str, secret: bytes, body: bytes, key: str) -> Said:
        name = url.removeprefix("http://inbox/")
        notice = json.loads(body)
        assert (notice["recipient"], notice["notice_id"], secret) == (name, key, name.encode())
        self.posted.append((name, notice))
        answer = self.answers.get(name)
        return answer(notice) if answer else Said(200, "webhook 200", {"acknowledged": True})

    async def receive(self, raw: RawMessage) -> Verdict:
        if self.intake_down:
            self.intake_down -= 1
            return Verdict(Answer.UNAVAILABLE)
        event = json.loads(raw.body)
        self.events.append(event)
        kind = {"sent": "NoticeSent", "failed": "NoticeFailed", "acknowledged": "NoticeAcknowledged"}[
            event["type"].split(".")[2]
        ]
        said = {
            name: event["data"][name] for name in ("recipient", "fact", "about", "fact_id", "retracts", "how")
        }
        full = record(event["data"]["thing"], "") | said
        await self.broker.publish(NOTICE, KEY, encode(f"{kind}.v1", full))
        return Verdict(Answer.ACCEPTED)

    async def owe(self, *records: dict[str, Any]) -> None:
        for one in records:
            await self.broker.publish(NOTICE_OWED, KEY, encode("NoticeOwed.v1", one))

    async def until(self, done: Callable[[], bool]) -> None:
        """Run the sender until something is so."""
        await self.sender.restore()
        running = asyncio.create_task(self.sender.run())
        try:
            async with asyncio.timeout(60):
                while not done():
                    await asyncio.sleep(0.002)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await self.sender.save()

    def said(self) -> list[tuple[str, str]]:
        return [(event["type"].split(".")[2], event["data"]["thing"]) for event in self.events]


def busy(_notice: dict[str, Any]) -> Said:
    return Said(503, "webhook 503")


class TestTelling:
    """What becomes of a notice."""

    def test_sent_and_acknowledged_in_the_reply(self) -> None:
        async def play() -> None:
            town = Town()
            await town.owe(record("n1", "gp"))
            await town.until(lambda: len(town.events) == 2)
            assert town.said() == [("sent", "n1"), ("acknowledged", "n1")]
            ((_, notice),) = town.posted
            assert notice.pop("sent_at").startswith("2027-01-15T08:00:0")
            assert notice == {
                "notice_id": "n1", "recipient": "gp", "fact": "discharged", "about": "spell",
                "person_key": KEY,
                "occurred_at": "2027-01-15T08:00:00Z", "retracts": None,
            }  # fmt: skip
            assert town.broker.groups[GROUP, NOTICE_OWED] == {0: 1}
            assert town.events[0]["data"]["person_key"] == KEY
            assert town.meter.value("toc_notices_total", recipient="gp", state="sent") == 1

        asyncio.run(play())

    def test_owed_twice_is_told_once_and_so_after_a_restart(self) -> None:
        async def play() -> None:
            first = Town()
            await first.owe(record("n1", "gp"), record("n1", "gp"))
            await first.until(lambda: len(first.events) == 2)
            again = Town(first.broker)
            again.broker.groups.clear()
            await again.owe(record("n1", "gp"), record("n2", "gp"))
            await again.until(lambda: ("acknowledged", "n2") in again.said())
            assert [notice["notice_id"] for _, notice in [*first.posted, *again.posted]] == ["n1", "n2"]
            assert again.broker.groups[GROUP, NOTICE_OWED] == {0: 4}

        asyncio.run(play())

    def test_a_dead_recipient_delays_nobody_and_holds_the_cursor(self) -> None:
        async def play() -> None:
            town = Town(oakfield=busy)
            await town.owe(record("o1", "oakfield"), *(record(f"g{n}", "gp", f"s{n}") for n in range(20)))
            await town.until(lambda: sum(kind == "sent" for kind, _ in town.said()) == 20)
            assert all(thing.startswith("g") for _, thing in town.said())
            assert town.broker.groups.get((GROUP, NOTICE_OWED), {}) == {0: 0}

        asyncio.run(play())

    def test_a_retraction_never_overtakes_and_other_subjects_go_on(self) -> None:
        async def play() -> None:
            tries: list[str] = []

            def poisoned(notice: dict[str, Any]) -> Said:
                tries.append(notice["notice_id"])
                return Said(200, "webhook 200") if notice["about"] == "s2" or len(tries) > 6 else busy(notice)

            town = Town(oakfield=poisoned)
            await town.owe(
                record("a", "oakfield", "s1"),
                record("b", "oakfield", "s1", retracts="a"),
                record("c", "oakfield", "s2"),
            )
            await town.until(lambda: len(town.events) == 3)
            assert [thing for _, thing in town.said()] == ["c", "a", "b"]
            assert tries[:2] == ["a", "c"]

        asyncio.run(play())

    def test_what_will_never_be_taken_and_what_was_not_for_a_day_is_told_as_failed(self) -> None:
        async def play() -> None:
            town = Town(oakfield=busy, lbb=lambda _notice: Said(422, "webhook 422"))
            await town.owe(
                record("o1", "oakfield"),
                record("l1", "lbb"),
                record("x1", "nowhere"),
                record("y1", "stranger"),
            )
            await town.until(lambda: len(town.events) == 4)
            assert set(town.said()) == {("failed", thing) for thing in ("o1", "l1", "x1", "y1")}
            how = {event["data"]["thing"]: event["data"]["how"] for event in town.events}
            assert how == {"o1": "webhook 503", "l1": "webhook 422", "x1": "no address", "y1": "no address"}
            assert town.clock.now() - NOW > GIVE_UP_HOURS * 3600 * SECOND
            assert town.broker.groups[GROUP, NOTICE_OWED] == {0: 4}

        asyncio.run(play())

    def test_while_our_own_intake_is_down_nothing_is_posted_twice(self) -> None:
        async def play() -> None:
            town = Town()
            town.intake_down = 5
            await town.owe(record("n1", "gp"))
            await town.until(lambda: len(town.events) == 2)
            assert len(town.posted) == 1

        asyncio.run(play())

    def test_a_record_that_does_not_decode_stops_nobody(self) -> None:
        async def play() -> None:
            town = Town()
            await town.broker.publish(NOTICE_OWED, KEY, b"not avro")
            await town.owe(record("n1", "gp"))
            await town.until(lambda: len(town.events) == 2)
            assert town.broker.groups[GROUP, NOTICE_OWED] == {0: 2}

        asyncio.run(play())


class TestDesk:
    """Acknowledging later, over HTTP."""

    def test_a_recipient_may_acknowledge_before_we_have_its_reply(self) -> None:
        async def play() -> None:
            town = Town()
            await town.sender.restore()
            town.sender._couriers["gp"].hand = lambda owed: None  # type: ignore[method-assign]
            await town.owe(record("n1", "gp"))
            async for stored in town.broker.to_end(NOTICE_OWED):
                await town.sender.take(stored)
            assert town.sender.recipient_of("n1") == "gp"
            assert town.sender.recipient_of("n2") is None
            await town.sender.acknowledge("n1")
            assert town.said() == [("acknowledged", "n1")]
            assert town.sender.secrets() == {"gp": b"gp"}

        asyncio.run(play())


class TestCursor:
    """The durable mark."""

    def test_passes_only_what_is_settled_and_knows_gaps(self) -> None:
        cursor = Cursor({0: 3})
        assert not cursor.fresh(Placed(0, 2))
        assert all(cursor.fresh(Placed(0, offset)) for offset in (3, 4, 7))
        assert not cursor.fresh(Placed(0, 4))
        cursor.settled(Placed(0, 4))
        assert cursor.moved() == {}
        cursor.settled(Placed(0, 3))
        assert cursor.moved() == {0: 7}
        cursor.settled(Placed(0, 7))
        assert cursor.moved() == {0: 8}
        cursor.saved({0: 8})
        assert cursor.moved() == {}

    def test_backing_off_grows_and_is_capped(self) -> None:
        waits = [backoff_seconds(failures, lambda: 1.0) for failures in (1, 2, 3, 50, 10_000)]
        assert waits == [1.0, 2.0, 4.0, 60.0, 60.0]
        assert backoff_seconds(3, lambda: 0.0) == 2.0


class TestSigned:
    """What leaves us can be verified by its receiver."""

    def test_the_webhook_is_signed_over_its_body(self) -> None:
        import httpx

        from connectors.webhook_out import WebhookOut

        seen: list[httpx.Request] = []

        def inbox(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return httpx.Response(200, content=b"[1]")

        async def play() -> Said:
            async with httpx.AsyncClient(transport=httpx.MockTransport(inbox)) as client:
                return await WebhookOut(client, FakeClock(NOW))("http://inbox/gp", b"secret", b"{}", "n1")

        said = asyncio.run(play())
        assert (said.taken, said.body) == (True, {})
        headers = seen[0].headers
        assert headers["idempotency-key"] == "n1"
        stamp, signature = headers["homeward-timestamp"], headers["homeward-signature"]
        assert verify(b"secret", stamp, signature, b"{}", NOW / SECOND, 1) == ""

    def test_an_unreachable_recipient_is_an_answer_too(self) -> None:
        import httpx

        from connectors.webhook_out import WebhookOut

        def nobody(_request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused")

        async def play() -> Said:
            async with httpx.AsyncClient(transport=httpx.MockTransport(nobody)) as client:
                return await WebhookOut(client, FakeClock(NOW))("http://inbox/gp", b"secret", b"{}", "n1")

        assert asyncio.run(play()) == Said(0, "webhook ConnectError")
