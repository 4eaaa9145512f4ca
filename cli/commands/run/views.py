"""`homeward run views`: transfer views to one subscriber's webhook."""

from __future__ import annotations

import asyncio
import os
import signal

import click

from connectors.views_out import Subscriber
from runtime.errors import Misconfigured
from runtime.place import load_place
from runtime.reader import reader_of
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
    "--as", "role", default="", metavar="READER",
    help="a reader of the place, whose role and agreement say what is sent; default: its name",
)
@click.option(
    "--from", "start", type=click.Choice(["cursor", "beginning"]), default="cursor", show_default=True,
    help="beginning: send every person's view again",
)  # fmt: skip
def command(name: str, url_ref: str, secret_ref: str, role: str, start: str) -> None:
    """Send every change of a transfer view to one subscriber, as far as it may see it, until it is stopped.

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
    settings = load_settings()
    reader = reader_of(load_place(settings.place).readers, role or name)
    to = Subscriber(name=name, url=found[url_ref], secret=found[secret_ref].encode(), reader=reader)
    asyncio.run(_run(settings, to, start == "beginning"))


async def _run(settings: Settings, subscriber: Subscriber, replay: bool) -> None:
    import httpx

    from connectors.broker import clients_of
    from connectors.views_out import ViewsOut
    from connectors.webhook_out import WebhookOut
    from runtime.audit import Audit

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with clients_of(settings) as (_, reader, marks), httpx.AsyncClient(trust_env=False) as client:
        audit = Audit(settings.state / f"audit-views-{subscriber.name}.jsonl")
        audit.open()
        post = WebhookOut(client, settings.wall)
        views = ViewsOut(subscriber, post, reader, marks, settings.wall, audit=audit)
        sending, stopping = asyncio.create_task(views.run(replay)), asyncio.create_task(stop.wait())
        await asyncio.wait({sending, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await views.save()
        if not sending.cancelled():
            sending.result()
