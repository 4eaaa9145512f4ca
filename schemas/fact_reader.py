"""A quick reader of facts: from the Avro bytes of a person event straight to a `Fact`.

In: a framed payload and the plan of its schema. Out: the fact fastavro would lead to, or None where the
payload is unusual in any way, and the general reader must judge it. It leans on two promises of the contract:
every person event begins with the common fields, and every field after them is nullable (design.md §3).
"""
from __future__ import annotations

import struct
from typing import Any, Final, NamedTuple

from schemas.fact import Fact
from schemas.released import COMMON, Schema

_TEXT, _LONG, _BOOLEAN, _DOUBLE, _ENUM, _TEXTS = range(6)
_CODES: Final = {"string": _TEXT, "long": _LONG, "int": _LONG, "boolean": _BOOLEAN, "double": _DOUBLE}
_VALUE: Final = 2
"""The byte of the second branch of a union ["null", X]; the first is 0."""
_LONG_OR_NEGATIVE: Final = 0x81
"""Bits of a first size byte that is not the whole size, or not a size at all."""
_double = struct.Struct("<d").unpack_from
_word = struct.Struct("<Q").unpack_from


class Unusual(Exception):
    """The payload is not what a plain writer writes; never leaves this module."""


class Plan(NamedTuple):
    """How the specific fields of one schema are read: (name, code, symbols of an enum)."""

    kind: str
    fields: tuple[tuple[str, int, tuple[str, ...]], ...]


def plan_of(found: Schema) -> Plan | None:
    """Make the plan of a schema; None where only the general reader will do."""
    if tuple(field["name"] for field in found.document["fields"][: len(COMMON)]) != COMMON:
        return None
    fields = []
    for field in found.document["fields"][len(COMMON):]:
        match field["type"]:
            case ["null", str(plain)] if plain in _CODES:
                fields.append((field["name"], _CODES[plain], ()))
            case ["null", {"type": "enum", "symbols": symbols}]:
                fields.append((field["name"], _ENUM, tuple(symbols)))
            case ["null", {"type": "array", "items": "string"}]:
                fields.append((field["name"], _TEXTS, ()))
            case _:
                return None
    return Plan(found.kind, tuple(fields))


def read_fact(payload: bytes, plan: Plan, at: int) -> Fact | None:
    """Read the fact whose Avro body starts at `at`; None = let the general reader decide."""
    try:
        return _read(payload, plan, at)
    except (Unusual, IndexError, UnicodeDecodeError, struct.error):
        return None


def _read(payload: bytes, plan: Plan, at: int) -> Fact:
    event_id, at = _text(payload, at)
    partner, at = _text(payload, at)
    key, at = _text(payload, at)
    local, at = _text(payload, at + 1) if payload[at] == _VALUE else (None, _null(payload, at))
    dob_tag, at = _text(payload, at + 1) if payload[at] == _VALUE else (None, _null(payload, at))
    rank, at = _long(payload, at)
    thing, at = _text(payload, at)
    instance, at = _text(payload, at)
    occurred, recorded, received, at = _times(payload, at)
    sequence, at = _long(payload, at)
    revision, at = _long(payload, at)
    tag, at = _text(payload, at)
    flags, at = _texts(payload, at)
    withdrawn, at = _long(payload, at)
    body, at = _body(payload, plan, at)
    if at != len(payload):
        raise Unusual
    if withdrawn:
        body.update({field[0]: None for bit, field in enumerate(plan.fields) if withdrawn >> bit & 1})
    return Fact(
        event_id, plan.kind, partner, key, local, thing, occurred, recorded, received, instance, sequence,
        revision, tag, dob_tag, rank, tuple(flags), body,
    )


def _body(payload: bytes, plan: Plan, at: int) -> tuple[dict[str, Any], int]:
    body: dict[str, Any] = {}
    for name, code, symbols in plan.fields:
        branch = payload[at]
        at += 1
        if branch == 0:
            continue
        if branch != _VALUE:
            raise Unusual
        if code == _TEXT:
            size = payload[at]
            if size & _LONG_OR_NEGATIVE:
                body[name], at = _text(payload, at)
            else:
                end = at + 1 + (size >> 1)
                body[name] = payload[at + 1:end].decode()
                at = end
        elif code == _LONG:
            body[name], at = _long(payload, at)
        else:
            body[name], at = _other(payload, at, code, symbols)
    return body, at


def _null(payload: bytes, at: int) -> int:
    if payload[at]:
        raise Unusual
    return at + 1


def _text(payload: bytes, at: int) -> tuple[str, int]:
    size = payload[at]
    at += 1
    if size & _LONG_OR_NEGATIVE:
        size, at = _long(payload, at - 1)
        if size < 0:
            raise Unusual
        end = at + size
    else:
        end = at + (size >> 1)
    return payload[at:end].decode(), end


def _long(payload: bytes, at: int) -> tuple[int, int]:
    """Read a zigzag varint. Times of our century take eight bytes, which are unpacked together."""
    first = payload[at]
    if first < 0x80:
        return (first >> 1) ^ -(first & 1), at + 1
    word = _word(payload, at)[0] if len(payload) >= at + 8 else 0
    if word & 0x8080808080808080 == 0x0080808080808080:
        word = word & 0x007F007F007F007F | (word & 0x7F007F007F007F00) >> 1
        word = word & 0x00003FFF00003FFF | (word & 0x3FFF00003FFF0000) >> 2
        word = word & 0x000000000FFFFFFF | (word & 0x0FFFFFFF00000000) >> 4
        return (word >> 1) ^ -(word & 1), at + 8
    value = shift = 0
    while first & 0x80:
        value |= (first & 0x7F) << shift
        shift += 7
        at += 1
        first = payload[at]
    value |= first << shift
    if shift > 63 or value >= 1 << 64:
        raise Unusual
    return (value >> 1) ^ -(value & 1), at + 1


def _thrice(mask: int) -> int:
    return mask | mask << 64 | mask << 128


_LOW: Final = (1 << 64) - 1
_STOPS, _FULL = _thrice(0x8080808080808080), _thrice(0x0080808080808080)
_EVEN_1, _ODD_1 = _thrice(0x007F007F007F007F), _thrice(0x7F007F007F007F00)
_EVEN_2, _ODD_2 = _thrice(0x00003FFF00003FFF), _thrice(0x3FFF00003FFF0000)
_EVEN_4, _ODD_4 = _thrice(0x000000000FFFFFFF), _thrice(0x0FFFFFFF00000000)


def _times(payload: bytes, at: int) -> tuple[int, int, int, int]:
    """Read the three times, which stand side by side: the same unpacking as `_long`, once over 24 bytes."""
    word = int.from_bytes(payload[at:at + 24], "little")
    if word & _STOPS != _FULL:
        occurred, at = _long(payload, at)
        recorded, at = _long(payload, at)
        received, at = _long(payload, at)
        return occurred, recorded, received, at
    word = word & _EVEN_1 | (word & _ODD_1) >> 1
    word = word & _EVEN_2 | (word & _ODD_2) >> 2
    word = word & _EVEN_4 | (word & _ODD_4) >> 4
    first, second, third = word & _LOW, word >> 64 & _LOW, word >> 128
    return (
        (first >> 1) ^ -(first & 1), (second >> 1) ^ -(second & 1), (third >> 1) ^ -(third & 1), at + 24,
    )


def _texts(payload: bytes, at: int) -> tuple[list[str], int]:
    found: list[str] = []
    if payload[at] == 0:
        return found, at + 1
    count, at = _long(payload, at)
    while count:
        if count < 0 or count > len(payload):
            raise Unusual  # Blocks with a byte size are legal, but no writer of ours makes them.
        for _ in range(count):
            text, at = _text(payload, at)
            found.append(text)
        count, at = _long(payload, at)
    return found, at


def _other(payload: bytes, at: int, code: int, symbols: tuple[str, ...]) -> tuple[Any, int]:
    if code == _BOOLEAN:
        if payload[at] > 1:
            raise Unusual
        return payload[at] == 1, at + 1
    if code == _DOUBLE:
        return _double(payload, at)[0], at + 8
    if code == _TEXTS:
        return _texts(payload, at)
    index, at = _long(payload, at)
    if index < 0:
        raise Unusual
    return symbols[index], at
