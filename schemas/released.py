"""The released schemas: the Avro files and their committed ids (`ids.json`), loaded on demand.

In: `schemas/avro/<Name>.v<N>.avsc`. Out: `Schema` values by name and by id. A released file never changes:
its digest stands in `ids.json` next to its id, and both are tested.
"""
from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any, Final, NamedTuple

import fastavro
import msgspec

from schemas.catalogue import AVRO, HERE
from schemas.errors import ContractViolation
from schemas.reasons import Reason

COMMON: Final = (
    "event_id", "partner", "person_key", "local_key", "dob_tag", "number_rank", "thing", "instance",
    "occurred_at", "recorded_at", "received_at", "sequence", "translator_rev", "content_tag",
    "flags", "withdrawn",
)
"""The fields every person event starts with, in order; those after them are the specific ones."""


class Released(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `ids.json`."""

    id: int
    sha256: str


class Schema(NamedTuple):
    """One released version of one record, parsed once."""

    kind: str
    version: int
    id: int
    document: dict[str, Any]
    """The file as JSON, for readers of other languages and for documents."""
    parsed: Any
    """fastavro's own form: opaque to us."""

    @property
    def name(self) -> str:
        """`SpellAdmitted.v1`."""
        return f"{self.kind}.v{self.version}"


RELEASED: Final = msgspec.json.decode((HERE / "ids.json").read_bytes(), type=dict[str, Released])
"""Schema name and version -> committed id and digest."""
_NAME_BY_ID: Final = {row.id: name for name, row in RELEASED.items()}


def split(name: str) -> tuple[str, int]:
    """`SpellAdmitted.v1` -> (`SpellAdmitted`, 1)."""
    kind, _, version = name.rpartition(".v")
    return kind, int(version)


def _versions() -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for name in RELEASED:
        kind, version = split(name)
        found.setdefault(kind, []).append(version)
    return {kind: tuple(sorted(versions)) for kind, versions in found.items()}


VERSIONS: Final = _versions()
"""Record name -> its released versions, ascending."""


def digest(document: dict[str, Any]) -> str:
    """SHA-256 (hex) of a schema's canonical JSON: keys sorted, no spaces, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def schema(name: str) -> Schema:
    """Load `SpellAdmitted.v1`, or the newest version of `SpellAdmitted`. Raises UNKNOWN_SCHEMA."""
    full = name if name in RELEASED else f"{name}.v{VERSIONS.get(name, (0,))[-1]}"
    row = RELEASED.get(full)
    if row is None:
        raise ContractViolation(Reason.UNKNOWN_SCHEMA)
    document: dict[str, Any] = json.loads((AVRO / f"{full}.avsc").read_text(encoding="utf-8"))
    kind, version = split(full)
    return Schema(kind, version, row.id, document, fastavro.parse_schema(document))


def schema_by_id(number: int) -> Schema:
    """Load a schema by its committed id. Raises UNKNOWN_SCHEMA."""
    name = _NAME_BY_ID.get(number)
    if name is None:
        raise ContractViolation(Reason.UNKNOWN_SCHEMA)
    return schema(name)


def field_names(name: str) -> tuple[str, ...]:
    """Names of the fields of a schema, in order."""
    return tuple(field["name"] for field in schema(name).document["fields"])


@cache
def specific_fields(kind: str) -> tuple[str, ...]:
    """Kind-specific fields of a person event, in `withdrawn` bit order; else UNKNOWN_EVENT_TYPE."""
    names = field_names(kind)
    if names[: len(COMMON)] != COMMON:
        raise ContractViolation(Reason.UNKNOWN_EVENT_TYPE)
    return names[len(COMMON):]
