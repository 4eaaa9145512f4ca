"""Bounds in the worker: superseded words and ended things leave the changelog, what names a sealed thing goes
to quarantine with its place, and a successor has the same state (design.md §4 law 7, §6 State records).
"""

from __future__ import annotations

import json
from typing import Any

from schemas.catalogue import QUARANTINE, VIEW_TRANSFER, topic_of
from schemas.codec import decode, encode
from schemas.samples import sample
from streams.agents.person import PersonFold
from streams.core.config import DAY_US, CoreConfig
from streams.core.state.codec import next_due
from streams.engine.types import Flush, Record

KEY = "p1:" + "A" * 26
STAY = "5be15be1-0000-5000-8000-000000000000"
START_US = 1_767_225_600_000_000
HOUR_US = DAY_US // 24
HORIZON_US = 400 * DAY_US
ELSEWHERE = ("discharged_at", "medically_fit", "poc", "room", "bed", "facility")
SAME = dict.fromkeys(ELSEWHERE) | {"expected_discharge_at": START_US + DAY_US}
"""What an A08 that moves no bed goes on saying."""


def record(number: int, kind: str, at: int, **said: Any) -> Record:
    """One event about the stay, received when it happened."""
    row = dict(sample(kind)) | {
        "event_id": f"{number:08x}-0000-5000-8000-000000000000", "person_key": KEY, "local_key": None,
        "thing": STAY, "instance": "", "content_tag": f"{number:016x}", "occurred_at": at, "recorded_at": at,
        "received_at": at, **said,
    }  # fmt: skip
    return Record(KEY.encode(), encode(kind, row), (), 3, number, 0)


class Worker:
    """A fold and the changelog it left."""

    def __init__(self, changelog: dict[bytes, bytes] | None = None) -> None:
        self.fold = PersonFold(CoreConfig())
        self.log = dict(changelog or {})
        self.fold.restore(list(self.log.items()))
        self.fold.restored()

    def take(self, records: list[Record], now_us: int) -> Flush:
        self.fold.fold(topic_of("SpellAdmitted"), records)
        flush = self.fold.cut(now_us)
        for name, value in flush.changelog:
            if value is None:
                self.log.pop(name, None)
            else:
                self.log[name] = value
        return flush

    def size(self) -> int:
        return sum(map(len, self.log.values()))

    def due(self) -> int:
        return next_due(self.log[KEY.encode() + b"/h"])


def a_stay(amendments: int, every_us: int = HOUR_US) -> list[Record]:
    """Admitted, amended again and again with the same words, discharged."""
    times = [START_US + n * every_us for n in range(amendments + 2)]
    kinds = ["SpellAdmitted", *["SpellAmended"] * amendments, "SpellDischarged"]
    return [
        record(n, kind, at, **(SAME if kind == "SpellAmended" else {}))
        for n, (kind, at) in enumerate(zip(kinds, times, strict=True))
    ]


def spell(flush: Flush) -> Any:
    """The spell line of the view that was published."""
    (view,) = (output for output in flush.outputs if output.topic == VIEW_TRANSFER)
    rows = map(json.loads, decode(view.value or b"")[1]["lines"])
    return next(row for row in rows if row["view"] == "spell")


def test_an_ended_stay_is_sealed_when_due_and_not_before() -> None:
    worker = Worker()
    shown = spell(worker.take(a_stay(40), START_US + 3 * DAY_US))
    size, due = worker.size(), worker.due()
    assert START_US + HORIZON_US < due < START_US + 3 * DAY_US + HORIZON_US
    assert worker.take([], due - 1)[:2] == ([], [])
    flush = worker.take([], due)
    assert not flush.outputs  # nobody is shown otherwise
    assert worker.size() < size / 4
    assert worker.due() > due
    deleted = [value is None for _, value in flush.changelog]
    assert deleted == sorted(deleted)  # what the old head counts on, after the new head
    assert sum(deleted) >= 1

    successor = Worker(worker.log)
    state = successor.fold.state(KEY.encode())
    assert state.sealed.keys() == {STAY}
    assert state.shown.version == worker.fold.state(KEY.encode()).shown.version
    flush = successor.take([record(99, "CarePackageStarted", due + HOUR_US, thing="package")], due + DAY_US)
    assert spell(flush) == shown  # the summary says what the facts said


def test_a_fresh_fact_about_a_sealed_thing_is_quarantined_with_its_place() -> None:
    worker = Worker()
    worker.take(a_stay(3), START_US + DAY_US)
    now = worker.due()
    worker.take([], now)
    before = dict(worker.log)
    resent = a_stay(3)
    flush = worker.take([record(77, "SpellAmended", now + HOUR_US, **SAME), *resent], now + HOUR_US)
    (refused,) = (output for output in flush.outputs if output.topic == QUARANTINE)
    _, said = decode(refused.value or b"")
    assert (said["reason"], said["partition"], said["offset"]) == ("TARGET_SEALED", 3, 77)
    assert said["topic"] == topic_of("SpellAdmitted")
    assert worker.log == before  # what was received before is known, and changes nothing


def test_a_long_stay_sheds_superseded_words_as_it_grows_and_reads_back() -> None:
    """The stay is open: nothing of it is sealed; each amendment keeps its id, times and histories."""
    plain, tidy = Worker(), Worker()
    events = a_stay(1_000, 6 * HOUR_US)[:-1]
    for first in range(0, len(events), 100):
        some = events[first : first + 100]
        plain.take(some, 0)  # not caught up: nothing is judged by time
        tidy.take(some, START_US + (first + 100) * 6 * HOUR_US)
    assert tidy.size() < plain.size() * 0.8
    successor = Worker(tidy.log)
    one, other = successor.fold.state(KEY.encode()), plain.fold.state(KEY.encode())
    assert one.packed == tidy.fold.state(KEY.encode()).packed
    (smaller,), (whole,) = one.streams.values(), other.streams.values()
    assert {fact.id for fact in smaller.journal} == {fact.id for fact in whole.journal}
    again = [record(5_000, "SpellDischarged", START_US + 300 * DAY_US)]
    assert spell(successor.take(again, 0)) == spell(plain.take(again, 0))
