"""One partner's side of the process, put together: its pipeline, archive and intake, ready to receive
(re-sealed first).
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from connectors.archive import Archive
from connectors.envelope import RawKeys
from connectors.events_door import cloud_event
from connectors.intake import Intake
from connectors.message import RawMessage
from connectors.outcome import outcome_of
from connectors.pipeline import Pipeline
from connectors.ports import Checkpoint, Marks, Producer, Reader, no_checkpoint
from connectors.publisher import Publisher
from connectors.reseal import SEALED_GROUP, arrival, reseal
from connectors.transports.doors import Door, as_sent
from connectors.transports.mllp import Limits, MllpServer, Wording
from connectors.verdict import POSITIVE, Answer, Verdict
from runtime.clock import SECOND, Clock
from runtime.logging import get_logger
from runtime.metrics import METER, Metrics
from runtime.place import Partner, Place
from runtime.pseudonym import KeyRing
from schemas.headers import time_text

log = get_logger("connectors.sides")

OWN_KIND = "events"
_HOUR = 3600 * SECOND


@dataclass(frozen=True, kw_only=True)
class Clients:
    """What every side shares."""

    producer: Producer
    reader: Reader
    marks: Marks
    clock: Clock
    keys: KeyRing
    heard: Callable[[str], None] = lambda _partner: None
    meter: Metrics = METER
    checkpoints: Checkpoint = no_checkpoint


@dataclass(kw_only=True)
class Side:
    """A partner, open for messages."""

    name: str
    partner: Partner
    intake: Intake
    archive: Archive
    clients: Clients
    split: Callable[[bytes], Iterator[bytes]]
    door: Door | None = None

    async def receive(self, body: bytes) -> Verdict:
        """Take the bytes of one message that came now."""
        return await self.intake.receive(RawMessage(self.name, body, self.clients.clock.now()))

    async def receive_file(self, name: str, body: bytes) -> Verdict:
        """Take a file: each message in it, or the whole of a full file. The verdict is the worst of them."""
        now = self.clients.clock.now()
        worst = Verdict(Answer.ACCEPTED)
        for index, part in enumerate(list(self.split(body)) or [body]):
            verdict = await self.intake.receive(RawMessage(self.name, part, now, name, index=index))
            if verdict.answer is Answer.UNAVAILABLE:
                return verdict
            worst = max(worst, verdict, key=lambda one: one.answer not in POSITIVE)
        return worst

    def count(self, seen: str, by: int) -> None:
        """What a transport saw beside messages."""
        meter = self.clients.meter
        if seen == "connection":
            meter.count("toc_connections_total", by, partner=self.name)
        elif seen == "garbage":
            meter.count("toc_garbage_bytes_total", by, partner=self.name)
        else:
            meter.count("toc_refusals_total", by, partner=self.name, reason=seen)

    async def save(self) -> None:
        """Settle what is owed and move the durable mark."""
        await self.intake.finish()
        await self.intake.sealed.save(self.clients.marks, SEALED_GROUP, self.archive.topic)


async def open_side(name: str, place: Place, clients: Clients, let_through: Collection[str] = ()) -> Side:
    """Re-seal what the last process left, then give a side that may receive.

    `let_through`: digests of shrunken files that a human accepted. Raises Transient or Misconfigured.
    """
    partner = place.partners[name]
    archive = Archive(name, RawKeys.of_ring(clients.keys), clients.producer, clients.reader)
    publisher = Publisher(clients.producer, clients.meter)
    pipeline = Pipeline(place, name, clients.keys, accepted_files=let_through)
    known: list[tuple[str, str]] = []

    def seen(raw: RawMessage) -> None:
        known.append((raw.message_id, raw.sha256))

    since = clients.clock.now() - int(partner.duplicate_window_hours * _HOUR)
    # Full files are held against the last ones, however old; messages only against the window.
    since = 0 if partner.transport == "files" else since
    sealed, standing = await reseal(pipeline, archive, publisher, clients.marks, since, seen)
    intake = Intake(
        pipeline, archive, publisher, sealed, standing, heard=clients.heard, meter=clients.meter,
        checkpoints=clients.checkpoints,
    )  # fmt: skip
    door = _door(name, partner, intake, known) if partner.transport == "http" else None
    return Side(
        name=name,
        partner=partner,
        intake=intake,
        archive=archive,
        clients=clients,
        split=pipeline.split,
        door=door,
    )


async def relearn(side: Side, place: Place, let_through: Collection[str]) -> None:
    """Give a running side a pipeline that counts the files a human let through since it was opened."""
    pipeline = Pipeline(place, side.name, side.clients.keys, accepted_files=let_through)
    tail = [kept async for kept in side.archive.read()]
    for kept in sorted(tail, key=arrival):
        if kept.message is not None:
            outcome_of(pipeline, kept.message)
    side.intake.pipeline = pipeline


def _door(name: str, partner: Partner, intake: Intake, known: Iterable[tuple[str, str]]) -> Door:
    secret = os.environ.get(partner.secret_ref, "") if partner.secret_ref else ""
    if not secret:
        log.warning("webhook.closed", partner=name, why="no secret behind its secret_ref")
    prepare = cloud_event if partner.kind == OWN_KIND else as_sent
    door = Door(name, secret.encode(), intake.receive, partner.ack, partner.signature_window_seconds, prepare)
    for message_id, sha256 in known:
        if message_id:
            door.keys.know(message_id, sha256)
    return door


def mllp_server(side: Side, limits: Limits | None = None, tls: ssl.SSLContext | None = None) -> MllpServer:
    """The MLLP server of a side."""
    clock = side.clients.clock

    def written_at() -> str:
        return time_text(clock.now())[:19].translate({ord(mark): None for mark in "-:T"}) + "+0000"

    wording = Wording(written_at, f"HW{clock.now() // SECOND}.")
    limits = limits or Limits(frame_bytes=side.partner.bytes_max)
    return MllpServer(side.receive, side.partner.ack, wording, limits=limits, count=side.count, tls=tls)
