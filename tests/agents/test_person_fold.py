"""The partition fold in a log of its own making: three partitions, cuts, crashes between any two steps, and
the same persons after all.
"""

from __future__ import annotations

import random
import zlib
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.catalogue import FORWARD, NOTICE_OWED, QUARANTINE, VIEW_TRANSFER, topic_of
from schemas.codec import decode, encode, record_from_fact
from streams.agents.person import PersonFold
from streams.core.config import CoreConfig, RecipientRule
from streams.core.reduce import reduce_person
from streams.core.state.network import Network
from streams.engine.types import Record
from tests.core.identity.histories import fact, histories

CONFIG = CoreConfig(recipients=(RecipientRule("council", "Council"),))
PARTITIONS = 3


def partition_of(key):
    return zlib.crc32(key) % PARTITIONS


class Log:
    """Topics as lists; what was sent stays sent."""

    def __init__(self, facts):
        self.sources = defaultdict(list)
        self.views: dict[bytes, bytes | None] = {}
        self.sent = defaultdict(list)
        for item in facts:
            self.append(topic_of(item.kind), item.key.encode(), encode(item.kind, record_from_fact(item)))

    def append(self, topic, key, value):
        partition = partition_of(key)
        queue = self.sources[topic, partition]
        queue.append(Record(key, value, (), partition, len(queue), 1_700_000_000_000))

    def publish(self, outputs):
        for output in outputs:
            if output.topic == FORWARD:
                self.append(FORWARD, output.key, output.value)
            elif output.topic == VIEW_TRANSFER:
                self.views[output.key] = output.value
            self.sent[output.topic].append(output)

    def shown(self):
        """Key -> what the view topic says of it after compaction."""
        found = {}
        for key, value in self.views.items():
            if value is not None:
                _, view = decode(value)
                found[key.decode()] = (view["status"], view["merged_into"], tuple(view["lines"]))
        return found


class Worker:
    """One partition with its changelog; `crash` forgets everything that was not flushed."""

    def __init__(self, log, partition, reduce=None):
        self.log, self.partition = log, partition
        self.arguments = (CONFIG,) if reduce is None else (CONFIG, reduce)
        self.changelog, self.applied, self.unpublished = [], {}, set()
        self.start()

    def start(self):
        self.fold, self.done = PersonFold(*self.arguments, decoded=2), dict(self.applied)
        self.fold.restore(self.changelog)
        self.fold.restored()
        self.log.publish(self.fold.republish(self.unpublished) if self.unpublished else [])

    def behind(self):
        return [
            t
            for (t, p), queue in self.log.sources.items()
            if p == self.partition and self.done.get(t, 0) < len(queue)
        ]

    def step(self, rnd):
        topics = self.behind()
        if topics:
            topic = rnd.choice(topics)
            first = self.done.get(topic, 0)
            records = self.log.sources[topic, self.partition][first : first + rnd.randint(1, 5)]
            self.fold.fold(topic, records)
            self.done[topic] = first + len(records)

    def flush(self, dies=""):
        flush = self.fold.cut(0)
        if dies == "before":
            return self.start()
        self.changelog += flush.changelog
        self.applied = dict(self.done)
        self.unpublished = {key for key, _ in flush.changelog}
        if dies == "outputs lost":
            return self.start()
        self.log.publish(flush.outputs)
        if dies == "not marked":
            return self.start()
        self.unpublished = set()
        return None


def run(facts, rnd, crashes):
    log = Log(facts)
    workers = [Worker(log, partition) for partition in range(PARTITIONS)]
    while any(worker.behind() or worker.done != worker.applied for worker in workers):
        worker = rnd.choice(workers)
        worker.step(rnd)
        if rnd.random() < 0.5:
            dies = (
                rnd.choice(("before", "outputs lost", "not marked")) if crashes and rnd.random() < 0.3 else ""
            )
            worker.flush(dies)
    for worker in workers:
        worker.flush()
    return log


def offline(facts):
    network = Network()
    network.take(facts)
    network.settle()
    return {
        v.person_key: (v.status, v.merged_into, tuple(line.decode() for line in v.lines))
        for v in network.views(CONFIG)
    }


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.integers(0, 10**6), st.booleans())
def test_live_lines_equal_offline_lines_whatever_crashes(facts, seed, crashes):
    assert run(facts, random.Random(seed), crashes).shown() == offline(facts)


def test_what_does_not_decode_is_quarantined_with_its_place_and_delays_nobody():
    log = Log([fact("a", "SpellAdmitted", "x", 1, local="x", thing="s1")])
    topic = topic_of("SpellAdmitted")
    good = log.sources[topic, partition_of(b"x")][0]
    bad = [
        Record(b"x", value, (), 1, at, 1_700_000_000_000)
        for at, value in ((7, b"garbage"), (8, b"\0\0\0\xff\xffrest"), (9, None), (10, good.value[:-1]))
    ]
    stranger = good._replace(key=b"y", offset=11)
    fold = PersonFold(CONFIG)
    fold.fold(topic, [*bad[:2], good, *bad[2:], stranger])
    fold.fold(FORWARD, [Record(b"x", b"\xc1", (), 1, 3, 0)])
    flush = fold.cut(0)
    refused = [decode(o.value)[1] for o in flush.outputs if o.topic == QUARANTINE]
    assert [(r["topic"], r["offset"], r["reason"]) for r in refused] == [
        (topic, 7, "UNDECODABLE"),
        (topic, 8, "UNKNOWN_SCHEMA"),
        (topic, 9, "UNDECODABLE"),
        (topic, 10, "UNDECODABLE"),
        (topic, 11, "BAD_VALUE"),
        (FORWARD, 3, "UNDECODABLE"),
    ]
    assert [o.key for o in flush.outputs if o.topic == VIEW_TRANSFER] == [b"x"]
    assert fold.cut(0)[:2] == ([], [])


def test_a_person_that_does_not_reduce_delays_nobody():
    def reduce(facts, config):
        facts = list(facts)
        if any(f.key == "x" for f in facts):
            raise ZeroDivisionError
        return reduce_person(facts, config)

    log = Log(
        [
            fact("a", "SpellAdmitted", "x", 1, local="x", thing="s1"),
            fact("b", "SpellAdmitted", "y", 1, local="y", thing="s2"),
        ]
    )
    workers = [Worker(log, p, reduce) for p in range(PARTITIONS)]
    for worker in workers:
        while worker.behind():
            worker.step(random.Random(0))
        worker.flush()
    assert {key: shown[0] for key, shown in log.shown().items()} == {"x": "parked", "y": "alive"}


def test_an_idle_cut_says_nothing_and_a_requeue_emits_nothing():
    item = fact("a", "SpellAdmitted", "x", 1, local="x", thing="s1", tag="t")
    fold = PersonFold(CONFIG)
    log = Log([item, fact("other id", "SpellAdmitted", "x", 1, local="x", thing="s1", tag="t")])
    first, second = log.sources[topic_of("SpellAdmitted"), partition_of(b"x")]
    fold.fold(topic_of("SpellAdmitted"), [first])
    assert fold.cut(0).outputs
    assert fold.cut(0)[:2] == ([], [])
    fold.fold(topic_of("SpellAdmitted"), [first, second])
    assert fold.cut(0)[:2] == ([], [])
    assert fold.size() == 1


def test_a_discharge_owes_its_notice_once_and_again_after_an_unpublished_cut():
    at = 1_700_000_000_000_000
    facts = [
        fact("a", "SpellAdmitted", "x", at, local="x", thing="s1", patient_class="I", visit_number="v"),
        fact("b", "SpellDischarged", "x", at + 1, local="x", thing="s1", patient_class="I", visit_number="v"),
    ]
    log = Log(facts)
    worker = Worker(log, partition_of(b"x"))
    while worker.behind():
        worker.step(random.Random(0))
    worker.flush("outputs lost")
    owed = log.sent[NOTICE_OWED]
    assert len(owed) == 1
    kind, record = decode(owed[0].value)
    assert (kind, record["person_key"], record["recipient"], record["occurred_at"]) == (
        "NoticeOwed",
        "x",
        "council",
        at + 1,
    )
    worker.flush()
    assert len(log.sent[NOTICE_OWED]) == 1


@pytest.mark.parametrize("decoded", [1, 100])
def test_states_at_rest_as_bytes_fold_on_as_if_they_had_stayed(decoded):
    facts = [
        fact(f"e{i}", "SpellAdmitted", f"k{i % 7}", i, local=f"k{i % 7}", thing=f"s{i % 3}")
        for i in range(60)
    ]
    fold, topic = PersonFold(CONFIG, decoded=decoded), topic_of("SpellAdmitted")
    for at, item in enumerate(facts):
        fold.fold(topic, [Record(item.key.encode(), encode(item.kind, record_from_fact(item)), (), 0, at, 0)])
        fold.cut(0)
    held = {
        key: sorted(f.id for s in fold.state(key.encode()).streams.values() for f in s.journal)
        for key in {f.key for f in facts}
    }
    assert held == {key: sorted(f.id for f in facts if f.key == key) for key in held}
