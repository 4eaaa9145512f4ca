"""A council's desk asks for 1,000 people of another borough by id, filter, export, stream and webhook: it
receives its own and nobody else, every read and refusal is in the audit, and the verifier finds a planted
gap. Domain 05 IG-04 (legitimate relationship), IG-05 (restricted by role), IG-10 (audit).
"""

from __future__ import annotations

import asyncio
import csv
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from board import live
from board.live import follow
from runtime.audit import acts, verify
from runtime.clock import FakeClock
from runtime.reader import reader_of
from tests.board import ward
from tests.board.ward import PLACE, Browser, Site, key, person, put, site_of, spell, transfer
from tests.board.webhook import sent

ASKED = 1_000
THEIRS = range(2_000, 2_000 + ASKED)
"""People who live in the other borough, lie in the place's hospital, and of whom the council has nothing."""
BROKERED = 1_999
"""Lives there too, and has a ward.package of this council: a relationship."""
RESIDENCE = {
    "council": ward.ELSEWHERE, "icb": "QKK", "hub": "greenwich-hub", "basis": "address", "since": None,
    "claims": [],
}  # fmt: skip
COUNCIL = reader_of(PLACE.readers, "lbb")


def rows_of(number: int, **said: Any) -> list[dict[str, Any]]:
    """Somebody of the other borough; some are restricted, some hide where they are."""
    flags = ["location_hidden"] if number % 11 == 0 else []
    who = person(number, restricted=number % 7 == 0, flags=flags)
    return [who, spell(number, responsible=RESIDENCE), transfer(number, **said)]


@dataclass
class Case:
    """A place with both boroughs' people, and who is the council's."""

    site: Site
    audit: Path
    own: set[str]

    def lines(self, before: int = 0) -> list[Mapping[str, Any]]:
        """The audit, after so many lines."""
        return list(acts(self.audit))[before:] if self.audit.exists() else []


def show(way: str, figures: str) -> None:
    """Print the figures of one way in (`pytest -rP`)."""
    print(f"1,000 people of another borough, {way}: {figures}")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One place for every way in; what a test finds, it finds whatever the others did before."""
    audit = tmp_path_factory.mktemp("access") / "audit.jsonl"
    site = site_of(40, audit)
    projection = site.board.projection
    put(projection, BROKERED, *rows_of(BROKERED, packages=[ward.package(BROKERED)]))
    for number in THEIRS:
        projection.apply("PersonIdentified", key(number), ward.identified(number))
        put(projection, number, *rows_of(number))
    own = {one.key for one in site.people.all(COUNCIL, site.now())}
    assert key(BROKERED) in own
    assert not own & {key(number) for number in THEIRS}
    return Case(site, audit, own)


def keys_in(text: str) -> set[str]:
    """Every person key in a text."""
    return {f"p1:{part[:26]}" for part in text.split("p1:")[1:]}


class TestAskedFor:
    """Each way in; what came back is judged by keys, names and numbers."""

    def test_by_id(self, case: Case) -> None:
        before = len(case.lines())
        with Browser(case.site) as browser:
            browser.sign_in("council")
            pages = Counter(browser.get(f"/person/{key(number)}").status_code for number in THEIRS)
            asked = [browser.get(f"/v1/views/transfer?person={key(number)}") for number in THEIRS]
            seen = browser.get(f"/person/{key(BROKERED)}").status_code
            typed = browser.get("/person/9990000018").status_code
        assert (pages, seen, typed) == (Counter({404: ASKED}), 200, 404)
        assert {(reply.status_code, reply.text) for reply in asked} == {(200, "")}
        lines = case.lines(before)
        said = Counter((row["what"], row["outcome"]) for row in lines if row["shown"] == 0)
        assert said["person", "refused: nobody of theirs"] == ASKED + 1
        assert said["api transfer", "refused: nobody of theirs"] == ASKED
        named = {one for row in lines if row["outcome"].startswith("refused") for one in row["people"]}
        assert named == {key(number) for number in THEIRS}
        assert "9990000018" not in case.audit.read_text("utf-8"), "what is typed as an id is not written down"
        show("by id", f"{ASKED} pages and {ASKED} reads refused and written down, 0 people shown")

    def test_by_filter_list_and_the_past(self, case: Case) -> None:
        found: set[str] = set()
        with Browser(case.site) as browser:
            browser.sign_in("council")
            for path in (
                "/worklist?show=all", *(f"/worklist?show=all&ward=M{n}" for n in range(9)),
                "/v1/views/spell", "/v1/views/person", "/v1/views/transfer", "/v1/views/spell?site=RJZ30",
                "/v1/views/spell?partner=pruh-adt", "/v1/views/transfer?as_of=2027-01-12T14:26:00Z",
                *(f"/v1/views/transfer?visit=V{number}" for number in THEIRS[::50]),
            ):  # fmt: skip
                found |= keys_in(browser.get(path).text)
        assert found
        assert found <= case.own
        show("by filter and list", f"{len(found)} of the council's own {len(case.own)}, 0 others")

    def test_by_export(self, case: Case) -> None:
        before = len(case.lines())
        with Browser(case.site) as browser:
            browser.sign_in("council")
            reply = browser.get("/worklist.csv?show=all")
        rows = list(csv.DictReader(StringIO(reply.text)))
        assert reply.headers["content-type"].startswith("text/csv")
        assert {row["person_key"] for row in rows} <= case.own
        assert len(rows) > 20
        assert all(row["as_at"] == "2027-01-12T14:26:00Z" and row["complete_to"] for row in rows)
        restricted = next(row for row in rows if row["person_key"] == key(4))
        assert (restricted["name"], restricted["nhs_number"], restricted["ward"]) == ("Restricted", "", "")
        written = [row for row in case.lines(before) if row["what"] == "worklist export"]
        assert [set(row["people"]) for row in written] == [{row["person_key"] for row in rows}]
        show("by export", f"{len(rows)} rows, each named in the audit, 0 others")

    def test_by_stream(self, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
        """All 1,000 change, after all were asked for by id: not even that there was news is told."""
        monkeypatch.setattr(live, "LOOK_SECONDS", 0.001)
        heard = asyncio.run(_heard(case.site))
        assert heard == {"theirs": 0, "own": 1}
        show("by stream", f"{ASKED} changes of theirs: 0 events; 1 of its own: 1 event")

    def test_by_webhook(self, case: Case, tmp_path: Path) -> None:
        """Never told of the others, not even that they are gone; what was sent is in an audit of its own."""
        audit = tmp_path / "audit-views.jsonl"
        first = asyncio.run(sent(case.site.board.projection, COUNCIL, audit, FakeClock(ward.AT)))
        assert {body["person_key"] for body in first} == case.own
        assert "gone" not in {body["status"] for body in first}
        assert [row["people"][0] for row in acts(audit)] == [body["person_key"] for body in first]
        in_a_year = FakeClock(ward.AT + 400 * 24 * 60 * ward.MINUTE)
        later = asyncio.run(sent(case.site.board.projection, COUNCIL, audit, in_a_year))
        assert later
        assert {body["person_key"] for body in later} <= case.own
        assert verify(audit) == []
        show("by webhook", f"{len(first)} sent of {ASKED + len(case.own)} views, 0 others")

    def test_whoever_may_sees_them(self, case: Case) -> None:
        """The others are there: the ward that treats them sees them, and who is restricted as initials."""
        with Browser(case.site) as browser:
            browser.sign_in("ward")
            found = keys_in(browser.get("/v1/views/spell").text)
            page = browser.get(f"/person/{key(2002)}").text
        assert {key(number) for number in THEIRS} <= found
        assert "restricted: use EPR" in page
        assert ward.identified(2002)["family"].upper() not in page.upper()


class TestWrittenDown:
    """What is left afterwards."""

    def test_the_audit_is_whole_and_a_planted_gap_is_found(self, case: Case, tmp_path: Path) -> None:
        with Browser(case.site) as browser:
            browser.sign_in("council")
            for number in THEIRS[:20]:
                browser.get(f"/person/{key(number)}")
        assert verify(case.audit) == []
        lines = case.audit.read_text("utf-8").splitlines()
        refusals = [n for n, text in enumerate(lines) if '"outcome":"refused' in text]
        gap = refusals[len(refusals) // 2]
        copy = tmp_path / "audit.jsonl"
        copy.write_text("\n".join([*lines[:gap], *lines[gap + 1 :]]) + "\n", "utf-8")
        found = verify(copy)
        assert found[0] == f"line {gap + 1}: says it is line {gap + 2}"
        show("audit", f"{len(lines)} lines whole; 1 of {len(refusals)} refusals left out: found")


async def _heard(site: Site) -> Mapping[str, int]:
    site.monotonic = lambda: 1.0
    token, session = site.sessions.begin(site.accounts["council"], COUNCIL, 0.0)
    for number in THEIRS:
        site.wrote(session, "person", "refused: nobody of theirs", [key(number)])
    said: list[str] = []
    stream = follow(site, session, token, site.news_id())

    async def listen() -> None:
        async for text in stream:
            said.append(text)  # noqa: PERF401 (read while it grows)

    task = asyncio.create_task(listen())
    await _until(lambda: _looked(stream) == site.board.projection.news.to)
    counts = {}
    for name, numbers in (("theirs", THEIRS), ("own", range(9, 10))):
        before = sum(text.startswith("event: changed") for text in said)
        for number in numbers:
            put(site.board.projection, number, *(rows_of(number) if name == "theirs" else _own(number)))
        await _until(lambda: _looked(stream) == site.board.projection.news.to)
        counts[name] = sum(text.startswith("event: changed") for text in said) - before
    site.sessions.end(token)
    await asyncio.wait_for(task, 60)
    return counts


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not done():
            await asyncio.sleep(0.005)


def _looked(stream: Any) -> int:
    """How far the stream has looked at the news, once it has begun to: nothing else tells silence from delay.
    """
    known = stream.ag_frame.f_locals
    return int(known["seen"]) if "quiet" in known else -1


def _own(number: int) -> list[dict[str, Any]]:
    return [person(number), spell(number), transfer(number)]
