"""`homeward tail TOPIC`: records of a topic, decoded; what is on a topic is pseudonymous or it is refused."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

import click

from cli.output import emit_json
from runtime.brokers.detect import detect
from runtime.clock import micros
from runtime.errors import Misconfigured
from runtime.kafka.reader import Message, Reader
from runtime.settings import load_settings
from schemas.catalogue import RAW_PATTERN, TOPICS
from schemas.codec import decode
from schemas.errors import ContractViolation

_SHOWN_BYTES = 48


@click.command()
@click.argument("topic")
@click.option("--since", default="", metavar="TIME", help="leave out records older than this (ISO 8601, UTC)")
@click.option(
    "--where", "conditions", multiple=True, metavar="FIELD=VALUE", help="only records with this field"
)
@click.option("--follow/--no-follow", default=False, help="go on when the end is reached")
@click.option("--limit", default=0, metavar="N", help="stop after so many")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(topic: str, since: str, conditions: tuple[str, ...], follow: bool, limit: int, form: str) -> None:
    """Print the records of TOPIC, decoded, oldest first within a partition.

    \b
    homeward tail toc.hospital.spell.v1 --where kind=SpellAdmitted --format json
    homeward tail toc.view.transfer.v1 --follow --since 2026-01-12T06:00:00Z
    """
    if _identifiable(topic):
        raise Misconfigured(f"{topic} is identifiable: it is read under a named purpose only, not by tail")
    wanted = dict(_condition(text) for text in conditions)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_tail(topic, _moment_ms(since), wanted, follow, limit, form))


def _identifiable(topic: str) -> bool:
    known = TOPICS.get(topic)
    named = known is not None and known.data_class == "identifiable"
    return named or topic.startswith(RAW_PATTERN.partition("<")[0])


async def _tail(
    topic: str, since_ms: int | None, wanted: Mapping[str, str], follow: bool, limit: int, form: str
) -> None:
    settings = load_settings()
    bootstrap = settings.bootstrap()
    traits = await asyncio.to_thread(detect, bootstrap, settings)
    shown = 0
    async with Reader(bootstrap, [topic], traits, settings, since_ms) as reader:
        async for batch in reader.follow() if follow else reader.to_end():
            for message in batch:
                row = _row(message)
                if not all(_text(row.get(name)) == value for name, value in wanted.items()):
                    continue
                _show(row, form)
                shown += 1
                if limit and shown >= limit:
                    return


def _row(message: Message) -> dict[str, Any]:
    """Position, key and the decoded record; what does not decode is said, with its reason, not shown."""
    key = message.key.decode("utf-8", "replace") if message.key is not None else None
    row: dict[str, Any] = {"partition": message.partition, "offset": message.offset, "key": key}
    if message.value is None:
        return row | {"kind": None, "tombstone": True}
    try:
        kind, record = decode(message.value)
    except ContractViolation as exc:
        return row | {"kind": None, "undecodable": str(exc.reason), "bytes": len(message.value)}
    return row | {"kind": kind} | {name: _shown(value) for name, value in record.items()}


def _shown(value: Any) -> Any:
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def _show(row: Mapping[str, Any], form: str) -> None:
    if form == "json":
        emit_json(row)
        return
    rest = {n: v for n, v in row.items() if n not in ("partition", "offset", "key", "kind") and v is not None}
    body = " ".join(f"{n}={_text(v)[:_SHOWN_BYTES]}" for n, v in rest.items())
    click.echo(f"{row['partition']}:{row['offset']} {row['key']} {row['kind']} {body}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _condition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not FIELD=VALUE", param_hint="--where")
    return name, value


def _moment_ms(text: str) -> int | None:
    if not text:
        return None
    try:
        return micros(text) // 1000
    except ValueError:
        raise click.BadParameter("an ISO 8601 time", param_hint="--since") from None
