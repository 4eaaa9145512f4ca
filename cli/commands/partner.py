"""`homeward partner …`: from a first file of a new partner to its samples, and how every partner stands."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.output import emit, emit_json, format_option
from runtime.errors import Misconfigured

if TYPE_CHECKING:
    from cli.partner.trial import Trial
    from runtime.place import Partner, Place

PATH = click.Path(path_type=Path, exists=True)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
place_option = click.option(
    "--place", "place_name", default="bromley", show_default=True, help="A file in places/."
)
profile_option = click.option(
    "--profile", type=FILE, help="A TOML of [partners.<name>] tables."
)


@click.group()
def command() -> None:
    """Add, try and check partners: a partner is a table in places/<place>.toml and a kind that reads it.

    \b
    homeward partner new croydon-hub --kind hub_list --header first-list.csv
    homeward partner try first-list.csv --partner hub-list
    homeward partner check
    """


@command.command()
@click.argument("name")
@click.option("--kind", required=True, help="hub_list, census, council_csv … (a wrong one lists them)")
@click.option("--header", type=FILE, help="A file whose header row to map.")
def new(name: str, kind: str, header: Path | None) -> None:
    """Print a first table for partner NAME, its columns guessed from a file's header.

    \b
    homeward partner new croydon-hub --kind hub_list --header first-list.csv >> places/croydon.toml
    """
    from cli.partner.template import table
    from connectors.delimited import read_table

    columns = read_table(header.read_bytes(), "utf-8", ",").header if header else ()
    click.echo(table(name, kind, columns), nl=False)


@command.command("try")
@click.argument("path", type=PATH)
@click.option("--partner", required=True, metavar="NAME", help="as in the place, e.g. hub-list")
@place_option
@profile_option
@click.option("--key-ref", default="offline", show_default=True, help="env:NAME, file:PATH or offline.")
@format_option
def try_(path: Path, partner: str, place_name: str, profile: Path | None, key_ref: str, form: str) -> None:
    """Show what PATH (a file or folder) would become: used, ignored, facts by pseudonym, refusals.

    \b
    homeward partner try hublist-20270112T090000.csv --partner hub-list
    homeward partner try samples/ --partner my-council --profile my-council.toml --format json
    """
    from cli.partner.trial import tried
    from runtime.pseudonym import KeyRing

    place, _ = _place(place_name, profile, partner)
    _show(tried(place, partner, str(path), KeyRing.of_reference(key_ref)), form)


@command.command()
@click.argument("path", type=FILE)
@click.option("--partner", required=True, metavar="NAME", help="as in the place")
@click.option("--case", "case_name", required=True, metavar="NAME", help="e.g. 04_late_file")
@place_option
@click.option("--into", type=PATH, help="folder of cases (default: beside the kind's translator)")
def accept(path: Path, partner: str, case_name: str, place_name: str, into: Path | None) -> int:
    """Keep PATH as a sample of its kind, expected to go on becoming what it becomes now.

    Read the expected.json it writes before you commit it: it says what the translator does, not yet what is
    right. A file with an NHS number anybody could have is refused (exit 1): samples use the 999 range.
    """
    from cli.partner.trial import issued_numbers
    from connectors.samples import EXPECTED, PARTNERS, expectation

    place, dialect = _place(place_name, None, partner)
    if count := issued_numbers(path):
        click.echo(f"not kept: {count} NHS numbers in an issued range; use the 999 test range", err=True)
        return 1
    folder = (into or PARTNERS / dialect.kind / "samples") / case_name
    if (folder / EXPECTED).exists():
        raise Misconfigured(f"case {case_name} exists already")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / path.name)
    expected = expectation(dialect.kind, folder, partner, place)
    text = json.dumps(expected, indent=2, ensure_ascii=False) + "\n"
    (folder / EXPECTED).write_text(text, encoding="utf-8")
    click.echo(f"kept as {dialect.kind}/{case_name}: read its {EXPECTED}")
    return 0


@command.command()
@click.argument("kind", default="*", required=False)
@format_option
def check(kind: str, form: str) -> int:
    """Run the samples of KIND, or of all kinds; exit 1 when one becomes something else than expected.

    \b
    homeward partner check hub_list
    """
    from connectors import sample_messages, samples

    found = {case.name: samples.differences(case) for case in samples.cases(kind)}
    found |= {pair.name: sample_messages.differences(pair) for pair in sample_messages.pairs(kind)}
    if not found:
        raise Misconfigured(f"no samples of a kind {kind!r}")
    emit([{"sample": name, "ok": not said, "differences": len(said)} for name, said in found.items()], form)
    wrong = [line for said in found.values() for line in said]
    for line in wrong:
        click.echo(line, err=True)
    click.echo(f"{len(found)} samples, {len(wrong)} differences", err=True)
    return int(bool(wrong))


@command.command()
@place_option
@format_option
def status(place_name: str, form: str) -> None:
    """Show every partner: its agreement, when it was last heard, open refusals.

    Without a cluster only what is agreed is shown.

    \b
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward partner status --format json
    """
    from cli.partner.status import COLUMNS, agreed, standing
    from connectors.runner import clients_of
    from runtime.place import load_place
    from runtime.settings import load_settings

    place, settings = load_place(place_name), load_settings()
    if not settings.kafka_bootstrap:
        emit(agreed(place), form)
        click.echo("KAFKA_BOOTSTRAP is not set: only what is agreed is known", err=True)
        return

    async def ask() -> list[dict[str, Any]]:
        async with clients_of(settings) as (producer, reader, _):
            return await standing(place, producer, reader)

    emit(asyncio.run(ask()), form, () if form == "json" else COLUMNS)


def _place(name: str, profile: Path | None, partner: str) -> tuple[Place, Partner]:
    from cli.replay.sources import with_profile
    from runtime.place import load_place

    place = with_profile(load_place(name), profile)
    if partner not in place.partners:
        raise Misconfigured(f"no partner {partner!r}; known: {', '.join(sorted(place.partners))}")
    return place, place.partners[partner]


def _show(trial: Trial, form: str) -> None:
    if form == "json":
        emit_json({"used": trial.used, "ignored": trial.ignored, "counts": trial.counts})
        for kind, rows in (("fact", trial.facts), ("refusal", trial.refusals)):
            for row in rows:
                emit_json({"what": kind, **row})
        return
    click.echo("used     " + ("; ".join(f"{there} → {ours}" for there, ours in trial.used.items()) or "-"))
    click.echo("ignored  " + ("; ".join(trial.ignored) or "-"))
    click.echo("counts   " + ("; ".join(f"{what} {n}" for what, n in trial.counts.items()) or "-"))
    for fact in trial.facts:
        said = " ".join(f"{name}={value}" for name, value in fact["fields"].items())
        flags = f" [{', '.join(fact['flags'])}]" if fact["flags"] else ""
        click.echo(f"{fact['occurred_at'][:19]}Z  {fact['kind']}  {fact['person_key']}  {said}{flags}")
    for refusal in trial.refusals:
        click.echo(f"refused  {refusal['file']}  {refusal['reason']}  {refusal['where']}")
