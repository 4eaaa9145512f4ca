"""`homeward rules explain|rehearse`: what a rule says and why it spoke; what would have been raised
with other thresholds.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.commands.replay import moment
from cli.output import emit, format_option

if TYPE_CHECKING:
    from cli.replay.intake import Taken
    from runtime.place import Place

PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
PLACE = click.option("--place", "place_name", default="bromley", show_default=True, help="A file in places/.")
PROFILE = click.option("--profile", type=PATH, help="A TOML of [partners.<name>] tables, beside the place's.")
RECEIVED = click.option("--received", type=PATH, help="JSON lines {sha256, received_at}.")
NOW = click.option("--now", "now_text", help="The time all is judged at; default: the last message received.")


@click.group()
def command() -> None:
    """The rules of alerts: what they say, why they spoke, what they would have said.

    \b
    homeward rules explain ready_not_referred
    homeward rules explain 3f0c8a53-… pruh-adt=samples/adt/ hub-list=samples/list.csv
    homeward rules rehearse pruh-adt=samples/adt/ --set ready_not_referred.hours=24 --format json
    """


@command.command()
@click.argument("what", metavar="ALERT_ID|RULE")
@click.argument("sources", nargs=-1, metavar="[PARTNER=PATH...]")
@PLACE
@PROFILE
@RECEIVED
@NOW
@format_option
def explain(
    what: str, sources: tuple[str, ...], place_name: str, profile: Path | None, received: Path | None,
    now_text: str | None, form: str,
) -> int:
    """Say what a RULE says, or of an alert in these SOURCES how it stands, each step, and what was said that
    made it so. Exit code 1: there is no such alert in them.
    """
    from cli.rehearsal import explained, people, rule_rows
    from streams.agents.config import core_config
    from streams.rules.catalogue import RULES

    place, taken = _taken(sources, place_name, profile, received)
    config = core_config(place)
    rule = next((one for one in RULES if one.name == what), None)
    rows: list[dict[str, Any]] = []
    if rule is None:
        now = moment(now_text, "--now")
        rows = list(explained(people(taken, config), config, what, taken.now if now is None else now))
        if not rows:
            click.echo("neither a rule nor an alert in these sources", err=True)
            return 1
        rule = next(one for one in RULES if one.name == rows[0]["rule"])
    text = importlib.import_module(f"streams.rules.{rule.name}").__doc__ or ""
    _emit([*rows, *rule_rows(rule, config, text)], form)
    return 0


@command.command()
@click.argument("sources", nargs=-1, required=True, metavar="PARTNER=PATH...")
@click.option("--set", "settings", multiple=True, metavar="RULE.WHAT=VALUE", help="Another threshold.")
@click.option("--from", "begin", help="Alerts raised from this time on.")
@click.option("--to", "end", help="Alerts raised before this time.")
@PLACE
@PROFILE
@RECEIVED
@NOW
@format_option
def rehearse(
    sources: tuple[str, ...], settings: tuple[str, ...], begin: str | None, end: str | None,
    place_name: str, profile: Path | None, received: Path | None, now_text: str | None, form: str,
) -> int:
    """Say what would have been raised: every alert, then each rule's number and each desk's busiest eight
    hours, with the thresholds of the place and with those of --set.
    """
    from cli.rehearsal import changed, people, raised, rehearsed
    from streams.agents.config import core_config

    place, taken = _taken(sources, place_name, profile, received)
    config, other = core_config(place), changed(place, settings)
    asked = moment(now_text, "--now")
    now = taken.now if asked is None else asked
    stretch = moment(begin, "--from"), moment(end, "--to")
    states = people(taken, config)
    before, after = (raised(states, one, now, *stretch) for one in (config, other))
    _emit(list(rehearsed(before, after)), form)
    return 0


def _taken(
    sources: tuple[str, ...], place_name: str, profile: Path | None, received: Path | None
) -> tuple[Place, Taken]:
    from cli.replay.intake import Intake, read_received
    from cli.replay.sources import read_sources, with_profile
    from runtime.place import load_place
    from runtime.pseudonym import KeyRing

    place = with_profile(load_place(place_name), profile)
    intake = Intake(place, KeyRing.offline(), read_received(received))
    return place, intake.take(read_sources(sources, place))


def _emit(rows: list[dict[str, Any]], form: str) -> None:
    """JSON lines, or one table for each kind of row."""
    if form == "json":
        emit(rows, form)
        return
    for kind in dict.fromkeys(row["row"] for row in rows):
        found = [{name: value for name, value in row.items() if name != "row"} for row in rows
                 if row["row"] == kind]  # fmt: skip
        click.echo(f"{kind}: {', '.join(found[0])}")
        emit(found, form)
        click.echo()
