"""`homeward alert list|load|ack|unack|snooze|resolve|reopen|told`: alerts as they stand, and a human's word
on them. A word is an event: it is kept before the intake says yes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from cli.output import emit, format_option
from cli.wire import INTAKE, get_text, post_event
from runtime.desk_load import BUDGET, in_force, loads
from runtime.place import load_place
from runtime.settings import load_settings

COLUMNS = (
    "alert_id", "rule", "severity", "state", "under", "behind", "due_at", "ward", "desks", "actor", "contact",
    "phone",
)  # fmt: skip
LIVE = ("open", "escalated", "acknowledged", "snoozed", "suppressed")
ORDER = ("escalated", "open", "snoozed", "acknowledged", "suppressed")
"""What nobody has in hand comes first."""
BOARD = click.option("--board", help="The board's URL; default: HOMEWARD_BOARD_PORT on this machine.")


@click.group()
def command() -> None:
    """Alerts as they stand, and what people say of them. A reason is a code, never free text.

    \b
    homeward alert list
    homeward alert load
    homeward alert list --rule told_no_longer_true --format json
    homeward alert ack 3f0c8a53-… --by hub_coordinator --reason in_hand
    homeward alert snooze 3f0c8a53-… --by ward_manager --until 2027-01-12T16:00:00Z
    homeward alert told 3f0c8a53-… --by hub_coordinator
    """


@command.command(name="list")
@BOARD
@click.option("--all", "everything", is_flag=True, help="Those that have ended too.")
@click.option("--rule", help="Of one rule only.")
@click.option("--desk", help="Of one desk only.")
@format_option
def list_(board: str | None, everything: bool, rule: str | None, desk: str | None, form: str) -> None:
    """List alerts: what nobody has in hand first, high severity before others, then by when they were due."""
    rows = [
        row for row in _rows(board)
        if (everything or row["state"] in LIVE) and rule in (None, row["rule"])
        and (desk is None or desk in row["desks"])
    ]
    rows.sort(key=_urgency)
    emit([_shown(row) for row in rows] if form == "text" else rows, form, COLUMNS)
    click.echo(f"{len(rows)} alerts", err=True)


@command.command(name="load")
@BOARD
@format_option
def load_(board: str | None, form: str) -> None:
    """How many alerts each desk had in the last eight hours, against its budget."""
    settings = load_settings()
    now = settings.wall.now()
    budget = in_force(load_place(settings.place).thresholds, "notices.budget", now, BUDGET)
    rows = [
        {"desk": desk, "alerts": count, "budget": int(budget), "over": count > budget}
        for desk, count in sorted(loads(_rows(board), now).items())
    ]
    emit(rows, form, ("desk", "alerts", "budget", "over"))


def _urgency(row: dict[str, Any]) -> tuple[int, bool, int, str]:
    state = ORDER.index(row["state"]) if row["state"] in ORDER else len(ORDER)
    return (state, row["severity"] != "high", row["due_at"], row["alert_id"])


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    due = datetime.fromtimestamp(row["due_at"] // 1_000_000, UTC)
    return row | {"due_at": f"{due:%Y-%m-%dT%H:%M:%SZ}", "desks": ", ".join(row["desks"])}


def _rows(board: str | None) -> list[dict[str, Any]]:
    url = board or f"http://127.0.0.1:{load_settings().board_port}"
    return [json.loads(line) for line in get_text(f"{url}/v1/alerts").splitlines()]


def _word(name: str, verb: str, text: str, *, until: bool = False, needed: bool = False) -> None:
    """Declare the command that says one verb."""

    def say(
        alert_id: str, actor: str, reason: str | None, until_at: str | None, board: str | None,
        intake: str | None,
    ) -> None:
        holders = [row["holder"] for row in _rows(board) if row["alert_id"] == alert_id]
        if not holders:
            click.echo("no such alert: `homeward alert list --all` shows every one", err=True)
            raise click.exceptions.Exit(1)
        said = {"verb": verb, "actor": actor, "reason": reason, "until_at": until_at}
        for key in holders:
            fields = {"person_key": key, "thing": alert_id, **{n: v for n, v in said.items() if v}}
            post_event("toc.alert.commanded.v1", fields, intake)
        click.echo(f"{verb}: taken", err=True)

    options: list[Callable[[Any], Any]] = [
        click.argument("alert_id"),
        click.option("--by", "actor", required=True, help="Role or account; never a person's name."),
        click.option("--reason", help="Why, as a code: in_hand, waiting_for_family …"),
        click.option("--until", "until_at", required=needed, expose_value=True, hidden=not until,
                     help="Until when: ISO 8601."),
        BOARD, INTAKE,
    ]  # fmt: skip
    made: Any = say
    for option in reversed(options):
        made = option(made)
    command.command(name=name, help=text)(made)


_word("ack", "acknowledge", "Say that you have it in hand.", until=True)
_word("unack", "unacknowledge", "Take an acknowledgement or a snooze back: it is open again.")
_word("snooze", "snooze", "Put it off until a time; then it is open again.", until=True, needed=True)
_word("resolve", "resolve", "Say that it is over, whatever its condition says.")
_word("reopen", "reopen", "Take a `resolve` back, while the condition holds.")
_word("told", "told_by_phone", "Say that you rang whoever had to know.")
