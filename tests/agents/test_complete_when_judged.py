"""After an outage many fall due together: how far all is complete waits until the last of them is judged."""

from __future__ import annotations

import msgspec
import pytest

from streams.agents import tidying
from tests.agents.test_live_alerts import READY, Worker
from tests.core.story import at

DUE, BACK = at("10 14:00"), at("11 09:00")


def worker_of(people: int) -> Worker:
    """As many as are ready since one moment, judged before anything was due."""
    worker = Worker()
    for number in range(people):
        key = f"p1:{chr(ord('A') + number) * 26}"
        worker.take(msgspec.structs.replace(fact, key=key, id=f"{fact.id[:-1]}{number}") for fact in READY)
    worker.cut(at("10 13:59"))
    return worker


def test_what_was_not_come_to_is_not_said_to_be_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "AT_ONCE", 2)
    worker, seen = worker_of(5), list[tuple[int, int]]()
    for _ in range(20):
        flush = worker.fold.cut(BACK)
        worker.keep(flush)
        seen.append((flush.complete_to(BACK), len(worker.views)))
        if not flush.due:
            break
    assert seen == [(DUE - 1, 2), (DUE - 1, 4), (BACK, 5)]


def test_who_died_on_the_way_comes_again_and_holds_it_back_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "AT_ONCE", 2)
    worker = worker_of(5)
    worker.keep(worker.fold.cut(BACK))
    worker.restart()
    flush = worker.fold.cut(0)
    assert flush.complete_to(0) == 0, "not all of the log is read yet"
    flush = worker.fold.cut(BACK)
    worker.keep(flush)
    assert (flush.complete_to(BACK), len(worker.views)) == (DUE - 1, 4)
