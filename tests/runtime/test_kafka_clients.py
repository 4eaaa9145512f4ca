"""The producer, the reader and the administration of topics, on each broker."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from crc32c import crc32c
from kafka.record.util import calc_crc32c

from runtime.brokers.detect import detect
from runtime.brokers.kafka import KafkaBroker
from runtime.errors import Misconfigured, Transient
from runtime.kafka.acls import apply_rules, rules
from runtime.kafka.admin import Wanted, cluster, wanted_topics
from runtime.kafka.producer import Producer
from runtime.kafka.reader import Reader, has_layout
from runtime.settings import load_settings
from schemas.errors import ContractViolation


def topic_on(bed: Any, partitions: int = 3) -> str:
    """A new topic."""
    name = str(bed.name("clients"))
    with cluster(bed.bootstrap) as found:
        found.apply(found.plan([Wanted(name, partitions, 1)]))
    return name


def test_every_record_is_acknowledged_once_and_read_back_in_order(bed: Any) -> None:
    topic = topic_on(bed)

    async def go() -> None:
        async with Producer(bed.bootstrap) as producer:
            places = await asyncio.gather(
                *(producer.publish(topic, f"key{n % 7}", str(n).encode(), {"n": str(n)}) for n in range(500))
            )
        assert len({(p.partition, p.offset) for p in places}) == 500
        async with Reader(bed.bootstrap, [topic], bed.traits) as reader:
            found = [message async for batch in reader.to_end() for message in batch]
            assert reader.caught_up
        assert sorted(int(m.value or b"") for m in found) == list(range(500))
        assert dict(found[0].headers)["n"] == found[0].value
        for key in {m.key for m in found}:
            of_key = [int(m.value or b"") for m in found if m.key == key]
            assert of_key == sorted(of_key)

    asyncio.run(go())


def test_a_record_too_large_is_a_verdict_not_a_retry(bed: Any) -> None:
    topic = topic_on(bed)

    async def go() -> None:
        async with Producer(bed.bootstrap) as producer:
            with pytest.raises(ContractViolation, match="TOO_LARGE"):
                await producer.publish(topic, "k", b"x" * 2_000_000)
            assert (await producer.publish(topic, "k", b"x")).topic == topic

    asyncio.run(go())


def test_records_handed_over_together_keep_their_order_and_each_has_its_end(bed: Any) -> None:
    topic = topic_on(bed)
    words = [b"%d" % n for n in range(300)]

    async def go() -> None:
        async with Producer(bed.bootstrap) as producer:
            records = [(topic, b"k%d" % (int(word) % 7), word, ()) for word in words]
            large = (topic, b"k", b"x" * 2_000_000, ())
            parts = [*records[:50], large, *records[50:100]], records[100:]
            first, second = await asyncio.gather(*map(producer.publish_all, parts))
            assert isinstance(first.pop(50), ContractViolation)
            assert await producer.publish_all([]) == []
        async with Reader(bed.bootstrap, [topic], bed.traits) as reader:
            found = [message async for batch in reader.to_end() for message in batch]
        placed = {(m.partition, m.offset): m.value for m in found}
        assert [placed[end.partition, end.offset] for end in [*first, *second]] == words
        for key in {m.key for m in found}:
            of_key = [int(m.value or b"") for m in found if m.key == key]
            assert of_key == sorted(of_key)

    asyncio.run(go())


def test_checksums_are_worked_out_in_c() -> None:
    assert calc_crc32c.__defaults__ == (crc32c,), "in Python they are most of what a producer does"


def test_the_reader_sees_the_end_of_an_empty_topic(bed: Any) -> None:
    topic = topic_on(bed, partitions=2)

    async def go() -> None:
        async with Reader(bed.bootstrap, [topic], bed.traits) as reader:
            assert [batch async for batch in reader.to_end()] == []

    asyncio.run(asyncio.wait_for(go(), 60))


def test_following_hands_out_what_comes_later(bed: Any) -> None:
    topic = topic_on(bed, partitions=1)

    async def go() -> list[bytes | None]:
        got: list[bytes | None] = []
        async with Producer(bed.bootstrap) as producer, Reader(bed.bootstrap, [topic], bed.traits) as reader:
            await producer.publish(topic, "k", b"before")
            async for batch in reader.follow():
                got += [message.value for message in batch]
                if len(got) == 1 and reader.caught_up:
                    await producer.publish(topic, "k", b"after")
                if len(got) == 2:
                    return got
        return got

    assert asyncio.run(asyncio.wait_for(go(), 60)) == [b"before", b"after"]


def test_since_leaves_older_records_out(bed: Any) -> None:
    topic = topic_on(bed, partitions=1)

    async def go() -> list[bytes | None]:
        async with Producer(bed.bootstrap) as producer:
            await producer.publish(topic, "k", b"old")
            await asyncio.sleep(0.05)
            middle = (await producer.publish(topic, "k", b"new")).timestamp
        async with Reader(bed.bootstrap, [topic], bed.traits, since_ms=middle) as reader:
            return [message.value async for batch in reader.to_end() for message in batch]

    assert asyncio.run(go()) == [b"new"]


def test_a_broker_that_is_away_is_transient() -> None:
    async def go() -> None:
        async with Producer("127.0.0.1:1", delivery_ms=1000) as producer:
            with pytest.raises(Transient):
                await producer.publish("any", "k", b"v")

    asyncio.run(go())


@pytest.mark.kafka
def test_a_reader_of_a_missing_topic_is_told_what_to_do(kafka_bed: Any) -> None:
    async def go() -> None:
        async with Reader(kafka_bed.bootstrap, [kafka_bed.name("missing")], kafka_bed.traits):
            pass

    with pytest.raises(Misconfigured, match="topics apply"):
        asyncio.run(go())


def test_applied_topics_differ_in_nothing(bed: Any) -> None:
    settings = load_settings()
    wanted = wanted_topics([bed.name("partner")], settings)
    with cluster(bed.bootstrap) as found:
        found.apply(found.plan(wanted))
        assert found.plan(wanted) == []


def test_settings_are_corrected_and_partition_counts_refused(bed: Any) -> None:
    name = bed.name("planned")
    want = Wanted(name, 2, 1, {"retention.ms": "86400000"})
    with cluster(bed.bootstrap) as found:
        found.apply(found.plan([want]))
        other = replace(want, configs={"retention.ms": "172800000"})
        assert [c.action for c in found.plan([other])] == ["configure"]
        found.apply(found.plan([other]))
        assert found.plan([other]) == []
        with pytest.raises(Misconfigured, match="has 2 partitions, not 3"):
            found.apply(found.plan([replace(other, partitions=3)]))
        with pytest.raises(Misconfigured, match="must have 6 partitions"):
            found.check_partitions([name], 6)


@pytest.mark.kafka
@pytest.mark.fault
def test_publishing_goes_on_after_the_broker_was_killed(brokers: Any) -> None:
    """What was acknowledged is there; what was not is Transient, or was written late: never silence."""
    node = KafkaBroker(brokers.cache)
    try:
        node.start()
        with cluster(node.bootstrap) as found:
            found.apply(found.plan([Wanted("kept", 1, 1)]))
        acked, refused, there = asyncio.run(publish_over_a_kill(node))
    finally:
        node.close()
    assert refused > 0
    assert acked[0] == 0
    assert acked[-1] == "after"
    assert set(map(str, acked)) <= {(value or b"").decode() for value in there}


async def publish_over_a_kill(node: KafkaBroker) -> tuple[list[Any], int, list[bytes | None]]:
    """Publish one after the other, kill -9 the broker in between, start it again, publish once more."""
    acked: list[Any] = []
    refused = 0
    async with Producer(node.bootstrap, delivery_ms=1500) as producer:
        for n in range(10):
            if n == 5:
                await asyncio.to_thread(node.kill)
            try:
                await producer.publish("kept", "k", str(n).encode())
                acked.append(n)
            except Transient:
                refused += 1
            if n == 7:
                await asyncio.to_thread(node.start)
        for _ in range(30):
            try:
                await producer.publish("kept", "k", b"after")
            except Transient:
                continue
            acked.append("after")
            break
    async with Reader(node.bootstrap, ["kept"], node.traits) as reader:
        return acked, refused, [m.value async for batch in reader.to_end() for m in batch]


@pytest.mark.kafka
@pytest.mark.slow
def test_access_rules_are_made_where_there_is_an_authoriser(brokers: Any) -> None:
    authoriser = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
    properties = {"authorizer.class.name": authoriser, "super.users": "User:ANONYMOUS"}
    node = KafkaBroker(brokers.cache, properties=properties)
    try:
        node.start()
        assert detect(node.bootstrap).has_authoriser
        wanted = wanted_topics(["pruh-adt"], load_settings())
        with cluster(node.bootstrap) as found:
            assert apply_rules(found, wanted) == apply_rules(found, wanted) > len(wanted)
    finally:
        node.close()


def test_access_rules_say_what_the_catalogue_says() -> None:
    wanted = [Wanted("topic", 1, 1, producers=("connectors",), consumers=("worker", "board"))]
    given = {
        (rule.principal, rule.operation.name)
        for rule in rules(wanted)
        if rule.resource_pattern.resource_name == "topic"
    }
    assert given == {
        *(("User:connectors", operation) for operation in ("WRITE", "DESCRIBE")),
        *((f"User:{role}", operation) for role in ("worker", "board") for operation in ("READ", "DESCRIBE")),
    }


@pytest.mark.kafka
def test_a_broker_that_takes_less_than_the_catalogue_says_spends_no_later_record(kafka_bed: Any) -> None:
    """Its refusal is fatal to an idempotent client: the next record has another."""
    topic = kafka_bed.name("narrow")
    with cluster(kafka_bed.bootstrap) as found:
        new = {"num_partitions": 1, "replication_factor": 1, "configs": {"max.message.bytes": "5000"}}
        found.client.create_topics({topic: new}, wait_for_metadata=True)

    async def go() -> None:
        async with Producer(kafka_bed.bootstrap) as producer:
            with pytest.raises(ContractViolation, match="TOO_LARGE"):
                await producer.publish(topic, "k", b"x" * 50_000)
            assert (await producer.publish(topic, "k", b"x")).topic == topic

    asyncio.run(go())


class StartingCluster:
    """A client of a broker that answers, and names no brokers for so many updates."""

    def __init__(self, updates: int) -> None:
        self.cluster, self.updates = self, updates

    def brokers(self) -> list[int]:
        return [] if self.updates > 0 else [1]

    async def force_metadata_update(self) -> None:
        self.updates -= 1


def test_a_broker_just_started_is_asked_again_and_not_said_to_lack_topics() -> None:
    starting = StartingCluster(2)
    asyncio.run(has_layout(starting))
    assert starting.updates == 0
    with pytest.raises(Transient, match="names no brokers"):
        asyncio.run(has_layout(StartingCluster(10**6), patience_s=0.1))
