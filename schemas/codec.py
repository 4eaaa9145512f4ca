"""The wire codec: Confluent framing (0x00, 4-byte schema id, Avro binary); ids are committed, no server.

In: records as mappings, or bytes of a topic. Out: bytes, or records and `Fact`s. A payload that is not of the
contract raises ContractViolation UNDECODABLE or UNKNOWN_SCHEMA; no exception ever carries a value.
"""
from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any, Final

from fastavro import schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError
from fastavro.validation import validate

from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.fact_reader import plan_of, read_fact
from schemas.reasons import Reason
from schemas.released import COMMON, Schema, schema, schema_by_id, specific_fields

MAGIC: Final = 0
HEADER_BYTES: Final = 5
_HEADER: Final = struct.Struct(">bI")

_MISFITS: Final = (
    ValueError, TypeError, EOFError, IndexError, KeyError, AttributeError, OverflowError, MemoryError,
    StopIteration, struct.error, SchemaResolutionError,
)
"""What fastavro raises on bytes or records that do not fit their schema; the fuzz test finds no other."""

_IDENTIFIABLE_KINDS: Final = frozenset({"PersonIdentified"})
"""Never a Fact: the fold holds pseudonyms only."""


class _Reading:
    """How one schema id is read: writer schema, reader schema where a newer version exists, quick plan."""

    __slots__ = ("kind", "newest", "plan", "writer")

    def __init__(self, found: Schema) -> None:
        newest = schema(found.kind)
        self.kind = found.kind
        self.writer = found.parsed
        self.newest = newest.parsed if newest.version != found.version else None
        self.plan = plan_of(found) if self.newest is None else None


_READINGS: Final[dict[bytes, _Reading]] = {}
"""Header bytes -> reading: one look-up checks the magic byte and finds the schema."""


def _open(payload: bytes) -> _Reading:
    if len(payload) < HEADER_BYTES or payload[0] != MAGIC:
        raise ContractViolation(Reason.UNDECODABLE)
    found = schema_by_id(_HEADER.unpack_from(payload)[1])
    return _READINGS.setdefault(payload[:HEADER_BYTES], _Reading(found))


def decode(payload: bytes) -> tuple[str, dict[str, Any]]:
    """Read a framed payload: (record name, record in the newest version of its schema).

    Raises ContractViolation UNDECODABLE (framing or body) or UNKNOWN_SCHEMA (id not in `ids.json`).
    """
    reading = _READINGS.get(payload[:HEADER_BYTES]) or _open(payload)
    body = BytesIO(payload)
    body.seek(HEADER_BYTES)
    try:
        record: dict[str, Any] = schemaless_reader(body, reading.writer, reading.newest)
    except _MISFITS:
        raise ContractViolation(Reason.UNDECODABLE) from None
    if body.tell() != len(payload):
        raise ContractViolation(Reason.UNDECODABLE)
    return reading.kind, record


def encode(name: str, record: Mapping[str, Any], *, checked: bool = True) -> bytes:
    """Frame a record of schema `name` (`SpellAdmitted.v1`, or `SpellAdmitted` for the newest version).

    Left-out fields take their defaults. Raises ContractViolation UNKNOWN_SCHEMA, or BAD_VALUE at `/<field>`.
    `checked=False` where our own code made every value and a type checker has seen it: half the time.
    """
    found = schema(name)
    out = BytesIO()
    out.write(_HEADER.pack(MAGIC, found.id))
    try:
        # The writer alone would cut 1.5 to 1 and take a text for a list of its letters.
        fits = not checked or validate(record, found.parsed, raise_errors=False)
        schemaless_writer(out, found.parsed, record, strict_allow_default=True)
    except _MISFITS:
        fits = False
    if not fits:
        raise ContractViolation(Reason.BAD_VALUE, _misfit(found, record))
    return out.getvalue()


def _misfit(found: Schema, record: Mapping[str, Any]) -> str:
    """Name the first field that does not fit, never its value."""
    fields = {field["name"]: field for field in found.parsed["fields"]}
    extra = next((name for name in record if name not in fields), None)
    if extra is not None:
        return f"/{extra}"
    for name, field in fields.items():
        if name not in record and "default" in field:
            continue
        if not validate(record.get(name), field["type"], raise_errors=False):
            return f"/{name}"
    return found.name


@cache
def _specific(kind: str) -> tuple[str, ...]:
    if kind in _IDENTIFIABLE_KINDS:
        raise ContractViolation(Reason.UNKNOWN_EVENT_TYPE)
    return specific_fields(kind)


def fact_from_record(kind: str, record: Mapping[str, Any]) -> Fact:
    """Make the compact fact of a decoded person event.

    Three-state (design.md §3): a set `withdrawn` bit -> None, a value -> the value, else missing.
    Raises UNKNOWN_EVENT_TYPE for records that are not facts (feed, view, raw, quarantine, PersonIdentified).
    """
    names = _specific(kind)
    body = {name: value for name in names if (value := record[name]) is not None}
    withdrawn = record["withdrawn"]
    if withdrawn:
        body.update({name: None for bit, name in enumerate(names) if withdrawn >> bit & 1})
    return Fact(
        record["event_id"], kind, record["partner"], record["person_key"], record["local_key"],
        record["thing"], record["occurred_at"], record["recorded_at"], record["received_at"],
        record["instance"], record["sequence"], record["translator_rev"], record["content_tag"],
        record["dob_tag"], record["number_rank"], tuple(record["flags"]), body,
    )


def decode_fact(payload: bytes) -> Fact:
    """Read a framed payload straight into a fact: the hot path of the fold.

    Raises as `decode` and `fact_from_record` do; whatever the quick reader finds unusual, they judge.
    """
    reading = _READINGS.get(payload[:HEADER_BYTES]) or _open(payload)
    if reading.plan is not None:
        fact = read_fact(payload, reading.plan, HEADER_BYTES)
        if fact is not None:
            return fact
    kind, record = decode(payload)
    return fact_from_record(kind, record)


def record_from_fact(fact: Fact) -> dict[str, Any]:
    """Make the Avro record of a fact, reversing `fact_from_record`; a field not of the kind is BAD_VALUE."""
    names = _specific(fact.kind)
    record: dict[str, Any] = dict(zip(COMMON, (
        fact.id, fact.partner, fact.key, fact.local, fact.dob_tag, fact.number_rank, fact.thing,
        fact.instance, fact.occurred_at, fact.recorded_at, fact.received_at, fact.sequence,
        fact.revision, fact.tag, list(fact.flags), 0,
    ), strict=True))
    record.update(pack_body(fact.kind, fact.body))
    record.update((name, None) for name in names if name not in record)
    return record


def pack_body(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a three-state body into Avro fields: the values, and `withdrawn` bits of the None ones."""
    return packed(specific_fields(kind), body)


def packed(names: tuple[str, ...], body: Mapping[str, Any]) -> dict[str, Any]:
    """As `pack_body`, of the named fields."""
    stray = next((name for name in body if name not in names), None)
    if stray is not None:
        raise ContractViolation(Reason.BAD_VALUE, f"/{stray}")
    bits = sum(1 << bit for bit, name in enumerate(names) if name in body and body[name] is None)
    return {"withdrawn": bits, **body}
