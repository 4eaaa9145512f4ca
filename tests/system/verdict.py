"""What must hold of a place after a fault, compared with the senders' own log and with an offline replay.

The archive is opened with the connectors' own reader (break-glass), written out as files, and given to
`homeward replay` with the times at which each message was received: the homeward partner's notices and
acknowledgements are in it like any partner's messages, so `told` is compared too. Freshness and feeds are
left out: they follow the clock.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.archive import Archive, Kept
from connectors.broker import BrokerReader
from connectors.envelope import RawKeys
from connectors.message import RawMessage
from connectors.ports import Placed
from runtime.freshness import compact, utc, without_freshness
from runtime.kafka.reader import Message, Reader
from runtime.pseudonym import KeyRing
from schemas.catalogue import FORWARD, NOTICE_OWED, PARTITIONS, PERSON_TOPICS, VIEW_TRANSFER
from schemas.codec import decode
from streams.agents.outputs import WORKER
from tests.system.load import OUT_OF_SCOPE
from tests.system.place import READY_SECONDS, ROOT, SETTLE_SECONDS, VIEWS, SystemPlace, read_all, until

YES = {"AA", "200", "202", "published"}
FILES = {"files"}
Messages = dict[str, list[RawMessage]]
"""By partner."""


class NoProducer:
    """The archive is only read here."""

    async def publish(self, *_: Any, **__: Any) -> Placed:
        raise AssertionError("a reader writes nothing")

    publish_all = publish


def archive_of(place: SystemPlace, partner: str) -> Archive:
    """A partner's archive, as whoever may break the glass opens it."""
    reader = BrokerReader(place.bootstrap, place.traits)
    return Archive(partner, RawKeys.of_ring(KeyRing.offline()), NoProducer(), reader)


def archived(place: SystemPlace) -> Messages:
    """Every message of every partner's archive, opened."""

    async def kept(partner: str) -> list[Kept]:
        return [one async for one in archive_of(place, partner).read()]

    async def all_of() -> list[list[Kept]]:
        return await asyncio.gather(*map(kept, place.place.partners))

    found = zip(place.place.partners, read_all(all_of()), strict=True)
    return {partner: [one.message for one in ones if one.message is not None] for partner, ones in found}


def lost(place: SystemPlace, archive: Messages) -> list[str]:
    """Messages of the senders' logs that were answered yes, are in scope and are not in the archive."""
    held = {partner: {message.body for message in found} for partner, found in archive.items()}
    return [
        f"{send.partner} {send.message_id} {answer}"
        for senders in place.played
        for send, answer in senders.answers
        if answer in YES and OUT_OF_SCOPE not in send.expect and send.body not in held[send.partner]
    ]


def replay(place: SystemPlace, archive: Messages) -> list[str]:
    """`homeward replay` of an archive, now: spell, person, transfer, alert and quarantine lines without
    freshness.
    """
    folder = place.folder / f"replay-{time.monotonic_ns()}"
    received: dict[tuple[str, str], int] = {}
    sources = []
    for partner, messages in archive.items():
        if not messages:
            continue
        files = place.place.partners[partner].transport in FILES
        for number, message in enumerate(messages):
            path = folder / partner / f"{number:06d}" / (message.name if files else "message")
            path.parent.mkdir(parents=True)
            path.write_bytes(message.body)
            at, noted = message.received_at, (message.sha256, message.name if files else "")
            received[noted] = min(received.get(noted, at), at)
        sources.append(f"{partner}={folder / partner}")
    times = folder / "received.jsonl"
    rows = [json.dumps({"sha256": s, "name": name, "received_at": at}) for (s, name), at in received.items()]
    times.write_text("\n".join(rows), encoding="utf-8")
    moment = ["--received", str(times), "--now", utc(place.clock.now()) or ""]
    command = [sys.executable, "-m", "cli.main", "replay", *sources, *moment]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr[-2000:]
    found = [without_freshness(line) for line in said.stdout.splitlines()]
    return [comparable(place, line) for line in found if json.loads(line)["view"] in VIEWS]


def comparable(place: SystemPlace, line: str) -> str:
    """A line as both sides can say it: offline nobody knows the idempotency key of a refused webhook."""
    row = json.loads(line)
    if row["view"] == "quarantine" and place.place.partners[row["partner"]].transport == "http":
        row["message_id"] = ""
    return compact(row)


@dataclass
class Comparison:
    """Live lines beside replayed ones."""

    live: set[str]
    offline: set[str]

    @property
    def equal(self) -> bool:
        return self.live == self.offline

    def __str__(self) -> str:
        def few(lines: set[str]) -> str:
            return "\n".join(f"  {line[:1500]}" for line in sorted(lines)[:3])

        more, less = self.live - self.offline, self.offline - self.live
        return f"{len(more)} only live:\n{few(more)}\n{len(less)} only offline:\n{few(less)}"


def quiet(place: SystemPlace) -> None:
    """Wait until nothing moves any more: every file taken, every partition owned and read to its end, and the
    board has applied nothing between two looks. A worker that gave up meanwhile is started again.
    """
    until(place.files_taken, SETTLE_SECONDS, "files taken")
    before = -1

    def still() -> bool:
        nonlocal before
        place.revive()
        now = place.applied()
        same, before = now == before, now
        return same and behind(place) == 0

    until(still, READY_SECONDS + SETTLE_SECONDS, "views at rest", every=0.7)


def behind(place: SystemPlace) -> int | None:
    """Records that the workers have not folded yet, by their own account; None while a partition is
    nobody's, for then nobody can say.
    """
    lags: dict[str, int] = {}
    for child in place.workers:
        for line in place.worker_metrics(child).splitlines():
            if line.startswith("toc_lag_records_count{"):
                name, _, value = line.rpartition(" ")
                lags[name] = int(float(value))
    return sum(lags.values()) if len(lags) == PARTITIONS["demo"] else None


def compare(place: SystemPlace, seconds: float = SETTLE_SECONDS) -> tuple[Comparison, Messages]:
    """Live lines and the replay of the archive, once both hold still; the last look when they never agree."""
    deadline = time.monotonic() + seconds
    while True:
        quiet(place)
        live, archive = place.live(), archived(place)
        # What a fold refused is not of the archive: the worker says it itself.
        live = [line for line in live if f'"partner":"{WORKER}"' not in line]
        found = Comparison({comparable(place, line) for line in live}, set(replay(place, archive)))
        if found.equal or time.monotonic() > deadline:
            return found, archive
        time.sleep(1.0)


def read(place: SystemPlace, *topics: str) -> list[Message]:
    """All committed records of topics."""

    async def all_of() -> list[Message]:
        async with Reader(place.bootstrap, topics, place.traits) as reader:
            return [message async for batch in reader.to_end() for message in batch]

    found: list[Message] = read_all(all_of())
    return found


def repeated(place: SystemPlace) -> list[str]:
    """Outputs a read_committed subscriber saw twice: equal consecutive views of a key, notices owed again."""
    last: dict[bytes, Any] = {}
    found = []
    for message in read(place, VIEW_TRANSFER):
        key, view = message.key or b"", decode(message.value)[1] if message.value else None
        said = (view["status"], view["merged_into"], view["version"]) if view else None
        if key in last and last[key] == said:
            found.append(f"view {key.decode()} at {message.partition}/{message.offset}")
        last[key] = said
    owed = Counter(decode(m.value)[1]["thing"] for m in read(place, NOTICE_OWED) if m.value)
    return found + [f"notice {thing} {count} times" for thing, count in owed.items() if count > 1]


@dataclass
class Folded:
    """What all workers together folded so far: (topic, partition, offset) -> when, µs."""

    when: dict[tuple[str, int, int], list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, folder: Path) -> Folded:
        found = cls()
        text = (folder / "folded").read_text() if (folder / "folded").exists() else ""
        for line in text.splitlines(keepends=True):
            if line.endswith("\n"):
                topic, partition, offset, at = line.split()
                found.when[topic, int(partition), int(offset)].append(int(at))
        return found

    def again(self) -> int:
        """How often a record was folded that had been folded before: replayed after a fault."""
        return sum(len(times) - 1 for times in self.when.values())


def in_flight(place: SystemPlace, moments_us: list[int]) -> int:
    """Records that were on the topics at a fault and whose effect was not durable: not folded by then, or
    folded and folded again.
    """
    folded, count = Folded.of(place.folder).when, 0
    for message in read(place, *PERSON_TOPICS, FORWARD):
        times = folded.get((message.topic, message.partition, message.offset), [])
        for at in moments_us:
            known = message.timestamp * 1000 <= at
            count += known and (not any(t <= at for t in times) or (times[0] <= at < times[-1]))
    return count


def fenced(place: SystemPlace) -> tuple[int, int]:
    """(Workers the broker refused as fenced, workers that found out for themselves)."""
    stops = [row for path in place.logs() for row in rows_of(path) if row.get("event") == "engine.stopping"]
    return sum(bool(row["fenced"]) for row in stops), sum(not row["fenced"] for row in stops)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """JSON lines of a log."""
    found = []
    for line in path.read_text(errors="replace").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            found.append(row)
    return found
