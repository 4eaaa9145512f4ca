"""`homeward run worker`: folds the events of every person into views, or those of every place into measures,
inside Faust.
"""

from __future__ import annotations

import sys

import click

from runtime.place import load_place
from runtime.settings import load_settings


@click.command()
@click.option(
    "--group",
    type=click.Choice(("person", "place")),
    default="person",
    show_default=True,
    help="What it folds: persons into views, or places into measures.",
)
def command(group: str) -> None:
    """Run one worker; start more of them to share the partitions. SIGTERM settles, then ends with 0.

    A whole place needs one of each group at least: they are processes of their own, so that measures never
    hold up what is known of a person.

    Ends with 1 when it may have lost its partitions: start it again, replay is the recovery. ENGINE=stock
    runs the same fold with ordinary Faust agents and tables.

    \b
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward run worker
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward run worker --group place
    """
    from streams.agents.config import core_config
    from streams.agents.person import fold_factory
    from streams.agents.place import place_factory
    from streams.worker import PERSON, PLACE, work

    settings = load_settings()
    config = core_config(load_place(settings.place))
    if group == PLACE.name:
        sys.exit(work(settings, place_factory(config), PLACE))
    sys.exit(work(settings, fold_factory(config), PERSON))
