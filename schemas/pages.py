"""The generated pages of the contract: `docs/reasons.md`, `docs/topics.md` and `docs/asyncapi.json`.

In: the committed contract. Out: text by file name. `python -m schemas.pages` writes them; a test compares.
"""
from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from schemas.asyncapi import document
from schemas.catalogue import BY_ID, CHANGELOG, PARTITIONS, Topic
from schemas.catalogue import ce_type as type_of
from schemas.reasons import MEANING
from schemas.released import COMMON, field_names, schema

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
NOTE: Final = "<!-- Made by `python -m schemas.pages`: do not edit. -->"


def reasons_page() -> str:
    """The page of reason codes."""
    rows = [f"| `{reason}` | {text} |" for reason, text in MEANING.items()]
    head = (
        "A refused message, row or number says why with one of these codes, and where with a segment, a row "
        "and column, or a JSON pointer; never with the value."
    )
    return "\n".join([NOTE, "# Reasons", "", head, "", "| code | meaning |", "|---|---|", *rows, ""])


def topics_page() -> str:
    """The page of topics: the table, then each topic with its events and their specific fields."""
    head = (
        "From `schemas/topics.toml`. Co-partitioned topics have one partition count: "
        f"{PARTITIONS['demo']} in the demo, {PARTITIONS['production']} in production. "
        f"Changelogs belong to the engine: compacted, `delete.retention.ms` "
        f"{CHANGELOG['delete_retention_hours']} h. Every person event begins with the common fields; "
        "the tables list what each adds."
    )
    table = ["| topic | key | cleanup | keeps | data class | from | to |", "|---|---|---|---|---|---|---|"]
    table += [_row(topic) for topic in BY_ID.values()]
    common = ", ".join(f"`{name}`" for name in COMMON)
    parts = [_section(topic) for topic in BY_ID.values()]
    return "\n".join([NOTE, "# Topics", "", head, "", *table, "", f"Common fields: {common}.", "", *parts])


def _keeps(topic: Topic) -> str:
    if topic.retention_days is not None:
        return f"{topic.retention_days} days"
    return f"the last of each key; tombstones {topic.delete_retention_hours} h"


def _row(topic: Topic) -> str:
    cells = (
        f"`{topic.name}`", topic.key, topic.cleanup, _keeps(topic), topic.data_class,
        ", ".join(topic.producers), ", ".join(topic.consumers),
    )
    return f"| {' | '.join(cells)} |"


def _section(topic: Topic) -> str:
    lines = [f"## `{topic.name}`", "", topic.purpose, ""]
    if topic.kinds:
        lines += ["| record | type | id | says | fields |", "|---|---|---|---|---|"]
        lines += [_event(kind) for kind in topic.kinds]
        lines.append("")
    return "\n".join(lines)


def _event(kind: str) -> str:
    found = schema(kind)
    names = [f"`{name}`" for name in field_names(kind) if name not in COMMON]
    cells = (kind, f"`{type_of(kind)}`", str(found.id), found.document["doc"], ", ".join(names) or "–")
    return f"| {' | '.join(cells)} |"


def asyncapi_page() -> str:
    """The AsyncAPI document as text."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


PAGES: Final = {"reasons.md": reasons_page, "topics.md": topics_page, "asyncapi.json": asyncapi_page}
"""File name under docs/ -> maker."""


def write(folder: Path = DOCS) -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    write()
