"""`homeward match list|decide|undo`: proposed matches, and a human's word on them. Decisions are events and
can be undone.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

import click

from cli.output import emit, format_option
from runtime.errors import Misconfigured, Transient
from runtime.settings import load_settings

SECRET = "HOMEWARD_SECRET_OWN"
UNDECIDED = ("proposed", "unsure")
COLUMNS = ("person_key", "other_key", "reason", "score", "state")
INTAKE = click.option("--intake", help="The intake's URL; default: HOMEWARD_INTAKE_PORT on this machine.")


@click.group()
def command() -> None:
    """Proposed matches: nobody is joined on weaker evidence than a verified number or a source's own link
    without a human's word.

    \b
    homeward match list
    homeward match decide p1:AAA… p1:BBB… same --by "hub desk"
    homeward match undo p1:AAA… p1:BBB… --by "hub desk"
    """


@command.command(name="list")
@click.option("--board", help="The board's URL; default: HOMEWARD_BOARD_PORT on this machine.")
@click.option("--all", "everything", is_flag=True, help="Decided ones too.")
@format_option
def list_(board: str | None, everything: bool, form: str) -> None:
    """List candidate links, undecided ones first."""
    import json

    url = board or f"http://127.0.0.1:{load_settings().board_port}"
    rows: list[dict[str, Any]] = []
    for text in _get(f"{url}/v1/views/person").splitlines():
        person: dict[str, Any] = json.loads(text)
        links = person.get("candidate_links", ())
        wanted = [link for link in links if everything or link["state"] in UNDECIDED]
        key = person["person_key"]
        rows += [{"person_key": key, "other_key": link["person_key"], **_rest(link)} for link in wanted]
    rows.sort(key=lambda row: (row["state"] != "proposed", row["person_key"], row["other_key"]))
    emit(rows, form, COLUMNS)
    click.echo(f"{len(rows)} candidate links", err=True)


@command.command()
@click.argument("source")
@click.argument("survivor")
@click.argument("decision", type=click.Choice(["same", "not_same", "unsure"]))
@click.option("--by", "decided_by", required=True, help="Role that decides; never a person's name.")
@INTAKE
def decide(source: str, survivor: str, decision: str, decided_by: str, intake: str | None) -> None:
    """Say whether SOURCE and SURVIVOR are one person; SURVIVOR is the key that stays."""
    word = {"decision": decision, "survivor_key": survivor}
    _post(
        "toc.match.decided.v1",
        {"person_key": source, "other_key": survivor, "decided_by": decided_by, **word},
        intake,
    )
    click.echo(f"decided: {decision}", err=True)


@command.command()
@click.argument("source")
@click.argument("other")
@click.option("--by", "decided_by", required=True, help="Role that takes it back.")
@INTAKE
def undo(source: str, other: str, decided_by: str, intake: str | None) -> None:
    """Take a decision back: both records stand as their sources say."""
    _post("toc.match.undone.v1", {"person_key": source, "other_key": other, "decided_by": decided_by}, intake)
    click.echo("undone", err=True)


def _rest(link: dict[str, Any]) -> dict[str, Any]:
    return {name: link[name] for name in ("reason", "score", "state")}


def _get(url: str) -> str:
    import httpx

    try:
        response = httpx.get(url, timeout=30)
        response.raise_for_status()
    except httpx.HTTPError as exc:
        raise Transient(f"the board at {url}: {type(exc).__name__}; is `homeward run board` up?") from None
    return response.text


def _post(kind: str, fields: dict[str, str], intake: str | None) -> None:
    """Post one signed CloudEvent to the intake. Raises Misconfigured without the secret, Transient if it is
    not taken.
    """
    import httpx

    from connectors.transports.signatures import sign
    from runtime.freshness import compact
    from schemas.headers import time_text

    settings = load_settings()
    secret = os.environ.get(SECRET, "")
    if not secret:
        raise Misconfigured(f"{SECRET} is not set: the secret that signs our own events")
    now = settings.wall.now()
    url = intake or f"http://127.0.0.1:{settings.intake_port}"
    key = str(uuid.uuid4())
    event = {
        "specversion": "1.0",
        "id": key,
        "type": kind,
        "source": "/homeward/match",
        "time": time_text(now),
    }
    body = compact({**event, "data": {**fields, "occurred_at": time_text(now)}}).encode()
    seconds = now // 1_000_000
    headers = {
        "Content-Type": "application/cloudevents+json", "Homeward-Timestamp": str(seconds),
        "Idempotency-Key": key,        "Homeward-Signature": sign(secret.encode(), seconds, body),
    }  # fmt: skip
    try:
        response = httpx.post(f"{url}/v1/events", content=body, headers=headers, timeout=30)
    except httpx.HTTPError as exc:
        raise Transient(
            f"the intake at {url}: {type(exc).__name__}; is `homeward run connectors` up?"
        ) from None
    if response.status_code not in (200, 202):
        raise click.ClickException(f"the intake refused the decision: {response.text[:300]}")
