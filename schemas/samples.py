"""The examples of the contract: `schemas/examples/<Name>/<case>.json`, one record each.

In: a record name and a case. Out: the record as `schemas.codec.encode` takes it. Bytes stand as text,
one character a byte, as the Avro JSON encoding has it.
"""
from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from schemas.catalogue import EXAMPLES
from schemas.released import schema

CASES: Final = ("happy", "minimal", "awkward")
"""Happy: what a partner usually says; minimal: required fields only; awkward: legal, easy to get wrong."""


def sample_json(kind: str, case: str) -> dict[str, Any]:
    """Read one example as plain JSON."""
    record: dict[str, Any] = json.loads((EXAMPLES / kind / f"{case}.json").read_text(encoding="utf-8"))
    return record


def sample(kind: str, case: str = "happy") -> dict[str, Any]:
    """Read one example as a record."""
    record = sample_json(kind, case)
    for field in schema(kind).document["fields"]:
        if field["type"] == "bytes" and field["name"] in record:
            record[field["name"]] = record[field["name"]].encode("latin-1")
    return record


def samples() -> Iterator[tuple[str, str]]:
    """Every (record name, case) there is a file for."""
    for path in sorted(EXAMPLES.glob("*/*.json")):
        yield path.parent.name, path.stem
