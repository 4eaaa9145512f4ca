"""A first table for a new partner: what `homeward partner new` prints.

In: a name, a kind, maybe a header row. Out: TOML for `places/<place>.toml`, with what must be decided left
visibly open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.cells import folded
from connectors.partners.registry import Kind, kind_of
from runtime.place import load_place

OPEN: Final = "TO DECIDE"
SHAPES: Final = {
    "hl7_adt": ("hospital", "mllp"), "census": ("hospital", "files"), "hub_list": ("hub", "files"),
    "council_webhook": ("council", "http"), "council_csv": ("council", "files"),
    "voluntary_webhook": ("voluntary", "http"), "voluntary_csv": ("voluntary", "files"),
    "capacity_csv": ("hospital", "files"), "capacity_webhook": ("system", "http"),
    "events": ("own", "http"),
}  # fmt: skip
"""Kind -> its sector and transport."""


def table(name: str, kind: str, header: Sequence[str] = ()) -> str:
    """The partner's table. Raises Misconfigured for an unknown kind."""
    fields = fields_of(kind_of(kind))
    sector, transport = SHAPES[kind]
    lines = [
        f"[partners.{name}]", _pair("kind", kind), _pair("title", OPEN), _pair("sector", sector),
        _pair("transport", transport), "silence_minutes = 60", _pair("controller", OPEN),
        _pair("sharing_agreement", OPEN),
    ]  # fmt: skip
    if fields:
        lines.append(_pair("as_at", "name:list-%Y%m%dT%H%M.csv"))
    if transport == "http":
        lines.append(_pair("secret_ref", f"HOMEWARD_SECRET_{name.upper().replace('-', '_')}"))
    lines += [f"[partners.{name}.identifiers]", f'local_authorities = ["{OPEN}"]']
    lines.append(_pair("default_authority", OPEN))
    if sector in ("hospital", "hub"):
        lines.append(_pair("visit_authority", OPEN))
    if fields:
        lines += [f"[partners.{name}.columns]", *_columns(kind, fields, header)]
    return "\n".join(lines) + "\n"


def fields_of(kind: Kind) -> tuple[str, ...]:
    """What a column map of the kind may name; nothing of kinds that are no tables."""
    return tuple(kind.full_file.shape.cells) if kind.full_file is not None else kind.fields


def _columns(kind: str, fields: Sequence[str], header: Sequence[str]) -> list[str]:
    """Headers guessed by our names and by those the demo place uses; what was not found stays a comment."""
    there = {folded(column): column for column in header}
    usual = next((p.columns for p in load_place("bromley").partners.values() if p.kind == kind), {})
    lines = []
    for field in fields:
        names = (folded(field), folded(usual.get(field, field)))
        found = next((there[name] for name in names if name in there), "")
        lines.append(_pair(field, found) if found else f"# {_pair(field, OPEN)}")
    unused = [column for column in header if not any(f'"{column}"' in line for line in lines)]
    return [*lines, *(f"# not used: {column}" for column in unused)]


def _pair(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name} = "{escaped}"'
