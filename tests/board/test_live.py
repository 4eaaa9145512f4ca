"""The stream of an open page: the whole first, then only that something of one's own has changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from board import live
from board.live import concerns, follow
from board.news import KEPT, News
from runtime.reader import Reader
from tests.board.ward import PLACE, Site, key, person, put, site_of, spell, transfer

READERS = {reader.name: reader for reader in PLACE.readers}


def stream_of(site: Site, name: str, known: str = "") -> tuple[AsyncIterator[str], str]:
    """The stream of somebody who has signed in."""
    token, session = site.sessions.begin(site.accounts[name], READERS[site.accounts[name].reader], 0.0)
    site.monotonic = lambda: 1.0
    return follow(site, session, token, known), token


async def events(stream: AsyncIterator[str], count: int) -> list[str]:
    """The first events; comments left out."""
    found: list[str] = []
    async for text in stream:
        if text.startswith("event"):
            found.append(text.split("\n")[0])
        if len(found) == count:
            break
    return found


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often."""
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.001)


def test_the_whole_comes_first_unless_the_page_has_it() -> None:
    async def first(known: str) -> list[str]:
        site = site_of(5)
        stream, token = stream_of(site, "hub", known and site.news_id())
        task = asyncio.create_task(events(stream, 1))
        await asyncio.sleep(0)
        site.sessions.end(token)
        return await asyncio.wait_for(task, 60)

    assert asyncio.run(first("")) == ["event: changed"]
    assert asyncio.run(first("yes")) == ["event: signed-out"]


def test_a_council_hears_nothing_of_another_s_people_not_even_that_there_was_news() -> None:
    """6 lives elsewhere; 2 is the council's own. The stream names neither."""

    async def heard(number: int) -> list[str]:
        site = site_of(9)
        stream, token = stream_of(site, "council")
        said: list[str] = []
        async for text in stream:
            said.append(text)
            if text.startswith("event: changed") and len(said) == 2:
                lines = site.board.projection.people[key(number)][-1].lines
                rows: list[Any] = [json.loads(line.text) for line in lines]
                put(site.board.projection, number, *rows)
                asyncio.get_running_loop().call_later(0.2, site.sessions.end, token)
        return said

    own, other = asyncio.run(heard(2)), asyncio.run(heard(6))
    assert [text.split("\n")[0] for text in own[1:]] == [
        "event: changed",
        "event: changed",
        "event: signed-out",
    ]
    assert [text.split("\n")[0] for text in other[1:]] == ["event: changed", "event: signed-out"]
    assert "p1:" not in "".join(own + other)


def test_who_was_shown_somebody_hears_that_they_are_gone() -> None:
    site = site_of(5)
    reader: Reader = READERS["lbb"]
    _, session = site.sessions.begin(site.accounts["council"], reader, 0.0)
    session.seen.add(key(2))
    elsewhere = {
        "council": "E09000011",
        "icb": "QKK",
        "hub": "x",
        "basis": "address",
        "since": None,
        "claims": [],
    }
    put(site.board.projection, 2, person(2), spell(2, responsible=elsewhere), transfer(2))
    assert site.people.one(key(2), reader, site.now()) is None
    assert concerns(site, session, key(2))
    assert not concerns(site, session, key(6))
    assert concerns(site, session, "")


def test_news_are_kept_so_long_and_then_everything_may_be_new() -> None:
    news = News()
    for number in range(5):
        news.note(f"k{number}")
    assert (news.since(3), news.since(5)) == ({"k3", "k4"}, set())
    for _ in range(KEPT):
        news.note()
    assert (news.since(3), news.since(news.to - 2)) == (None, {""})
    at = news.to
    news.all_changed()
    assert news.since(at) is None
