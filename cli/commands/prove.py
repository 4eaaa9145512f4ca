"""`homeward prove`: the same lines for every order of a partner's messages, or exit 1."""

from __future__ import annotations

from pathlib import Path

import click

from runtime.errors import Misconfigured

PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
RANDOM_ORDERS = 1000
PROGRESS_EVERY = 500


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="PARTNER=PATH...")
@click.option(
    "--orders",
    default="",
    help="`all`, or a number of random orders; default: all up to 7 messages, else 1000.",
)
@click.option("--duplicates", is_flag=True, help="Send every message twice.")
@click.option("--place", "place_name", default="bromley", show_default=True, help="A file in places/.")
@click.option("--profile", type=PATH, help="A TOML of [partners.<name>] tables, beside the place's.")
@click.option("--received", type=PATH, help="JSON lines {sha256, received_at}.")
def command(
    sources: tuple[str, ...],
    orders: str,
    duplicates: bool,
    place_name: str,
    profile: Path | None,
    received: Path | None,
) -> int:
    """Play messages in many orders and count the different outcomes: {orders, distinct}; exit 1 if distinct
    > 1.

    \b
    homeward prove pruh-adt=samples/adt/
    homeward prove pruh-adt=samples/adt/ --orders 5000 --duplicates
    """
    from cli.output import emit_json
    from cli.replay.intake import Intake, read_received
    from cli.replay.orders import ALL_AT_MOST, distinct, how_many
    from cli.replay.sources import read_sources, with_profile
    from runtime.place import load_place
    from runtime.pseudonym import KeyRing

    place = with_profile(load_place(place_name), profile)
    messages = list(read_sources(sources, place))
    asked = _asked(orders, len(messages) <= ALL_AT_MOST)
    intake = Intake(place, KeyRing.offline(), read_received(received))
    total = how_many(messages, asked)

    def seen(number: int) -> None:
        if number % PROGRESS_EVERY == 0:
            click.echo(f"{number} of {total} orders", err=True)

    found = distinct(intake, messages, asked, duplicates=duplicates, seen=seen)
    emit_json({"orders": total, "distinct": len(found)})
    if len(found) > 1:
        for digest, order in found.items():
            names = ", ".join(f"{m.file}#{m.index}" for m in order)
            click.echo(f"{digest[:12]} first from the order {names}", err=True)
    return 1 if len(found) > 1 else 0


def _asked(orders: str, few: bool) -> int | None:
    if orders == "all" or (not orders and few):
        return None
    try:
        return int(orders or RANDOM_ORDERS)
    except ValueError:
        raise Misconfigured("--orders is `all` or a number") from None
