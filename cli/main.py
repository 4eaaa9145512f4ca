"""`homeward …`: the command line. Exit codes are the same for every command (design.md §9).

0 done; 1 something asked for was not found or not equal; 2 usage or configuration; 3 unreachable.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import IntEnum

import click

from cli.lazy import LazyGroup
from runtime import clock, logging
from runtime.errors import Misconfigured, Transient


class Exit(IntEnum):
    """What a process ends with."""

    DONE = 0
    NOT_SO = 1
    USAGE = 2
    UNREACHABLE = 3


homeward = LazyGroup(
    package="cli.commands",
    name="homeward",
    help="One live transfer-of-care view from what partners already send.\n\n"
    "Settings come from the environment; `homeward doctor` shows them.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and give its exit code. Errors of our families become one line on stderr."""
    try:
        result = homeward.main(args=arguments, prog_name="homeward", standalone_mode=False)
    except click.ClickException as exc:
        exc.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return Exit.NOT_SO
    except Misconfigured as exc:
        click.echo(f"homeward: {exc}", err=True)
        return Exit.USAGE
    except Transient as exc:
        click.echo(f"homeward: unreachable: {exc}", err=True)
        return Exit.UNREACHABLE
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is left to say to anyone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    return int(result) if isinstance(result, int) else Exit.DONE


def main() -> None:
    """The console script."""
    # A command says what went wrong itself, in one line; processes (`run`) set their own level.
    logging.configure("CRITICAL")
    clock.anchor(os.environ)
    sys.exit(run())


if __name__ == "__main__":
    main()
