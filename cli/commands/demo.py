"""`homeward demo`: a running place on this machine, the story of one afternoon, and the judge."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import click

from runtime.errors import Misconfigured


@click.command()
@click.option("--seconds", type=float, default=None, help="Length of the play; default DEMO_SECONDS or 90.")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(".demo"), help="Logs, ledger, summary."
)
@click.option("--hub", is_flag=True, help="You are the hub: confirm the match, ring the council.")
def command(seconds: float | None, folder: Path, hub: bool) -> int:
    """Play the demo: exit 0 when every fact came true, 1 naming what is missing.

    \b
    DEMO_SECONDS=60 homeward demo
    """
    from cli.demo.processes import NotReady
    from cli.demo.report import BANNER, Teller
    from cli.demo.run import demo

    told = os.environ.get("DEMO_SECONDS", "")
    try:
        length = seconds or float(told or 90)
    except ValueError:
        raise Misconfigured("DEMO_SECONDS is a number of seconds, e.g. 60") from None
    teller = Teller()
    teller.say(BANNER)
    stay = not told and seconds is None and sys.stdin.isatty()
    try:
        code = asyncio.run(demo(length, folder, teller.say, stay=stay, hub_elsewhere=hub))
    except NotReady as exc:
        teller.say(f"the place did not come up: {exc}")
        return 1
    teller.card(json.loads((folder / "summary.json").read_text(encoding="utf-8")))
    return code
