"""Many messages under way at once: carried in groups, each in its place, each yes true."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from connectors.archive import Archive, SealedThrough
from connectors.belt import Belt
from connectors.envelope import RawKeys
from connectors.intake import Intake
from connectors.message import RawMessage
from connectors.ports import Headers, Placed
from connectors.publisher import Publisher
from connectors.verdict import Answer, Verdict
from runtime.errors import Transient
from runtime.metrics import Metrics
from runtime.pseudonym import KeyRing
from schemas.catalogue import QUARANTINE, raw_topic
from tests.connectors.process.parts import EVENTS, FakeBroker, FakePipeline, Said

RAW = raw_topic("pruh-adt")
MANY = 40


def raw(number: int, word: str = "message") -> RawMessage:
    return RawMessage("pruh-adt", f"{word} {number}".encode(), 1_800_000_000_000_000 + number)


def intake(broker: FakeBroker, answer_seconds: float = 5) -> Intake:
    archive = Archive("pruh-adt", RawKeys.of_ring(KeyRing.offline()), broker, broker)
    publisher = Publisher(broker, Metrics())
    return Intake(
        FakePipeline(), archive, publisher, SealedThrough(), meter=Metrics(), answer_seconds=answer_seconds
    )


async def received(desk: Intake, messages: Sequence[RawMessage]) -> list[Verdict]:
    """What all are answered, handed in at once in this order."""
    return await asyncio.gather(*map(desk.receive, messages))


def events_of(broker: FakeBroker) -> list[str]:
    return [record["event_id"] for record in broker.records(EVENTS)]


def shas(messages: Sequence[RawMessage]) -> list[str]:
    return [message.sha256 for message in messages]


class StrictBroker(FakeBroker):
    """Takes an event only when the message it is of is archived."""

    async def publish(
        self, topic: str, key: str | bytes | None, value: bytes | None, headers: Headers = ()
    ) -> Placed:
        if topic == EVENTS:
            archived = {stored.key for stored in self.topics.get(RAW, [])}
            assert dict(headers)["ce_id"] in archived, "events before the archive"
        return await super().publish(topic, key, value, headers)


class EarlierWord(FakePipeline):
    """Knows "earlier" messages as duplicates that were recorded before: their first coming says something."""

    def process(self, raw: RawMessage) -> Said:
        fresh = b"earlier" in raw.body and raw.body not in self.seen
        said = super().process(raw)
        return replace(said, kind="duplicate", cause="requeued") if fresh else said


class TestManyAtOnce:
    """One intake, many messages."""

    def test_events_stand_in_the_order_of_arrival_and_few_requests_carry_them(self) -> None:
        broker, messages = StrictBroker(), [raw(n) for n in range(MANY)]
        desk = intake(broker)
        verdicts = asyncio.run(received(desk, messages))
        assert {verdict.answer for verdict in verdicts} == {Answer.ACCEPTED}
        assert events_of(broker) == shas(messages)
        assert desk.sealed.marks == {0: MANY}
        assert len(broker.handed) < MANY / 4
        assert max(map(len, broker.handed)) > MANY / 2

    def test_order_holds_for_those_who_waited_for_what_was_owed(self) -> None:
        async def play() -> None:
            broker, messages = StrictBroker(), [raw(n) for n in range(MANY)]
            desk = intake(broker)
            broker.down = {EVENTS}
            first = await received(desk, messages[:10])
            assert {verdict.answer for verdict in first} == {Answer.UNAVAILABLE}
            broker.down = set()
            early = [asyncio.create_task(desk.receive(message)) for message in messages[10:20]]
            while len(broker.topics.get(EVENTS, ())) < 10:
                await asyncio.sleep(0)
            late = []
            for message in messages[20:]:
                late.append(asyncio.create_task(desk.receive(message)))
                await asyncio.sleep(0)
            assert {v.answer for v in await asyncio.gather(*early, *late)} == {Answer.ACCEPTED}
            assert events_of(broker) == shas(messages)
            assert desk.sealed.marks == {0: MANY}

        asyncio.run(play())

    def test_one_that_fails_is_a_no_for_itself_alone_and_the_mark_waits_for_it(self) -> None:
        async def play() -> None:
            broker, messages = StrictBroker(), [raw(n) for n in range(5)]
            desk = intake(broker)
            broker.down_keys = {messages[2].sha256}
            answers = [verdict.answer for verdict in await received(desk, messages)]
            assert answers == [*[Answer.ACCEPTED] * 2, Answer.UNAVAILABLE, *[Answer.ACCEPTED] * 2]
            assert len(broker.topics[RAW]) == 4
            broker.down_keys = set()
            assert (await desk.receive(messages[2])).answer is Answer.DUPLICATE
            assert sorted(events_of(broker)) == sorted(shas(messages))

        asyncio.run(play())

    def test_the_mark_does_not_pass_a_message_whose_events_failed_among_others(self) -> None:
        async def play() -> None:
            broker = StrictBroker()
            desk = intake(broker)
            broker.down = {QUARANTINE}
            answers = [v.answer for v in await received(desk, [raw(0), raw(1, "refuse"), raw(2)])]
            assert answers == [Answer.ACCEPTED, Answer.UNAVAILABLE, Answer.ACCEPTED]
            assert desk.sealed.marks == {0: 1}
            broker.down = set()
            await desk.finish()
            assert desk.sealed.marks == {0: 3}
            assert len(broker.topics[QUARANTINE]) == 1

        asyncio.run(play())

    def test_what_a_duplicate_says_is_owed_where_its_original_is(self) -> None:
        """The window knows it by then: its re-send says nothing any more."""

        async def play() -> None:
            broker, original, duplicate = StrictBroker(), raw(0), raw(1, "earlier")
            desk = intake(broker)
            desk.pipeline = EarlierWord()
            broker.down = {EVENTS}
            answers = [verdict.answer for verdict in await received(desk, [original, duplicate])]
            assert answers == [Answer.UNAVAILABLE, Answer.UNAVAILABLE]
            broker.down = set()
            assert (await desk.receive(duplicate)).answer is Answer.DUPLICATE
            assert events_of(broker) == shas([original, duplicate])

        asyncio.run(play())

    def test_resends_of_what_is_under_way_wait_for_it_and_not_for_each_other(self) -> None:
        async def play() -> None:
            broker = StrictBroker()
            desk = intake(broker)
            gate = broker.slow[EVENTS] = asyncio.Event()
            work = [asyncio.create_task(desk.receive(raw(7))) for _ in range(MANY)]
            await asyncio.sleep(0.02)
            assert not any(task.done() for task in work)
            gate.set()
            answers = [verdict.answer for verdict in await asyncio.gather(*work)]
            assert answers == [Answer.ACCEPTED, *[Answer.DUPLICATE] * (MANY - 1)]
            assert events_of(broker) == [raw(7).sha256]
            assert len(broker.topics[RAW]) == 1

        asyncio.run(play())

    def test_given_up_while_its_group_is_under_way_is_written_once(self) -> None:
        async def play() -> None:
            broker, messages = StrictBroker(), [raw(n) for n in range(3)]
            desk = intake(broker, answer_seconds=0.05)
            gate = broker.slow[RAW] = asyncio.Event()
            assert {v.answer for v in await received(desk, messages)} == {Answer.UNAVAILABLE}
            gate.set()
            await desk.finish()
            assert [stored.key for stored in broker.topics[RAW]] == [s.encode() for s in shas(messages)]
            assert events_of(broker) == shas(messages)
            assert desk.sealed.marks == {0: 3}

        asyncio.run(play())


class Carrier:
    """Carries words; keeps its groups; fails on given ones; waits where told."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.gate = asyncio.Event()

    async def __call__(self, items: Sequence[str]) -> list[BaseException | None]:
        self.groups.append(list(items))
        await self.gate.wait()
        if "bug" in items:
            raise KeyError("bug")
        return [Transient(item) if item.startswith("no") else None for item in items]


class TestBelt:
    """What waits together goes together."""

    def test_what_comes_meanwhile_is_the_next_group_up_to_the_most(self) -> None:
        async def play() -> None:
            carrier = Carrier()
            belt = Belt(carrier, most=3)
            first = asyncio.create_task(belt.put("a"))
            await asyncio.sleep(0.01)
            rest = [asyncio.create_task(belt.put(word)) for word in ("b", "no", "d", "e")]
            await asyncio.sleep(0.01)
            rest[2].cancel()
            carrier.gate.set()
            await first
            ends = await asyncio.gather(*rest, return_exceptions=True)
            assert carrier.groups == [["a"], ["b", "no", "e"]]
            assert [type(end).__name__ for end in ends] == [
                "NoneType", "Transient", "CancelledError", "NoneType"
            ]  # fmt: skip

        asyncio.run(play())

    def test_a_bug_is_heard_by_all_of_its_group_and_the_belt_goes_on(self) -> None:
        async def play() -> None:
            carrier = Carrier()
            carrier.gate.set()
            belt = Belt(carrier)
            ends = await asyncio.gather(belt.put("a"), belt.put("bug"), return_exceptions=True)
            assert [type(end) for end in ends] == [KeyError, KeyError]
            await belt.put("b")

        asyncio.run(play())

    @pytest.mark.parametrize("times", [1, 3])
    def test_an_idle_belt_carries_at_once(self, times: int) -> None:
        async def play() -> None:
            carrier = Carrier()
            carrier.gate.set()
            belt = Belt(carrier)
            for number in range(times):
                await belt.put(str(number))
            assert carrier.groups == [[str(number)] for number in range(times)]

        asyncio.run(play())
