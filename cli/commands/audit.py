"""`homeward audit verify|about`: whether the board's audit is whole, and what it says of one person."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import emit, format_option
from runtime.errors import Misconfigured
from runtime.settings import load_settings

FILE = click.argument("file", type=click.Path(path_type=Path), required=False)


@click.group()
def command() -> None:
    """The board's audit: every read of a person and every refusal.

    \b
    homeward audit verify
    homeward audit verify .homeward/audit.jsonl --head 3f9c…
    homeward audit about p1:AAA…
    """


@command.command(name="verify")
@FILE
@click.option(
    "--head", default="", help="Digest of a line that was written down elsewhere: it has to be there."
)
def verify_(file: Path | None, head: str) -> int:
    """Exit 0 when no line was altered, left out, put in or cut off; 1 naming what is wrong."""
    from runtime.audit import verify

    path = _path(file)
    try:
        found = verify(path)
        if head and not any(f'"digest":"{head}' in line for line in path.read_text("utf-8").splitlines()):
            found.append("no line has the digest that was written down elsewhere")
    except OSError as exc:
        raise Misconfigured(f"the audit {path.name}: {exc.strerror}") from None
    for wrong in found:
        click.echo(wrong)
    click.echo("not whole" if found else "whole", err=True)
    return 1 if found else 0


@command.command()
@click.argument("key")
@FILE
@format_option
def about(key: str, file: Path | None, form: str) -> int:
    """Who read or decided what about the person behind KEY (a pseudonym): a subject access report."""
    from runtime.audit import about as lines_about

    try:
        rows = [dict(row) for row in lines_about(_path(file), key)]
    except OSError as exc:
        raise Misconfigured(f"the audit: {exc.strerror}") from None
    emit(rows, form, ("at", "who", "organisation", "role", "purpose", "what", "outcome"))
    return 0 if rows else 1


def _path(file: Path | None) -> Path:
    settings = load_settings()
    return file or (Path(settings.audit) if settings.audit else settings.state / "audit.jsonl")
