"""A long stay of a chatty system: thousands of A08s are a person like others (lessons.md §4.4)."""

from __future__ import annotations

import json

from schemas.catalogue import VIEW_TRANSFER, topic_of
from schemas.codec import decode, encode
from schemas.samples import sample
from streams.agents.person import PersonFold
from streams.core.config import CoreConfig
from streams.core.state.codec import MOST_BYTES
from streams.engine.types import Flush, Record

KEY = "p1:" + "A" * 26
AMENDMENTS, AT_ONCE = 3_000, 500
START_US = 1_767_225_600_000_000
MINUTE_US = 60_000_000


def amendment(number: int) -> Record:
    """One A08: another expected discharge each time."""
    at = START_US + number * MINUTE_US
    row = dict(sample("SpellAmended")) | {
        "event_id": f"{number:08x}-0000-5000-8000-000000000000", "person_key": KEY, "local_key": None,
        "thing": "stay", "instance": "", "content_tag": f"{number:016x}", "occurred_at": at,
        "recorded_at": at, "received_at": at, "expected_discharge_at": at + 1_000_000,
    }  # fmt: skip
    return Record(KEY.encode(), encode("SpellAmended", row), (), 0, number, 0)


def expected_of(flush: Flush) -> str:
    """The expected discharge its view says."""
    (view,) = (output for output in flush.outputs if output.topic == VIEW_TRANSFER)
    _, record = decode(view.value or b"")
    assert record["status"] == "alive"
    (spell,) = (row for row in map(json.loads, record["lines"]) if row["view"] == "spell")
    return str(spell["expected_discharge_at"])


def test_three_thousand_amendments_are_shown_in_small_records_and_read_back() -> None:
    fold = PersonFold(CoreConfig())
    changelog: dict[bytes, bytes | None] = {}
    for first in range(0, AMENDMENTS, AT_ONCE):
        fold.fold(topic_of("SpellAmended"), [amendment(n) for n in range(first, first + AT_ONCE)])
        flush = fold.cut(0)
        changelog |= dict(flush.changelog)
        assert max(len(value or b"") for _, value in flush.changelog) <= MOST_BYTES + 64
    assert expected_of(flush) == "2026-01-03T01:59:01Z"

    successor = PersonFold(CoreConfig())
    successor.restore(list(changelog.items()))
    successor.restored()
    successor.fold(topic_of("SpellAmended"), [amendment(AMENDMENTS)])
    assert expected_of(successor.cut(0)) == "2026-01-03T02:00:01Z"
