"""What commands print: text for people, or one JSON object a line for scripts (`--format json`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

format_option: Callable[[Any], Any] = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text for people; json: one object a line",
)


def emit(rows: Sequence[Mapping[str, Any]], form: str, columns: Sequence[str] = ()) -> None:
    """Print rows: JSON lines, or an aligned table of `columns` (default: the first row's keys)."""
    if form == "json":
        for row in rows:
            emit_json(row)
        return
    names = list(columns) or (list(rows[0]) if rows else [])
    widths = [max((len(_said(row.get(name))) for row in rows), default=0) for name in names]
    for row in rows:
        cells = [_said(row.get(name)).ljust(width) for name, width in zip(names, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def emit_json(row: Mapping[str, Any]) -> None:
    """Print one JSON object on a line of its own."""
    click.echo(json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str))


def _said(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
