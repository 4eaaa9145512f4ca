"""Wire to page: from the first byte of an HL7 message until its text stands on an open page, through the real
connectors, worker and board; and how long two hundred open pages take to have one change.

The page is the hub's worklist of one ward, 400 rows. A message admits a person or moves one of them to a bed
whose name nobody had before; when a page shows a later bed of the same person, the earlier ones count as
shown then: a page shows what is true now, and was not asked for every step.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench import load
from bench.desk import Desk, Page, browser, used
from bench.ground import Ground, Wrong, load_now, say
from bench.place import WAIT_S
from bench.wire import (
    DRAIN_S,
    END,
    START,
    Live,
    for_seconds,
    numbers,
    percentiles,
    person,
    send,
    until_drained,
)
from schemas.catalogue import topic_of
from simulator import hl7

ROWS = 400
WARD = "WB"
PATH = f"/worklist?show=all&ward={WARD}"
BED = re.compile(r"T(\d{7})")


def moves(rows: int = ROWS) -> Iterator[tuple[bytes, bytes]]:
    """(bed, message): admissions of `rows` people, then each of them moved in turn, for ever."""
    people = [person(serial, nhs) for serial, nhs in zip(range(rows), numbers(0), strict=False)]
    admitted = datetime.now(ZoneInfo("Europe/London")).replace(tzinfo=None) - timedelta(hours=2)
    serial = 0
    while True:
        who, now = people[serial % rows], datetime.now(ZoneInfo("Europe/London")).replace(tzinfo=None)
        bed, trigger, at = f"T{serial:07d}", "A02" if serial >= rows else "A01", now
        if serial < rows:
            at = admitted
        visit = hl7.Visit(f"BV{serial % rows:08d}", "I", WARD, "B1", bed, admitted_at=admitted)
        body = hl7.message(trigger, f"BM{serial:08d}", who, visit, occurred=at, recorded=now, sent=now)
        yield bed.encode(), START + body + END
        serial += 1


class Seen:
    """Marks what a page shows as seen: the bed, and every earlier one of the same person."""

    def __init__(self, live: Live, rows: int = ROWS) -> None:
        self._live, self._rows, self._to = live, rows, dict.fromkeys(range(rows), -1)

    def shows(self, text: str, at: float) -> None:
        """A page's text."""
        for serial in map(int, BED.findall(text)):
            who = serial % self._rows
            for earlier in range(serial, self._to[who], -self._rows):
                self._live.seen.setdefault(b"T%07d" % earlier, at)
            self._to[who] = max(self._to[who], serial)


async def _play(desk: Desk, per_second: float, over: Callable[[], bool]) -> tuple[Live, int]:
    live = Live()
    async with browser(desk.url, 1) as client:
        page = Page(client, PATH, desk.signed_in(), Seen(live).shows)
        watching = asyncio.create_task(page.live())
        await asyncio.wait_for(page.open.wait(), WAIT_S)
        await send(live, desk.mllp, moves(), per_second, over)
        deadline = time.monotonic() + WAIT_S
        while len(live.seen) < len(live.sent) and time.monotonic() < deadline and not watching.done():
            await asyncio.sleep(0.05)
        if watching.done():  # before everything was seen, which it never is by itself
            raise Wrong(f"the open page ended: {watching.exception()!r}")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return live, page.fetched


def _judged(live: Live, since: float, until: float) -> dict[str, Any]:
    lost = live.sent.keys() - live.seen.keys()
    if live.refused or lost:
        raise Wrong(f"of {len(live.sent)} messages {live.refused} refused, {len(lost)} never on the page")
    delays = [(live.seen[bed] - at) * 1000 for bed, at in live.sent.items() if since <= at <= until]
    if len(delays) < 2:
        raise Wrong("too few messages to measure")
    return {"wire_to_page": percentiles(delays)}


def idle(ground: Ground, per_second: int, seconds: float, warm_s: float) -> dict[str, Any]:
    """Nothing else going on."""
    with Desk(ground) as desk:
        desk.topics()
        desk.connectors()
        desk.worker()
        board = desk.board()
        desk.ready()
        loads, before = load_now(), used(board)["cpu_s"]
        live, fetched = asyncio.run(_play(desk, per_second, for_seconds(warm_s + seconds)))
        cpu = round(used(board)["cpu_s"] - before, 2)
    first = min(live.sent.values())
    said = _judged(live, first + warm_s, time.monotonic())
    found = {"per_second": per_second, "loads": loads, "fetched": fetched, "board_cpu_s": cpu, **said}
    say(f"  page, idle {per_second}/s: {found['wire_to_page']}")
    return found


def backlog(ground: Ground, events: int, per_second: int, warm_s: float) -> dict[str, Any]:
    """Behind so many events, which a worker that has just become ready finds before it."""
    with Desk(ground) as desk:
        desk.topics()
        desk.connectors()
        persons = max(1, events // len(load.COURSE))
        about = load.fill(ground.bootstrap, topic_of("SpellAdmitted"), 0, persons)
        desk.board()
        desk.ready()
        loads, metrics, drained = load_now(), desk.worker(), list[float]()
        began = time.monotonic()
        threading.Thread(target=until_drained, args=(metrics, drained), daemon=True).start()
        more, enough = for_seconds(warm_s), for_seconds(DRAIN_S)
        over = lambda: enough() or (bool(drained) and more())  # noqa: E731
        live, fetched = asyncio.run(_play(desk, per_second, over))
        if not drained:
            raise Wrong(f"the backlog was not drained in {DRAIN_S:.0f} s")
    second = sorted(live.sent.values())[1]
    found = {
        "per_second": per_second, "backlog_events": about["events"], "loads": loads, "fetched": fetched,
        "drained_s": round(drained[0] - began, 1), **_judged(live, 0, max(drained[0], second)),
    }  # fmt: skip
    say(f"  page, behind {about['events']:,}, drained in {found['drained_s']} s: {found['wire_to_page']}")
    return found


def many(ground: Ground, pages: int, changes: int) -> dict[str, Any]:
    """So many open pages, one change at a time: until all of them show it, and the board's CPU for it."""
    with Desk(ground) as desk:
        desk.topics()
        desk.connectors()
        desk.worker()
        board = desk.board()
        desk.ready()
        loads = load_now()
        rows = asyncio.run(_many(desk, board, pages, changes))
        memory = used(board)
    delays = [ms for row in rows for ms in row["delays_ms"]]
    found = {
        "pages": pages, "rows": ROWS, "loads": loads, "one_page": percentiles(delays),
        "all_pages_ms": [round(max(row["delays_ms"]), 1) for row in rows],
        "board_cpu_s": [row["cpu_s"] for row in rows], "rss_mib": memory["rss_mib"],
    }  # fmt: skip
    say(f"  {pages} pages: all have it after {found['all_pages_ms']} ms, CPU {found['board_cpu_s']} s")
    return found


async def _many(desk: Desk, board: Any, pages: int, changes: int) -> list[dict[str, Any]]:
    feed, shown, rows = moves(), [dict[str, float]() for _ in range(pages)], list[dict[str, Any]]()
    async with browser(desk.url, pages) as client:
        cookie = desk.signed_in()

        def keeps(kept: dict[str, float]) -> Callable[[str, float], None]:
            return lambda text, at: kept.update({bed: at for bed in BED.findall(text) if bed not in kept})

        open_ = [Page(client, PATH, cookie, keeps(kept)) for kept in shown]
        watching = [asyncio.create_task(page.live()) for page in open_]
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.mllp)

        async def say_one() -> tuple[str, float]:
            bed, frame = next(feed)
            at = time.monotonic()
            writer.write(frame)
            await reader.readuntil(END)
            return bed.decode()[1:], at

        async def on_all(bed: str) -> None:
            async with asyncio.timeout(WAIT_S):
                while not all(bed in kept for kept in shown):
                    await asyncio.sleep(0.05)

        last = ""
        for _ in range(ROWS):
            last, _ = await say_one()
        await on_all(last)
        await asyncio.sleep(5)
        for _ in range(changes):
            before = used(board)["cpu_s"]
            bed, at = await say_one()
            await on_all(bed)
            await asyncio.sleep(3)
            cpu = round(used(board)["cpu_s"] - before, 2)
            rows.append({"delays_ms": [(kept[bed] - at) * 1000 for kept in shown], "cpu_s": cpu})
        writer.close()
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    return rows


def table(found: dict[str, Any]) -> list[str]:
    """Lines to read."""
    lines = []
    for name in ("idle", "backlog"):
        one = found[name]
        behind = f" behind {one['backlog_events']:,}" if "backlog_events" in one else ""
        lines.append(f"{name} {one['per_second']}/s{behind}: wire to page {one['wire_to_page']}")
    one = found["many"]
    all_, cpu = one["all_pages_ms"], one["board_cpu_s"]
    return [*lines, f"{one['pages']} pages: all have it after {all_} ms, CPU {cpu} s"]
