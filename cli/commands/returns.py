"""`homeward returns`: the daily returns of a trust as drafts, from partner files; no broker, no network."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import click

from cli.commands.replay import PATH, moment
from cli.output import emit_json
from runtime.errors import Misconfigured


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="PARTNER=PATH...")
@click.option("--day", "day_text", required=True, help="YYYY-MM-DD, a day by the clock in England.")
@click.option("--kind", type=click.Choice(["discharge", "uec"]), default="discharge", show_default=True)
@click.option("--trust", help="Organisation code; default: the place's only one.")
@click.option("--as-at", "as_at", help="As it stood at a moment of the day; default: its end, for uec 08:00.")
@click.option("--as-of", "as_of", help="Leave out what was received later.")
@click.option("--was-as-of", "was", help="Beside each figure what was known at an earlier time. json only.")
@click.option("--show", "shown_cell", metavar="CELL", help="The events behind one figure, a line each.")
@click.option("--residents", default="all", show_default=True, help="With --show: of whose people.")
@click.option("--place", "place_name", default="bromley", show_default=True, help="A file in places/.")
@click.option("--profile", type=PATH, help="A TOML of [partners.<name>] tables, beside the place's.")
@click.option(
    "--received", type=PATH, help="JSON lines {sha256, received_at}: when each message was received."
)
@click.option(
    "--key-ref", default="offline", show_default=True, help="Pseudonym keys: env:NAME, file:PATH, offline."
)
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), default="json", show_default=True,
    help="csv: the published layout, discharge only; json: every cell with its spells and events.",
)  # fmt: skip
def command(
    sources: tuple[str, ...],
    day_text: str,
    kind: str,
    trust: str | None,
    as_at: str | None,
    as_of: str | None,
    was: str | None,
    shown_cell: str | None,
    residents: str,
    place_name: str,
    profile: Path | None,
    received: Path | None,
    key_ref: str,
    form: str,
) -> int:
    """Make a draft of a trust's daily return and print it. Nothing is submitted anywhere.

    \b
    homeward returns pruh-adt=adt/ hub-list=lists/ --day 2027-01-11 --format csv
    homeward returns pruh-adt=adt/ hub-list=lists/ --day 2027-01-11 --was-as-of 2027-01-12T09:00:00Z
    homeward returns pruh-adt=adt/ hub-list=lists/ --day 2027-01-11 --show nctr.discharged.by_1700
    homeward returns pruh-adt=adt/ pruh-sitrep=sitrep/ --day 2027-01-12 --kind uec
    """
    from cli.replay.behind import cell_named, events_of
    from cli.replay.intake import Intake, read_received
    from cli.replay.returns import Wanted, cells_of, organisation, rows_of, trust_of
    from cli.replay.sources import read_sources, with_profile
    from runtime.place import load_place
    from runtime.pseudonym import KeyRing
    from streams.returns.cells import by_name, compared
    from streams.returns.layout import NOT_OBTAINABLE, published

    if form == "csv" and (kind == "uec" or was is not None):
        raise Misconfigured("--format csv: only --kind discharge without --was-as-of has a known layout")
    day = _day(day_text)
    place = with_profile(load_place(place_name), profile)
    code = trust_of(place, trust)
    wanted = Wanted("uec" if kind == "uec" else "discharge", code, day, moment(as_at, "--as-at"))
    intake = Intake(place, KeyRing.of_reference(key_ref), read_received(received))
    messages = list(read_sources(sources, place))
    known_at = moment(as_of, "--as-of")
    taken = intake.take(messages, as_of=known_at)
    cells = cells_of(taken, place, wanted)
    if shown_cell is not None:
        cell = cell_named(cells, shown_cell, residents)
        if cell is None:
            click.echo(f"homeward: no cell {shown_cell!r} of {residents} people", err=True)
            return 1
        for line in events_of(cell, taken):
            emit_json(line)
        return 0
    if form == "csv":
        for row in published(cells, organisation(place, code), day):
            click.echo(_line(row))
        for what in NOT_OBTAINABLE:
            click.echo(f"homeward: not in this draft: {what}", err=True)
        return 0
    before = moment(was, "--was-as-of")
    shown = cells if before is None else compared(
        cells, by_name(cells_of(intake.take(messages, as_of=before), place, wanted))
    )  # fmt: skip
    for line in rows_of(shown, place, wanted, taken.now if known_at is None else known_at):
        emit_json(line)
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misconfigured("--day: not a date, e.g. 2027-01-11") from None


def _line(row: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(row)
    return out.getvalue()
