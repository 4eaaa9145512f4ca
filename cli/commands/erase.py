"""`homeward erase`: what would go of a person and who would be told; with --yes the order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from cli.output import emit, format_option
from cli.wire import INTAKE, get_text, post_event
from runtime.settings import load_settings

COLUMNS = ("what", "name", "state")
KINDS = ("packages", "tasks", "support")
STAYS = (
    "sealed raw messages and the identity topic, until their retention is over; pseudonymous facts in topics "
    "and state. docs/adr/0011 says how they go"
)


@click.command()
@click.argument("key")
@click.option("--by", "ordered_by", required=True, help="Role that orders it; never a person's name.")
@click.option("--reference", default="", help="Where the order is kept.")
@click.option("--yes", is_flag=True, help="Order it; without, only what would happen is shown.")
@click.option("--board", help="The board's URL; default: HOMEWARD_BOARD_PORT on this machine.")
@INTAKE
@format_option
def command(
    key: str, ordered_by: str, reference: str, yes: bool, board: str | None, intake: str | None, form: str
) -> None:
    """Erase the person of KEY: of every record joined with it nothing received so far is shown any more, and
    whoever was told of it is told so.

    \b
    homeward erase p1:AAA… --by "information governance"
    homeward erase p1:AAA… --by "information governance" --reference IG-2027-014 --yes
    """
    url = board or f"http://127.0.0.1:{load_settings().board_port}"
    people = {row["person_key"]: row for row in _rows(f"{url}/v1/views/person")}
    if key not in people:
        raise click.ClickException("nobody is shown under this key")
    root = _root(key, people)
    keys = sorted(one for one in people if _root(one, people) == root)
    emit(list(_found(url, root, keys)), form, COLUMNS)
    if not yes:
        click.echo("nothing was erased: --yes orders it", err=True)
        return
    order = {"ordered_by": ordered_by} | ({"reference": reference} if reference else {})
    for one in keys:
        post_event("toc.person.erased.v1", {"person_key": one, **order}, intake)
    click.echo(f"ordered for {len(keys)} keys; not reached: {STAYS}", err=True)


def _rows(url: str) -> Iterator[dict[str, Any]]:
    import json

    return map(json.loads, get_text(url).splitlines())


def _root(key: str, people: Mapping[str, Mapping[str, Any]]) -> str:
    """The survivor a key leads to."""
    seen = {key}
    while (into := people.get(key, {}).get("merged_into")) and into not in seen:
        key = into
        seen.add(key)
    return key


def _found(url: str, root: str, keys: list[str]) -> Iterator[dict[str, Any]]:
    for key in keys:
        yield {"what": "key", "name": key, "state": "survivor" if key == root else "retired"}
    for spell in _rows(f"{url}/v1/views/spell?person={root}"):
        yield {"what": "spell", "name": spell["spell_id"], "state": spell["status"]}
    for transfer in _rows(f"{url}/v1/views/transfer?person={root}"):
        for kind in KINDS:
            counted = len(transfer[kind])
            yield {"what": kind, "name": str(counted), "state": ""}
        for told in transfer["told"]:
            yield {"what": "told", "name": told["recipient"], "state": told["fact"]}
