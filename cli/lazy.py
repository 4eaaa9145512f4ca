"""Groups whose commands are modules of a package, loaded when asked for: adding a command is adding a file.

`cli/commands/<name>.py` exports `command`, a click command; underscores in a file name are hyphens in the
command's.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import click


class LazyGroup(click.Group):
    """A group over a package: `LazyGroup(package="cli.commands")`."""

    def __init__(self, *, package: str, **given: Any) -> None:
        super().__init__(**given)
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The modules of the package, none of them imported."""
        folder = Path(__file__).parent.parent.joinpath(*self._package.split("."))
        return sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules([str(folder)]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one module and give its `command`."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{self._package}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command
