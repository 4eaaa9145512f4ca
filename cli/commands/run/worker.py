"""`homeward run worker`: folds the events of every person into views, or those of every place into measures,
or watches over feeds, matches and parked records, inside Faust.
"""

from __future__ import annotations

import sys

import click

from runtime.place import load_place
from runtime.settings import load_settings


@click.command()
@click.option(
    "--group",
    type=click.Choice(("person", "place", "watch")),
    default="person",
    show_default=True,
    help="What it folds: persons into views, places into measures, or the watch over feeds and matches.",
)
def command(group: str) -> None:
    """Run one worker; start more of them to share the partitions. SIGTERM settles, then ends with 0.

    A whole place needs one of each group at least: they are processes of their own, so that neither measures
    nor the watch over feeds hold up what is known of a person.

    Ends with 1 when it may have lost its partitions: start it again, replay is the recovery. ENGINE=stock
    runs the same fold with ordinary Faust agents and tables.

    \b
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward run worker
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward run worker --group place
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward run worker --group watch
    """
    from streams.agents.config import core_config
    from streams.agents.person import fold_factory
    from streams.agents.place import place_factory
    from streams.agents.watch import watch_factory
    from streams.worker import PERSON, PLACE, WATCH, work

    settings = load_settings()
    config = core_config(load_place(settings.place))
    made = {
        PERSON.name: (fold_factory, PERSON), PLACE.name: (place_factory, PLACE),
        WATCH.name: (watch_factory, WATCH),
    }  # fmt: skip
    factory, chosen = made[group]
    sys.exit(work(settings, factory(config), chosen))
