"""`homeward run views`: transfer views to one subscriber's webhook."""

from __future__ import annotations

import asyncio
import os
import signal

import click

from runtime.errors import Misconfigured
from runtime.settings import Settings, load_settings


@click.command()
@click.option("--name", required=True, metavar="NAME", help="the subscriber: names its cursor")
@click.option(
    "--url-ref", default="HOMEWARD_VIEWS_URL", show_default=True, metavar="VARIABLE", help="holds its URL"
)
@click.option(
    "--secret-ref",
    default="HOMEWARD_SECRET_VIEWS",
    show_default=True,
    metavar="VARIABLE",
    help="holds the secret",
)
@click.option(
    "--from", "start", type=click.Choice(["cursor", "beginning"]), default="cursor", show_default=True,
    help="beginning: send every person's view again",
)  # fmt: skip
def command(name: str, url_ref: str, secret_ref: str, start: str) -> None:
    """Send every change of a transfer view to one subscriber, signed, until SIGTERM or SIGINT.

    \b
    HOMEWARD_VIEWS_URL=http://127.0.0.1:9000 HOMEWARD_SECRET_VIEWS=… homeward run views --name lbb
    homeward run views --name lbb --from beginning
    """
    found = {ref: os.environ.get(ref, "") for ref in (url_ref, secret_ref)}
    lacking = [ref for ref, value in found.items() if not value]
    if lacking:
        raise Misconfigured(
            f"{' and '.join(lacking)} not set: where the views go, and the secret they are signed under"
        )
    asyncio.run(_run(load_settings(), name, found[url_ref], found[secret_ref], start == "beginning"))


async def _run(settings: Settings, name: str, url: str, secret: str, replay: bool) -> None:
    import httpx

    from connectors.broker import clients_of
    from connectors.views_out import Subscriber, ViewsOut
    from connectors.webhook_out import WebhookOut

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    subscriber = Subscriber(name=name, url=url, secret=secret.encode())
    async with clients_of(settings) as (_, reader, marks), httpx.AsyncClient(trust_env=False) as client:
        views = ViewsOut(subscriber, WebhookOut(client, settings.wall), reader, marks)
        sending, stopping = asyncio.create_task(views.run(replay)), asyncio.create_task(stop.wait())
        await asyncio.wait({sending, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await views.save()
        if not sending.cancelled():
            sending.result()
