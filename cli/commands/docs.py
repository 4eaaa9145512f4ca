"""`homeward docs`: write the pages that list what the code declares (for developers: `make docs`)."""

from __future__ import annotations

import click

from cli.pages import PAGES


@click.command(hidden=True)
def command() -> None:
    """Write docs/settings.md and docs/metrics.md; run in the repository's root."""
    for path, page in PAGES.items():
        path.write_text(page(), encoding="utf-8")
        click.echo(path)
