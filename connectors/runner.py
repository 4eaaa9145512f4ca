"""The connectors process: sides of partners in, listeners out; runs until it is told to stop or something of
ours is broken.

Start: clients → re-seal every partner → notices → listeners → ready. Stop: listeners close (answering what
was received, bounded), marks are saved, clients let go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from connectors.broker import clients_of
from connectors.feed import FeedHealth
from connectors.notices import NoticeSender
from connectors.openapi import body_schemas
from connectors.outside import addresses, mllp_tls
from connectors.ports import Checkpoint, Marks, Producer, Reader, no_checkpoint
from connectors.quarantine import Quarantine
from connectors.sides import OWN_KIND, Clients, Side, mllp_server, open_side, relearn
from connectors.transports.files import DropFolder, Watching
from connectors.transports.http import intake_app
from connectors.transports.serving import HttpServer
from connectors.webhook_out import WebhookOut
from runtime.errors import Misconfigured, Transient
from runtime.logging import get_logger
from runtime.metrics import METER, Metrics
from runtime.place import Place
from runtime.records import check_partner
from runtime.settings import Settings

log = get_logger("connectors.runner")

__all__ = ["Runner", "clients_of"]

SAVE_SECONDS = 1.0

Announce = Callable[[Mapping[str, Any]], None]
"""Told of each listener: `{partner, transport, host, port}`."""


@dataclass(kw_only=True)
class Runner:
    """One process. `listen` overrides host and port (`HOST:0`), `only` names the one partner to run."""

    settings: Settings
    place: Place
    producer: Producer
    reader: Reader
    marks: Marks
    announce: Announce
    only: str = ""
    listen: tuple[str, int] | None = None
    meter: Metrics = METER
    checkpoints: Checkpoint = no_checkpoint
    sides: dict[str, Side] = field(default_factory=dict)
    ready: bool = False
    _closing: list[Callable[[], Any]] = field(default_factory=list)
    _working: list[asyncio.Task[None]] = field(default_factory=list)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. Raises what broke, if something did."""
        try:
            await self._start()
            log.info("connectors.ready", partners=len(self.sides))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({stopping, *self._working}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
        finally:
            self.ready = False
            await self._stop()
        for task in self._working:
            if not task.cancelled():
                task.result()

    async def _start(self) -> None:
        names = self._names()
        feed = FeedHealth(
            {name: self.place.partners[name].silence_minutes for name in names},
            self.settings.wall,
            self.producer,
            meter=self.meter,
        )
        await feed.restore(self.reader)
        clients = Clients(
            producer=self.producer, reader=self.reader, marks=self.marks, clock=self.settings.wall,
            keys=self.settings.keys, heard=feed.heard, meter=self.meter, checkpoints=self.checkpoints,
        )  # fmt: skip
        quarantine = Quarantine(self.reader, self.producer)
        through = await quarantine.let_through()
        opened = await asyncio.gather(
            *(open_side(name, self.place, clients, through.get(name, ())) for name in names)
        )
        self.sides = {side.name: side for side in opened}
        notices = await self._notices(clients)
        self._work(feed.run())
        self._work(self._save())
        self._work(self._learn(quarantine, through))
        await self._listen_mllp()
        self._watch_folders()
        await self._listen_http(notices)
        self.ready = True
        self.meter.gauge("toc_ready_bool", 1, process="connectors")

    def _names(self) -> list[str]:
        if self.only and self.only not in self.place.partners:
            known = ", ".join(sorted(self.place.partners))
            raise Misconfigured(f"place {self.place.name}: no partner {self.only!r}; known: {known}")
        names = [self.only] if self.only else list(self.place.partners)
        for name in names:
            check_partner(name, self.place.partners[name], self.settings)
        return names

    async def _stop(self) -> None:
        for close in self._closing:
            await close()
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        await self._save_once()

    def _work(self, work: Any) -> None:
        self._working.append(asyncio.create_task(work))

    async def _learn(self, quarantine: Quarantine, known: dict[str, set[str]]) -> None:
        """A shrunken file that a human lets through while we run counts from then on."""
        while True:
            try:
                async for name, sha256 in quarantine.letting_through():
                    files = known.setdefault(name, set())
                    if name in self.sides and sha256 not in files:
                        files.add(sha256)
                        await relearn(self.sides[name], self.place, files)
            except Transient as exc:
                log.warning("quarantine.reader_lost", error=type(exc).__name__)
                await asyncio.sleep(SAVE_SECONDS)

    async def _save(self) -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            await self._save_once()

    async def _save_once(self) -> None:
        for side in self.sides.values():
            try:
                await side.save()
            except Transient as exc:
                log.warning("marks.not_saved", partner=side.name, error=type(exc).__name__)

    def _address(self, port: int) -> tuple[str, int]:
        return self.listen or (self.settings.host, port)

    async def _listen_mllp(self) -> None:
        port = self.settings.mllp_port
        tls = mllp_tls(self.settings)
        for side in self._of("mllp"):
            server = mllp_server(side, tls=tls)
            host, taken = await server.start(*self._address(port))
            self._closing.append(server.close)
            self.announce({"partner": side.name, "transport": "mllp", "host": host, "port": taken})
            port += 1 if port else 0

    def _watch_folders(self) -> None:
        for side in self._of("files"):

            def count(reason: str, side: Side = side) -> None:
                side.count(reason, 1)

            watching = Watching(file_bytes=side.partner.bytes_max)
            folder = DropFolder(self.settings.drop / side.name, side.receive_file, watching, count=count)
            self._work(folder.run())
            self.announce({"partner": side.name, "transport": "files", "folder": str(folder.folder)})

    async def _listen_http(self, notices: NoticeSender | None) -> None:
        sides = self._of("http")
        if self.only and not sides:
            return
        doors = {side.name: side.door for side in sides if side.door and side.partner.kind != OWN_KIND}
        own = next((side.door for side in sides if side.partner.kind == OWN_KIND), None)
        bodies = body_schemas(side.partner.kind for side in sides)
        app = intake_app(
            doors,
            self.settings.wall,
            own=own,
            desk=notices,
            ready=lambda: self.ready,
            meter=self.meter,
            bodies=bodies,
        )
        server = HttpServer(app)
        host, port = await server.start(*self._address(self.settings.intake_port))
        self._closing.append(server.close)
        for side in sides:
            self.announce({"partner": side.name, "transport": "http", "host": host, "port": port})

    async def _notices(self, clients: Clients) -> NoticeSender | None:
        own = next((side for side in self.sides.values() if side.partner.kind == OWN_KIND), None)
        if own is None:
            return None
        client = httpx.AsyncClient(follow_redirects=False, trust_env=False)
        self._closing.append(client.aclose)
        post = WebhookOut(client, clients.clock)
        sender = NoticeSender(
            addresses(self.place), own.name, own.intake.receive, post, self.reader, self.marks,
            clients.clock, meter=self.meter,
        )  # fmt: skip
        await sender.restore()
        self._work(sender.run())
        self._closing.append(sender.save)
        return sender

    def _of(self, transport: str) -> list[Side]:
        return [side for side in self.sides.values() if side.partner.transport == transport]
