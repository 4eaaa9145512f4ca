"""The promise of an intake: a positive answer only after archive, events and refusals are with the broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from connectors.archive import Archive, SealedThrough
from connectors.envelope import KeyLost, RawKeys, seal_raw, unseal_raw
from connectors.intake import Intake
from connectors.message import RawMessage, Refusal
from connectors.ports import Placed
from connectors.publisher import Publisher
from connectors.quarantine import Quarantine
from connectors.reseal import SEALED_GROUP, reseal
from connectors.verdict import Answer
from runtime.errors import Misconfigured
from runtime.metrics import Metrics
from runtime.pseudonym import KeyRing
from schemas.catalogue import QUARANTINE, raw_topic
from tests.connectors.process.parts import EVENTS, Crash, FakeBroker, FakePipeline, Said

KEYS = RawKeys.of_ring(KeyRing.offline())
RAW = raw_topic("pruh-adt")


def raw(body: bytes, received_at: int = 1_800_000_000_000_000) -> RawMessage:
    return RawMessage("pruh-adt", body, received_at)


class Process:
    """A connectors process of one partner that can be started again on the same broker."""

    def __init__(self, broker: FakeBroker, crash_at: str = "", keys: RawKeys = KEYS) -> None:
        self.broker = broker
        self.pipeline = FakePipeline()
        self.archive = Archive("pruh-adt", keys, broker, broker)
        self.meter = Metrics()
        self.publisher = Publisher(broker, self.meter)
        self.crash_at = crash_at
        self.intake = self.build(SealedThrough())

    def build(self, sealed: SealedThrough, standing: Mapping[str, Placed] | None = None) -> Intake:
        return Intake(
            self.pipeline,
            self.archive,
            self.publisher,
            sealed,
            standing,
            meter=self.meter,
            checkpoints=self.checkpoint,
            answer_seconds=2,
        )

    async def checkpoint(self, step: str) -> None:
        if step == self.crash_at:
            raise Crash

    async def start(self) -> None:
        self.intake = self.build(*await reseal(self.pipeline, self.archive, self.publisher, self.broker))


def events_of(broker: FakeBroker) -> list[str]:
    return [record["event_id"] for record in broker.records(EVENTS)]


class TestThePromise:
    """What the partner hears is true."""

    def test_yes_comes_after_archive_and_events(self) -> None:
        broker = FakeBroker()
        process = Process(broker)
        assert asyncio.run(process.intake.receive(raw(b"one"))).answer is Answer.ACCEPTED
        assert len(broker.topics[RAW]) == 1
        assert events_of(broker) == [raw(b"one").sha256]
        assert b"one" not in (broker.topics[RAW][0].value or b"")
        assert process.intake.sealed.marks == {0: 1}

    @pytest.mark.parametrize("topic", [RAW, EVENTS])
    def test_no_yes_while_a_step_fails_and_the_resend_brings_its_events(self, topic: str) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            broker.down = {topic}
            for _ in range(3):
                assert (await process.intake.receive(raw(b"one"))).answer is Answer.UNAVAILABLE
            assert events_of(broker) == []
            broker.down = set()
            assert (await process.intake.receive(raw(b"one"))).answer is Answer.DUPLICATE
            assert set(events_of(broker)) == {raw(b"one").sha256}
            assert len(broker.topics[RAW]) == 1
            await process.intake.finish()
            assert process.intake.sealed.marks == {0: 1}

        asyncio.run(play())

    def test_no_yes_while_the_quarantine_cannot_be_written(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            broker.down = {QUARANTINE}
            assert (await process.intake.receive(raw(b"refuse me"))).answer is Answer.UNAVAILABLE
            broker.down = set()
            assert (await process.intake.receive(raw(b"refuse me"))).answer is Answer.DUPLICATE
            (record,) = broker.records(QUARANTINE)
            assert (record["reason"], record["where"], record["offset"]) == ("BAD_DATE", "EVN-6", 0)

        asyncio.run(play())

    def test_a_duplicate_is_not_answered_before_its_original(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            gate = broker.slow[EVENTS] = asyncio.Event()
            first = asyncio.create_task(process.intake.receive(raw(b"one")))
            await asyncio.sleep(0.01)
            again = asyncio.create_task(process.intake.receive(raw(b"one")))
            await asyncio.sleep(0.01)
            assert not again.done()
            gate.set()
            assert (await first).answer is Answer.ACCEPTED
            assert (await again).answer is Answer.DUPLICATE
            assert len(events_of(broker)) == 1

        asyncio.run(play())

    def test_a_slow_broker_is_a_no_in_time_and_nothing_is_lost(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            gate = broker.slow[EVENTS] = asyncio.Event()
            process.intake._answer_seconds = 0.05
            assert (await process.intake.receive(raw(b"one"))).answer is Answer.UNAVAILABLE
            gate.set()
            assert (await process.intake.receive(raw(b"two"))).answer is Answer.ACCEPTED
            assert events_of(broker) == [raw(b"one").sha256, raw(b"two").sha256]

        asyncio.run(play())

    def test_what_the_broker_can_never_hold_is_refused_and_blocks_nobody(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            broker.too_large = {RAW}
            assert (await process.intake.receive(raw(b"big"))).answer is Answer.TOO_LARGE
            broker.too_large = set()
            assert (await process.intake.receive(raw(b"two"))).answer is Answer.ACCEPTED

        asyncio.run(play())


class TestEndings:
    """Every message ends in exactly one way, counted."""

    def test_out_of_scope_leaves_no_byte(self) -> None:
        broker = FakeBroker()
        process = Process(broker)
        assert asyncio.run(process.intake.receive(raw(b"scope: not ours"))).answer is Answer.OUT_OF_SCOPE
        assert broker.topics == {}
        assert (
            process.meter.value("toc_messages_out_of_scope_total", partner="pruh-adt", scope_class="O") == 1
        )

    def test_a_bug_of_ours_is_kept_and_quarantined_and_the_next_goes_on(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            verdict = await process.intake.receive(raw(b"explode"))
            assert (verdict.answer, verdict.reason) == (Answer.REFUSED, "INVARIANT")
            assert (await process.intake.receive(raw(b"one"))).answer is Answer.ACCEPTED
            assert [record["reason"] for record in broker.records(QUARANTINE)] == ["INVARIANT"]
            assert process.meter.value("toc_refusals_total", partner="pruh-adt", reason="INVARIANT") == 1

        asyncio.run(play())

    def test_an_event_that_does_not_fit_the_contract_is_quarantined(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            await process.intake.receive(raw(b"unfit"))
            assert broker.topics.get(EVENTS) is None
            assert [record["reason"] for record in broker.records(QUARANTINE)] == ["BAD_VALUE"]
            assert (await process.intake.receive(raw(b"one"))).answer is Answer.ACCEPTED

        asyncio.run(play())


class TestRestart:
    """What was kept is sealed at the next start, wherever the process died."""

    @pytest.mark.parametrize("step", ["archived", "published", "quarantined"])
    def test_dying_at_any_step_loses_nothing(self, step: str) -> None:
        async def play() -> None:
            broker = FakeBroker()
            before = Process(broker)
            assert (await before.intake.receive(raw(b"zero"))).answer is Answer.ACCEPTED
            await before.intake.sealed.save(broker, SEALED_GROUP, RAW)
            before.crash_at = step
            with pytest.raises(Crash):
                await before.intake.receive(raw(b"one", 1_800_000_001_000_000))
            after = Process(broker)
            await after.start()
            assert after.pipeline.processed == [b"zero", b"one"]
            assert set(events_of(broker)) == {raw(b"zero").sha256, raw(b"one").sha256}
            assert events_of(broker).count(raw(b"zero").sha256) == 1
            assert (await after.intake.receive(raw(b"one"))).answer is Answer.DUPLICATE
            assert len(broker.topics[RAW]) == 2
            assert broker.groups[SEALED_GROUP, RAW] == {0: 2}

        asyncio.run(play())

    def test_a_lost_key_stops_the_start_only_for_what_was_not_sealed(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            before = Process(broker)
            await before.intake.receive(raw(b"zero"))
            other = RawKeys({"p2": b"k" * 32}, "p2")
            with pytest.raises(Misconfigured, match="p1:pruh-adt:20270115"):
                await Process(broker, keys=other).start()
            await before.intake.sealed.save(broker, SEALED_GROUP, RAW)
            await Process(broker, keys=other).start()

        asyncio.run(play())


class TestSealedThrough:
    """The mark never passes what is not sealed."""

    def test_gaps_hold_it_until_they_close(self) -> None:
        mark = SealedThrough({0: 5})
        mark.settled(Placed(0, 7))
        mark.settled(Placed(0, 6))
        assert mark.marks == {0: 5}
        mark.settled(Placed(0, 5))
        assert mark.marks == {0: 8}

    def test_idle_closes_gaps_that_nobody_will_fill(self) -> None:
        mark = SealedThrough()
        mark.settled(Placed(3, 9))
        mark.idle()
        assert mark.marks == {3: 10}


class TestEnvelope:
    """Sealed bytes open only as what they were."""

    def test_opens_as_it_was(self) -> None:
        message = RawMessage("lbb", b"\x00bytes", 1_800_000_000_000_000, "name", "id-1", 3, "text/csv")
        record = seal_raw(message, KEYS)
        assert unseal_raw(record, KEYS) == message
        assert record["key_id"] == "p1:lbb:20270115"

    @pytest.mark.parametrize(
        "field", ["partner", "sha256", "received_at", "name", "index", "message_id", "nonce", "sealed"]
    )
    def test_an_altered_record_does_not_open(self, field: str) -> None:
        record = seal_raw(raw(b"body"), KEYS)
        value = record[field]
        record[field] = (
            value + 1 if isinstance(value, int) else value[:-1] + (b"?" if isinstance(value, bytes) else "?")
        )
        with pytest.raises(KeyLost):
            unseal_raw(record, KEYS)

    def test_another_day_is_another_key(self) -> None:
        assert KEYS.data_key("p1:lbb:20270115") != KEYS.data_key("p1:lbb:20270116")


class TestQuarantine:
    """Operators close refusals; the bytes are read only for a reason."""

    def test_listed_redriven_and_gone(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            await process.intake.receive(raw(b"refuse me"))
            quarantine = Quarantine(broker, broker)
            (refused,) = await quarantine.open_refusals("pruh-adt", "BAD_DATE")
            assert (refused.partner, refused.where) == ("pruh-adt", "EVN-6")
            mended = FakePipeline()
            mended.process = lambda message: process.pipeline.__class__().process(  # type: ignore[method-assign]
                RawMessage(message.partner, b"mended", message.received_at)
            )
            short = refused.quarantine_id[:8]
            outcome = await quarantine.redrive(
                short, process.archive, mended, process.publisher, "date rule fixed", "ops"
            )
            assert outcome.kind == "accepted"
            assert len(events_of(broker)) == 1
            assert await quarantine.open_refusals() == []

        asyncio.run(play())

    def test_refused_again_stays_open_and_discard_closes(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            await process.intake.receive(raw(b"refuse me"))
            quarantine = Quarantine(broker, broker)
            (refused,) = await quarantine.open_refusals()
            await quarantine.redrive(
                refused.quarantine_id, process.archive, FakePipeline(), process.publisher, "try", "ops"
            )
            assert len(await quarantine.open_refusals()) == 1
            with pytest.raises(Misconfigured):
                await quarantine.discard(refused.quarantine_id, "", "ops")
            await quarantine.discard(refused.quarantine_id, "test message", "ops")
            assert await quarantine.open_refusals() == []

        asyncio.run(play())

    def test_the_archive_does_not_open_without_a_reason(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            await process.intake.receive(raw(b"one"))
            with pytest.raises(Misconfigured):
                await process.archive.open_raw(Placed(0, 0), " ", "ops")
            assert (await process.archive.open_raw(Placed(0, 0), "incident 7", "ops")).body == b"one"

        asyncio.run(play())

    def test_a_shrunken_file_that_was_redriven_is_let_through_from_then_on(self) -> None:
        async def play() -> None:
            broker = FakeBroker()
            process = Process(broker)
            pipeline = process.pipeline
            held = Said("quarantined", refusals=(Refusal("FILE_SHRUNKEN"),), units={("quarantined", ""): 1})
            pipeline.always = held
            await process.intake.receive(raw(b"half the list"))
            quarantine = Quarantine(broker, broker)
            assert await quarantine.let_through() == {}
            (refused,) = await quarantine.open_refusals()
            taken = FakePipeline()
            await quarantine.redrive(
                refused.quarantine_id, process.archive, taken, process.publisher, "ward closed", "ops"
            )
            digest = raw(b"half the list").sha256
            assert await quarantine.let_through() == {"pruh-adt": {digest}}
            assert [found async for found in _first(quarantine.letting_through())] == [("pruh-adt", digest)]

        asyncio.run(play())


async def _first(found: AsyncIterator[tuple[str, str]]) -> AsyncIterator[tuple[str, str]]:
    async for one in found:
        yield one
        return
