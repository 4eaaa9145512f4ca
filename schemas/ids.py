"""Deterministic ids: the same partner words give the same id in every run (design.md §3).

In: what the partner said (authorities, references, message ids). Out: uuid5 text. No clock, no chance.
"""
from __future__ import annotations

from hashlib import sha1
from uuid import UUID

NAMESPACE = UUID("6f0d2c1e-7a54-5b0e-9c3d-48d1a7e2b960")
"""Fixed for ever: a change would re-key every spell, task and notice."""

_SET = 0xF000 << 64 | 0xC000 << 48
_VERSION_5 = 0x5000 << 64 | 0x8000 << 48
"""The bits that say which kind of uuid it is, and their values."""

_GAP = "\x1f"
"""Unit separator: no partner id holds it, so ("a", "bc") and ("ab", "c") stay apart."""


def _id(kind: str, *parts: str) -> str:
    """`str(uuid5(NAMESPACE, …))` of RFC 9562 §5.5, without the object: every view and notice has one."""
    digest = sha1(NAMESPACE.bytes + _GAP.join((kind, *parts)).encode(), usedforsecurity=False).digest()
    number = int.from_bytes(digest[:16], "big")
    text = f"{number & ~_SET | _VERSION_5:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def event_id(partner: str, message_id: str, fields_hash: str, fact_name: str) -> str:
    """Give the `ce_id` of one fact of one message (design.md §3 "Ids are deterministic").

    `fields_hash` is the hash of the partner's configured fields, `fact_name` kind + natural key.
    """
    return _id("event", partner, message_id, fields_hash, fact_name)


def spell_id(authority: str, visit_number: str, local_id: str = "") -> str:
    """Give the id of a spell; `local_id` only where the dialect says visit numbers are reused."""
    return _id("spell", authority, visit_number, local_id)


def task_id(subject: str, kind: str, ref: str = "") -> str:
    """Give the id of a task of `kind` on `subject`, a spell id or the local record of the person."""
    return _id("task", subject, kind, ref)


def package_id(authority: str, ref: str) -> str:
    """Give the id of a care package from the council's authority and its package reference."""
    return _id("package", authority, ref)


def support_id(authority: str, ref: str) -> str:
    """Give the id of a voluntary support from the organisation's authority and its reference."""
    return _id("support", authority, ref)


def notice_id(about: str, fact: str, fact_id: str, recipient: str) -> str:
    """Give the id of a notice: one recipient is told one fact about one thing once."""
    return _id("notice", about, fact, fact_id, recipient)


def row_id(partner: str, row_key: str) -> str:
    """Give the id of a row of a list that names no visit; the caller writes it as the thing `row:<id>`."""
    return _id("row", partner, row_key)


def quarantine_id(partner: str, sha256: str, reason: str, where: str) -> str:
    """Give the id of one refusal, so that a re-send of the same bytes adds no second row."""
    return _id("quarantine", partner, sha256, reason, where)


def watched_id(subject: str) -> str:
    """Give the id of what is watched over about a record or a pair of them: it names nobody."""
    return _id("watched", subject)


def alert_id(rule: str, thing: str, opening: str) -> str:
    """Give the id of an alert: one rule, one thing, one opening of it (design.md §6 Time)."""
    return _id("alert", rule, thing, opening)
