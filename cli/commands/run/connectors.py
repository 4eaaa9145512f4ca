"""`homeward run connectors`: partners in, notices out."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click

from cli.output import emit_json
from cli.replay.sources import with_profile
from runtime.errors import Misconfigured
from runtime.place import load_place
from runtime.settings import Settings, load_settings


@click.command()
@click.option("--only", default="", metavar="PARTNER", help="run this partner alone")
@click.option(
    "--listen",
    default="",
    metavar="HOST:PORT",
    help="listen here instead of where the settings say; port 0: a free one",
)
def command(only: str, listen: str) -> None:
    """Receive what partners send, and tell recipients what is owed to them, until SIGTERM or SIGINT.

    Each listener is printed as one JSON line {partner, transport, host, port} once it takes messages.

    \b
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward run connectors
    homeward run connectors --only pruh-adt --listen 127.0.0.1:0
    """
    settings = load_settings()
    asyncio.run(_run(settings, only, _address(listen, settings)))


async def _run(settings: Settings, only: str, listen: tuple[str, int] | None) -> None:
    from connectors.broker import clients_of
    from connectors.runner import Runner

    place = with_profile(load_place(settings.place), Path(settings.profile) if settings.profile else None)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with clients_of(settings) as (producer, reader, marks):
        runner = Runner(
            settings=settings, place=place, producer=producer, reader=reader,
            marks=marks, announce=emit_json, only=only, listen=listen,
        )  # fmt: skip
        await runner.run(stop)


def _address(listen: str, settings: Settings) -> tuple[str, int] | None:
    if not listen:
        return None
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter("HOST:PORT", param_hint="--listen")
    loopback = host in ("127.0.0.1", "::1", "localhost")
    if not loopback and not settings.bind_anywhere:
        raise Misconfigured("--listen: not a loopback address; set HOMEWARD_BIND_ANYWHERE=1 to mean it")
    return host.strip("[]"), int(port)
