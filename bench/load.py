"""The load of the engine bench: hospital events as the connectors publish them, headers and all, on one
topic.

In: how many persons and events. Out: records acknowledged on the topic, and what they look like (size,
headers, share out of order), which goes into the results beside the rates.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from schemas.catalogue import FORWARD, NOTICE_OWED, QUARANTINE, VIEW_TRANSFER
from schemas.codec import encode
from schemas.headers import headers
from schemas.ids import event_id
from schemas.samples import sample

COURSE = (
    "SpellAdmitted",
    "SpellTransferred",
    "SpellAmended",
    "SpellTransferred",
    "SpellTransferred",
    "SpellDischarged",
)
"""One person's events, in the order they happen."""
OUT_OF_ORDER = 0.03
START_US = 1_767_225_600_000_000  # 2026-01-01
MINUTE_US = 60_000_000


def person_key(number: int) -> str:
    """A pseudonym-like key."""
    return f"p1:{number:026d}"


def events(persons: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """(kind, record) of every event: all persons' first, then all their second …, some neighbours swapped."""
    bases = {kind: sample(kind) for kind in COURSE}
    rows = []
    for step, kind in enumerate(COURSE):
        for person in range(persons):
            at = START_US + (step * persons + person) * MINUTE_US // 50
            row = dict(bases[kind]) | {
                "event_id": event_id("bench", f"{person}-{step}", "", kind),
                "person_key": person_key(person), "local_key": None, "thing": f"spell-{person}",
                "instance": f"m{step}" if kind == "SpellTransferred" else "",
                "occurred_at": at, "recorded_at": at, "received_at": at + MINUTE_US,
            }  # fmt: skip
            rows.append((kind, row))
    chance = random.Random(7)
    for index in range(len(rows) - persons):
        if chance.random() < OUT_OF_ORDER:
            rows[index], rows[index + persons] = rows[index + persons], rows[index]
    return iter(rows)


def fill(bootstrap: str, topic: str, partitions: int, persons: int) -> dict[str, Any]:
    """Create the topic and publish; returns the description of the load."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    outputs = (VIEW_TRANSFER, FORWARD, NOTICE_OWED, QUARANTINE)
    admin.create_topics([NewTopic(name, partitions, 1) for name in (topic, *outputs)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, batch_size=262_144)
    sizes, header_sizes, count = 0, 0, 0
    for kind, record in events(persons):
        value = encode(f"{kind}.v1", record)
        pairs = [(n, t.encode()) for n, t in headers(kind, record, record["person_key"]).items()]
        producer.send(topic, key=record["person_key"].encode(), value=value, headers=pairs)
        sizes, header_sizes, count = (
            sizes + len(value),
            header_sizes + sum(len(v) for _, v in pairs),
            count + 1,
        )
    producer.flush()
    producer.close()
    return {
        "events": count,
        "persons": persons,
        "partitions": partitions,
        "value_bytes_mean": round(sizes / count),
        "header_count": len(pairs),
        "header_bytes_mean": round(header_sizes / count),
        "out_of_order_share": OUT_OF_ORDER,
    }
