"""`homeward replay`: partner files in, lines out; no broker, no network, the code that runs live."""

from __future__ import annotations

from pathlib import Path

import click

from runtime.clock import micros
from runtime.errors import Misconfigured

PATH = click.Path(path_type=Path, exists=True, dir_okay=False)


def moment(text: str | None, option: str) -> int | None:
    """µs of an option's time. Raises Misconfigured naming the option."""
    if text is None:
        return None
    try:
        return micros(text.replace("Z", "+00:00"))
    except ValueError:
        raise Misconfigured(f"{option}: not an ISO 8601 time, e.g. 2027-01-12T09:00:00Z") from None


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="PARTNER=PATH...")
@click.option("--place", "place_name", default="bromley", show_default=True, help="A file in places/.")
@click.option("--profile", type=PATH, help="A TOML of [partners.<name>] tables, beside the place's.")
@click.option(
    "--received", type=PATH, help="JSON lines {sha256, received_at}: when each message was received."
)
@click.option("--as-of", "as_of", help="Leave out what was received later.")
@click.option(
    "--now", "now_text", help="The time freshness is judged at; default: the last message received."
)
@click.option("--as-at", "as_at", help="The time measures are made for; default: each site's newest figures.")
@click.option("--identifiable", is_flag=True, help="Identifiers, names, dates of birth in person lines.")
@click.option("--provenance", is_flag=True, help="File and index of what was refused.")
@click.option(
    "--as", "role", default="operator", show_default=True, metavar="ROLE",
    help="What a reader of the place sees: its name, or its role where one has it.",
)  # fmt: skip
@click.option(
    "--key-ref", default="offline", show_default=True, help="Pseudonym keys: env:NAME, file:PATH, offline."
)
@click.option(
    "--format", "form", type=click.Choice(["jsonl"]), default="jsonl", help="JSON, one object a line."
)
def command(
    sources: tuple[str, ...],
    place_name: str,
    profile: Path | None,
    received: Path | None,
    as_of: str | None,
    now_text: str | None,
    as_at: str | None,
    identifiable: bool,
    provenance: bool,
    role: str,
    key_ref: str,
    form: str,
) -> int:
    """Replay partner files offline and print the lines of the public interface.

    \b
    homeward replay pruh-adt=samples/adt/ hub-list=samples/list.csv --format jsonl
    cat message.hl7 | homeward replay pruh-adt=- --now 2027-01-12T09:00:00Z
    homeward replay pruh-adt=samples/adt/ --as council
    """
    from cli.replay.export import Asked, all_lines
    from cli.replay.intake import Intake, read_received
    from cli.replay.sources import read_sources, with_profile
    from runtime.place import load_place
    from runtime.pseudonym import KeyRing
    from runtime.reader import reader_of

    place = with_profile(load_place(place_name), profile)
    keys = KeyRing.of_reference(key_ref)
    intake = Intake(place, keys, read_received(received), identifiable=identifiable)
    taken = intake.take(read_sources(sources, place), as_of=moment(as_of, "--as-of"))
    reader = reader_of(place.readers, role)
    when = moment(now_text, "--now"), moment(as_at, "--as-at")
    asked = Asked(*when, provenance, identifiable, reader)
    for line in all_lines(taken, place, asked):
        click.echo(line)
    return 0
