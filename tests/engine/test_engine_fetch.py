"""What a fetch makes of errors about positions: of an assignment that is not sought yet they say nothing."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.types import TP

from streams.engine.thread import BatchThread

CHANGELOG = TP("app-toy-changelog", 2)
ERRORS = [NoOffsetForPartitionError(CHANGELOG), OffsetOutOfRangeError({CHANGELOG: 7})]


class Fetcher:
    """A fetcher that has an error for whoever asks."""

    _closed = False
    _subscriptions = SimpleNamespace(fetch_context=nullcontext)

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def fetched_records(self, *_: Any, **__: Any) -> Any:
        raise self.error


def fetch(error: Exception, *, armed: bool, flowing: bool = True) -> Any:
    """One fetch of the changelog."""
    thread = BatchThread.__new__(BatchThread)
    thread.consumer = SimpleNamespace(flow_active=flowing)
    thread.app = SimpleNamespace(
        consumer_generation_id=4,
        plan=SimpleNamespace(changelog=CHANGELOG.topic),
        tables=SimpleNamespace(recovery=SimpleNamespace(armed=armed)),
    )
    consumer = SimpleNamespace(
        _closed=False, _fetcher=Fetcher(error), _subscription=SimpleNamespace(subscription=None)
    )
    return asyncio.run(thread._fetch_records(consumer, {CHANGELOG}))


@pytest.mark.parametrize("error", ERRORS)
def test_before_the_changelog_is_sought_there_is_nothing_to_fetch(error: Exception) -> None:
    """Two rebalances close together resumed the flow too early: the worker stopped for nothing."""
    assert fetch(error, armed=False) == {}


@pytest.mark.parametrize("error", ERRORS)
def test_once_it_is_sought_an_offset_that_is_not_there_stops_the_worker(error: Exception) -> None:
    """Never skipped (design.md §3)."""
    with pytest.raises(type(error)):
        fetch(error, armed=True)
