"""The load of the benches: events as the connectors publish them, headers and all, on one topic.

In: how many persons. Out: records acknowledged on the topic, and what they look like (size, headers, share of
A08s, share out of order), which goes into the results beside the rates.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from kafka import KafkaProducer

from schemas.codec import encode
from schemas.headers import headers
from schemas.ids import event_id
from schemas.samples import sample

COURSE = (
    "SpellAdmitted", "SpellAmended", "PathwaySet", "SpellAmended", "SpellTransferred",
    "SpellAmended", "SpellAmended", "ExpectedDischargeSet", "SpellAmended", "CriteriaToResideAssessed",
    "SpellAmended", "SpellTransferred", "CriteriaToResideAssessed", "SpellAmended", "SpellAmended",
    "DelayReasonSet", "SpellAmended", "SpellTransferred", "SpellAmended", "ExpectedDischargeSet",
    "SpellAmended", "CriteriaToResideAssessed", "DischargePending", "SpellAmended", "SpellDischarged",
)  # fmt: skip
"""One person's events in the order they happen: 12 of 25 are what an A08 says (48 %, as in a live feed)."""
AMENDED = "SpellAmended"
OUT_OF_ORDER = 0.01
START_US = 1_767_225_600_000_000  # 2026-01-01
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
_HISTORIES = frozenset({"CriteriaToResideAssessed", "ExpectedDischargeSet", "DelayReasonSet"})


class Published(NamedTuple):
    """One event ready for a topic."""

    kind: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def person_key(number: int) -> str:
    """A pseudonym-like key."""
    return f"p1:{number:026d}"


def spell(number: int) -> str:
    """A spell id as long as the real ones, told by the person's number."""
    return f"{number:08x}-5be1-5be1-5be1-5be15be15be1"


def order(persons: int) -> Iterator[tuple[int, int]]:
    """(step, person) of every event: all persons' first, then all second …; one in a hundred swapped with
    the same person's next.
    """
    chance = random.Random(7)
    swapped: set[int] = set()
    for step in range(len(COURSE)):
        now, swapped = swapped, set()
        for person in range(persons):
            if person in now:
                yield step - 1, person
            elif step + 1 < len(COURSE) and chance.random() < OUT_OF_ORDER:
                swapped.add(person)
                yield step + 1, person
            else:
                yield step, person


def event(step: int, person: int, persons: int, bases: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The record of one step of one person's course."""
    kind = COURSE[step]
    at = START_US + step * 3 * HOUR_US + person * 3 * HOUR_US // persons
    record = dict(bases[kind]) | {
        "event_id": event_id("bench", f"{person}-{step}", "", kind), "partner": bases[COURSE[0]]["partner"],
        "person_key": person_key(person), "local_key": None, "thing": spell(person), "instance": "",
        "occurred_at": at, "recorded_at": at, "received_at": at + MINUTE_US, "content_tag": f"{step:016x}",
    }  # fmt: skip
    if kind == "SpellTransferred":
        record |= {"instance": f"m{step}", "bed": str(step)}
    elif kind == AMENDED:
        record["expected_discharge_at"] = START_US + (100 + step) * HOUR_US
    elif kind in _HISTORIES:
        record["instance"] = str(at)
    return record


def published(persons: int) -> Iterator[Published]:
    """Every event of so many persons, encoded."""
    bases = {kind: sample(kind) for kind in COURSE}
    for step, person in order(persons):
        record = event(step, person, persons, bases)
        yield _publish(COURSE[step], record)


def courses(persons: range, of: int) -> Iterator[Published]:
    """The whole courses of some of `of` persons, each in its order."""
    bases = {kind: sample(kind) for kind in COURSE}
    for person in persons:
        for step, kind in enumerate(COURSE):
            yield _publish(kind, event(step, person, of, bases))


def _publish(kind: str, record: dict[str, Any]) -> Published:
    pairs = [(name, text.encode()) for name, text in headers(kind, record, record["person_key"]).items()]
    return Published(kind, record["person_key"].encode(), encode(f"{kind}.v1", record), pairs)


def fill(bootstrap: str, topic: str, partitions: int, persons: int) -> dict[str, Any]:
    """Publish every event of so many persons; returns the description of the load."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, batch_size=262_144)
    sizes = header_sizes = count = amended = 0
    pairs: list[tuple[str, bytes]] = []
    for kind, key, value, pairs in published(persons):
        producer.send(topic, key=key, value=value, headers=pairs)
        sizes, count = sizes + len(value), count + 1
        header_sizes += sum(len(name) + len(text) for name, text in pairs)
        amended += kind == AMENDED
    producer.flush()
    producer.close()
    return {
        "events": count,
        "persons": persons,
        "partitions": partitions,
        "value_bytes_mean": round(sizes / count),
        "header_count": len(pairs),
        "header_bytes_mean": round(header_sizes / count),
        "a08_share": round(amended / count, 3),
        "out_of_order_share": OUT_OF_ORDER,
    }
