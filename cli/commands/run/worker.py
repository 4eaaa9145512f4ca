"""`homeward run worker`: folds the events of every person into views, inside Faust."""

from __future__ import annotations

import sys

import click

from runtime.place import load_place
from runtime.settings import load_settings


@click.command()
def command() -> None:
    """Run one worker; start more of them to share the partitions. SIGTERM settles, then ends with 0.

    Ends with 1 when it may have lost its partitions: start it again, replay is the recovery. ENGINE=stock
    runs the same fold with ordinary Faust agents and tables.

    \b
    KAFKA_BOOTSTRAP=127.0.0.1:9092 homeward run worker
    """
    from streams.agents.config import core_config
    from streams.agents.person import fold_factory
    from streams.worker import work

    settings = load_settings()
    sys.exit(work(settings, fold_factory(core_config(load_place(settings.place)))))
