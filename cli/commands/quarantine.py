"""`homeward quarantine …`: what was refused, and what an operator does about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import click

from cli.output import emit, format_option
from runtime.place import load_place
from runtime.settings import load_settings
from schemas.headers import time_text

COLUMNS = ("quarantine_id", "partner", "reason", "where", "received", "stage", "message_id")
reason_option = click.option("--reason", "why", required=True, metavar="TEXT", help="why: it is logged")
by_option = click.option("--by", required=True, metavar="ROLE", help="who: a role or account; it is logged")


@click.group()
def command() -> None:
    """Show, redrive or discard what was refused. The value that offended is never shown."""


@command.command("list")
@click.option("--partner", default="", metavar="NAME", help="only this partner's")
@click.option("--reason", default="", metavar="CODE", help="only this reason, e.g. BAD_DATE")
@format_option
def list_(partner: str, reason: str, form: str) -> None:
    """List open refusals, oldest first.

    \b
    homeward quarantine list --partner pruh-adt
    homeward quarantine list --reason UNSUPPORTED_EVENT --format json
    """

    async def ask(desk: Any) -> list[Any]:
        return list(await desk.quarantine.open_refusals(partner, reason))

    emit([_row(refused) for refused in _with_desk(ask)], form, () if form == "json" else COLUMNS)


@command.command()
@click.argument("quarantine_id")
@format_option
def show(quarantine_id: str, form: str) -> None:
    """Show one refusal by its id, or an unambiguous beginning of it.

    \b
    homeward quarantine show 3f2a
    """

    async def ask(desk: Any) -> Any:
        return await desk.quarantine.show(quarantine_id)

    row = _row(_with_desk(ask))
    emit([row] if form == "json" else [{"field": name, "value": value} for name, value in row.items()], form)


@command.command()
@click.argument("quarantine_ids", nargs=-1, required=True)
@reason_option
@by_option
@format_option
def redrive(quarantine_ids: tuple[str, ...], why: str, by: str, form: str) -> int:
    """Read the raw bytes again and take the message as it would be taken now.

    The archive is opened for this: who and why are logged. A message that is refused again stays open (exit
    1).

    \b homeward quarantine redrive 3f2a --reason "A06 is supported now" --by "duty desk"
    """

    async def ask(desk: Any) -> list[dict[str, Any]]:
        return [await desk.redrive(one, why, by) for one in quarantine_ids]

    rows = _with_desk(ask)
    emit(rows, form)
    return int(any(row["outcome"] == "quarantined" for row in rows))


@command.command()
@click.argument("quarantine_ids", nargs=-1, required=True)
@reason_option
@by_option
def discard(quarantine_ids: tuple[str, ...], why: str, by: str) -> None:
    """Close refusals without taking their messages.

    \b
    homeward quarantine discard 3f2a --reason "test traffic" --by "duty desk"
    """

    async def ask(desk: Any) -> None:
        for one in quarantine_ids:
            await desk.quarantine.discard(one, why, by)

    _with_desk(ask)


def _row(refused: Any) -> dict[str, Any]:
    row = asdict(refused)
    return row | {"received": time_text(row.pop("received_at"))}


def _with_desk(ask: Callable[[Any], Awaitable[Any]]) -> Any:
    """Run one question against the configured cluster."""
    from connectors.broker import clients_of
    from connectors.redrive import Desk

    settings = load_settings()

    async def run() -> Any:
        async with clients_of(settings) as (producer, reader, _):
            return await ask(Desk(load_place(settings.place), settings.keys, producer, reader))

    return asyncio.run(run())
