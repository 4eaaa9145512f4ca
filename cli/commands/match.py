"""`homeward match list|decide|undo`: proposed matches, and a human's word on them. Decisions are events and
can be undone.
"""

from __future__ import annotations

from typing import Any

import click

from cli.output import emit, format_option
from cli.wire import INTAKE, get_text, post_event
from runtime.settings import load_settings

UNDECIDED = ("proposed", "unsure")
COLUMNS = ("person_key", "other_key", "reason", "score", "state")


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
    for text in get_text(f"{url}/v1/views/person").splitlines():
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
    post_event(
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
    word = {"person_key": source, "other_key": other, "decided_by": decided_by}
    post_event("toc.match.undone.v1", word, intake)
    click.echo("undone", err=True)


def _rest(link: dict[str, Any]) -> dict[str, Any]:
    return {name: link[name] for name in ("reason", "score", "state")}
