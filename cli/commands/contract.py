"""`homeward contract check`: the gate of the contract, as the tests run it."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import emit, format_option


@click.group()
def command() -> None:
    """The contract: Avro files, ids, compatibility."""


@command.command()
@click.option(
    "--folder", type=click.Path(path_type=Path, exists=True), help="schemas to check (default: ours)"
)
@format_option
def check(folder: Path | None, form: str) -> int:
    """Check that released schemas are unchanged and every version reads every other; exit 1 when not.

    \b
    homeward contract check
    homeward contract check --folder ../proposal/avro --format json
    """
    from schemas.catalogue import AVRO
    from schemas.compatibility import check as breaches_of

    breaches = breaches_of(folder or AVRO)
    rows = [{"schema": b.schema, "problem": b.problem, "hurts": b.hurts} for b in breaches]
    emit(rows, form)
    click.echo(f"{len(breaches)} breaches of the contract", err=True)
    return 1 if breaches else 0
