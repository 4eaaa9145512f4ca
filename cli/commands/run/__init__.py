"""`homeward run …`: one process each. A module here is a process: it exports `command`."""

from __future__ import annotations

import os

import click

from cli.lazy import LazyGroup
from runtime import logging


@click.group(cls=LazyGroup, package="cli.commands.run")
def command() -> None:
    """Run one process: worker, connectors, board, registry. Settings by environment, logs on stderr."""
    level = os.environ.get("HOMEWARD_LOG_LEVEL", "")
    logging.configure(level if level in logging.LEVELS else "INFO")
