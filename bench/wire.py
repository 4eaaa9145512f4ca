"""Wire to view: from an HL7 message written to a socket until its person's view is in a read_committed
reader's hands, through the real connectors and the real worker.

`idle`: 200 messages a second and nothing else. `backlog`: 25 a second while the worker, just started, has
50,000 events before them. All processes share the machine's cores with the broker.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from bench import load
from bench.ground import Ground, Wrong, load_now, say
from bench.place import WAIT_S, Place
from runtime.kafka.reader import Reader
from schemas.catalogue import VIEW_TRANSFER, topic_of
from simulator import hl7
from simulator.people import Person

CONNECTIONS = 4
VISIT = re.compile(rb"BV\d{8}")
START, END = b"\x0b", b"\x1c\r"
DRAIN_S = 300.0
READER_S = 1.0
"""Given the reader to stand at the end before anything is sent."""


def numbers(first: int) -> Iterator[str]:
    """Check-valid NHS numbers of the test range, from a serial on."""
    for nine in itertools.count(999_000_000 + first):
        check = 11 - sum(int(d) * (10 - n) for n, d in enumerate(str(nine))) % 11
        if check != 10:
            yield f"{nine}{check % 11}"


def person(serial: int, nhs: str) -> Person:
    """Somebody like nobody else: alike people are proposed to each other, which is not what is measured."""
    family = "Under" + "".join(chr(ord("a") + int(digit)) for digit in str(serial))
    born = date(1930, 1, 1) + timedelta(days=serial % 20_000)
    return Person(0, family, "Rose", born, f"BR{serial % 9 + 1} 0AB", "2", nhs, f"B{serial:07d}")


def admissions(first: int) -> Iterator[tuple[bytes, bytes]]:
    """(visit number, admission) of one new person after another, dated a minute ago."""
    for serial, nhs in enumerate(numbers(first), first):
        at = datetime.now(ZoneInfo("Europe/London")).replace(tzinfo=None) - timedelta(minutes=1)
        who = person(serial, nhs)
        visit = hl7.Visit(f"BV{serial:08d}", "I", "W1", "B1", str(serial % 30), admitted_at=at)
        body = hl7.message("A01", f"BC{serial:08d}", who, visit, occurred=at, recorded=at, sent=at)
        yield visit.number.encode(), START + body + END


class Live:
    """What was sent and what came of it, by visit number."""

    def __init__(self) -> None:
        self.sent: dict[bytes, float] = {}
        self.acked: list[float] = []
        self.refused = 0
        self.seen: dict[bytes, float] = {}
        self.persons: set[bytes] = set()
        self.sending = True

    def delays_ms(self, until: float) -> list[float]:
        """Milliseconds of messages sent until then, in the order sent."""
        return [(self.seen[v] - at) * 1000 for v, at in self.sent.items() if v in self.seen and at <= until]


async def send(
    live: Live,
    port: int,
    messages: Iterator[tuple[bytes, bytes]],
    per_second: float,
    over: Callable[[], bool],
) -> None:
    """Pipelined over a few connections, at a fixed pace, until `over`."""
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    queues: list[asyncio.Queue[float]] = [asyncio.Queue() for _ in streams]
    listeners = [
        asyncio.create_task(_acks(live, stream[0], queue))
        for stream, queue in zip(streams, queues, strict=True)
    ]
    started = time.monotonic()
    for count, (visit, frame) in enumerate(messages):
        if over():
            break
        await asyncio.sleep(max(0.0, started + count / per_second - time.monotonic()))
        lane = count % CONNECTIONS
        now = live.sent[visit] = time.monotonic()
        queues[lane].put_nowait(now)
        streams[lane][1].write(frame)
    deadline = time.monotonic() + WAIT_S
    while len(live.acked) + live.refused < len(live.sent) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    for task, (_, writer) in zip(listeners, streams, strict=True):
        task.cancel()
        writer.close()
    live.sending = False


async def _acks(live: Live, reader: asyncio.StreamReader, queue: asyncio.Queue[float]) -> None:
    while True:
        said = await reader.readuntil(END)
        sent = await queue.get()
        if b"MSA|AA" in said:
            live.acked.append((time.monotonic() - sent) * 1000)
        else:
            live.refused += 1


async def _watch(live: Live, ground: Ground) -> None:
    """Every view that names one of our visits, when it comes."""
    deadline = None
    async with Reader(ground.bootstrap, [VIEW_TRANSFER], ground.traits) as reader:
        while live.sending or len(live.seen) < len(live.sent):
            batch = await reader.poll()
            now = time.monotonic()
            for message in batch:
                live.persons.add(message.key or b"")
                for visit in VISIT.findall(message.value or b""):
                    if visit in live.sent:
                        live.seen.setdefault(visit, now)
            if not live.sending:
                deadline = deadline or now + WAIT_S
                if now > deadline:
                    return


def percentiles(found: list[float]) -> dict[str, float]:
    """The usual ones."""
    cuts = statistics.quantiles(found, n=100, method="inclusive")
    marks = {f"p{at}_ms": round(cuts[at - 1], 1) for at in (50, 95, 99)}
    return marks | {"max_ms": round(max(found), 1), "measured": len(found)}


def _lag(url: str) -> float:
    text = httpx.get(url, timeout=10).text
    lags = [line for line in text.splitlines() if line.startswith("toc_lag_records")]
    return sum(float(line.rpartition(" ")[2]) for line in lags)


async def _play(ground: Ground, port: int, first: int, per_second: float, over: Callable[[], bool]) -> Live:
    live = Live()
    watching = asyncio.create_task(_watch(live, ground))
    await asyncio.sleep(READER_S)
    await send(live, port, admissions(first), per_second, over)
    await watching
    return live


def _judged(live: Live, until: float) -> dict[str, Any]:
    """Figures of messages sent until then; Wrong if any message of the run was refused or lost."""
    lost = live.sent.keys() - live.seen.keys()
    if live.refused or lost or len(live.acked) != len(live.sent):
        raise Wrong(f"of {len(live.sent)} messages {live.refused} refused, {len(lost)} without a view")
    delays = live.delays_ms(until)
    if len(delays) < 2:
        raise Wrong("too few messages to measure")
    return {"wire_to_view": percentiles(delays), "wire_to_ack": percentiles(live.acked)}


def idle(ground: Ground, per_second: int, seconds: float, warm_s: float) -> dict[str, Any]:
    """Nothing else going on."""
    loads = load_now()
    with Place(ground) as place:
        place.topics()
        place.connectors()
        place.worker()
        asyncio.run(_play(ground, place.mllp, 0, per_second, for_seconds(warm_s)))
        live = asyncio.run(_play(ground, place.mllp, 500_000, per_second, for_seconds(seconds)))
    found = {"per_second": per_second, "loads": loads, **_judged(live, time.monotonic())}
    say(f"  idle {per_second}/s: {found['wire_to_view']}")
    return found


def backlog(ground: Ground, events: int, per_second: int, warm_s: float) -> dict[str, Any]:
    """Behind so many events, which a worker that has just become ready finds before it."""
    with Place(ground) as place:
        place.topics()
        place.connectors()
        persons = max(1, events // len(load.COURSE))
        about = load.fill(ground.bootstrap, topic_of("SpellAdmitted"), 0, persons)
        loads, metrics = load_now(), place.worker()
        drained: list[float] = []
        began = time.monotonic()
        threading.Thread(target=until_drained, args=(metrics, drained), daemon=True).start()
        more, enough = for_seconds(warm_s), for_seconds(DRAIN_S)
        over = lambda: enough() or (bool(drained) and more())  # noqa: E731
        live = asyncio.run(_play(ground, place.mllp, 0, per_second, over))
        if not drained:
            raise Wrong(f"the backlog was not drained in {DRAIN_S:.0f} s")
    there = sum(1 for key in live.persons if key.startswith(b"p1:0000000000"))
    if there != persons:
        raise Wrong(f"{there} of the backlog's {persons} persons have a view")
    second = sorted(live.sent.values())[1]
    found = {
        "per_second": per_second, "backlog_events": about["events"], "loads": loads,
        "drained_s": round(drained[0] - began, 1), **_judged(live, max(drained[0], second)),
    }  # fmt: skip
    say(f"  backlog of {about['events']:,}, drained in {found['drained_s']} s: {found['wire_to_view']}")
    return found


def until_drained(metrics: str, drained: list[float]) -> None:
    """Notes when nothing lags any more. A worker in a long cut answers late: asked again."""
    while not drained:
        with contextlib.suppress(httpx.HTTPError):
            if _lag(metrics) == 0:
                drained.append(time.monotonic())
        time.sleep(0.1)


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Over after so long, from the first time it is asked."""
    began: list[float] = []

    def over() -> bool:
        began.append(time.monotonic())
        return began[-1] - began[0] >= seconds

    return over


def table(found: dict[str, Any]) -> list[str]:
    """Lines to read."""
    lines = [f"{'wire to view':26} {'p50 ms':>9} {'p95 ms':>9} {'p99 ms':>9} {'max ms':>9} {'messages':>9}"]
    for name, one in found.items():
        marks = one["wire_to_view"]
        ms = " ".join(f"{marks[field]:>9,}" for field in ("p50_ms", "p95_ms", "p99_ms", "max_ms", "measured"))
        behind = f" behind {one['backlog_events']:,}" if "backlog_events" in one else ""
        lines.append(f"{name + ' ' + str(one['per_second']) + '/s' + behind:26} {ms}")
    return lines
