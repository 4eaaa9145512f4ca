"""`homeward run notices`: notices of alerts to desks, by mail, chat or whatever apprise knows."""

from __future__ import annotations

import asyncio
import os
import signal

import click

from runtime.errors import Misconfigured
from runtime.place import Place, load_place
from runtime.settings import Settings, load_settings


@click.command()
@click.option("--link", default="", help="The board's address in the notices; default: this machine's board.")
def command(link: str) -> None:
    """Tell each desk of its alerts: rule, place, count and a link, never a person. Run one of it.

    Where a desk is told stands in the variable its `notices_ref` names (places/*.toml): URLs of apprise,
    separated by blanks. Several alerts of one rule and place within the window are one notice; normal ones
    wait for the desk to be open; over the desk's budget they come in one notice an hour; high ones at once.

    \b
    HOMEWARD_NOTICES_HUB=mailtos://… homeward run notices --link https://board.example
    """
    settings = load_settings()
    place = load_place(settings.place)
    told = {name: desk.notices_ref for name, desk in place.desks.items() if desk.notices_ref}
    urls = {desk: os.environ[ref] for desk, ref in told.items() if os.environ.get(ref)}
    if not urls:
        raise Misconfigured(f"no desk of {place.name} has an address: set {', '.join(sorted(told.values()))}")
    asyncio.run(_run(settings, place, urls, link or f"http://127.0.0.1:{settings.board_port}"))


async def _run(settings: Settings, place: Place, urls: dict[str, str], link: str) -> None:
    from connectors.alert_notices import AlertNotices, AppriseSend, Sent
    from connectors.broker import clients_of
    from connectors.noticing import Noticing
    from connectors.transports.health import health_app
    from connectors.transports.serving import HttpServer
    from runtime.logging import get_logger
    from runtime.metrics import METER

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with clients_of(settings) as (_, reader, _marks):
        sent = Sent(settings.state / "alert-notices.jsonl")
        noticing = Noticing(place, f"{link.rstrip('/')}/alerts", sent.read(), urls)
        notices = AlertNotices(noticing, sent, AppriseSend(urls), reader, settings.wall)
        await notices.restore()
        server = HttpServer(health_app(lambda: True, METER))
        _, port = await server.start(settings.host, settings.notices_port)
        get_logger("notices").info("notices.ready", health_port=port, desks=sorted(urls))
        sending, stopping = asyncio.create_task(notices.run()), asyncio.create_task(stop.wait())
        await asyncio.wait({sending, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await server.close()
        if not sending.cancelled():
            sending.result()
