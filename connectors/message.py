"""What travels between the hops of a connector: the raw message in, drafts out of translation, sealed events
to the publisher.
"""
from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.errors import ContractViolation


class Refusal(ContractViolation):
    """A message (or row) that cannot be translated."""


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One partner message as it came from the wire. `received_at` is µs UTC, when we first got it."""

    partner: str
    body: bytes
    received_at: int
    name: str = ""
    """File name, or path of the request: may carry an as-at time; never identifiable in logs."""
    message_id: str = ""
    """Idempotency key where the transport has one; empty: the translator finds it in the content (MSH-10)."""
    index: int = 0
    """Position in its file."""
    content_type: str = ""

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes: the identity of the message in the archive and the quarantine."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier as sent. `system` is MRN | NHS | SOCIAL_CARE | LOCAL, or KEY: a pseudonym already (own
    events only);
    `status` is PID-32 / verification status as sent.
    """

    system: str
    authority: str
    value: str = field(repr=False)
    status: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a draft is about, identifiable; never leaves the process. Dates `YYYY-MM-DD`, names as sent."""

    ids: tuple[Identifier, ...] = field(default=(), repr=False)
    family: str = field(default="", repr=False)
    given: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    postcode: str = field(default="", repr=False)
    identity_unknown: bool = False
    """PID-31 = Y: never matched."""

    @property
    def local(self) -> Identifier | None:
        """The first id of the partner's own: one that is not an NHS number."""
        return next((one for one in self.ids if one.system != "NHS"), None)


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact as the partner said it, before pseudonyms. `fields` are the kind-specific fields of the event
    by name; three-state as `Fact.body`.
    """

    kind: str
    natural_key: str
    """Name of the fact inside its message, stable across re-sends: kind-specific (spell id, row key, task
    id).
    """
    subject: Subject = field(repr=False)
    thing: str = "person"
    occurred_at: int = 0
    recorded_at: int = 0
    sequence: int = -1
    instance: str = ""
    flags: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    other: Subject | None = field(default=None, repr=False)
    """The second person of a link (PersonsLinked: `subject` is the retired record, `other` the survivor)."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What one message became. `content` = the bytes law 2 compares (configured fields, outside the
    envelope), hashed under a key when sealed.
    """

    message_id: str
    drafts: tuple[Draft, ...] = ()
    no_change: str = ""
    """`empty diff` or another ignored-cause when there are no drafts."""
    content: bytes = field(default=b"", repr=False)
    refusals: tuple[Refusal, ...] = ()
    """Rows or sections refused while the rest was taken."""


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """A pseudonymous event ready for its topic: `record` fits the Avro schema `schema` (e.g.
    `SpellAdmitted.v1`).
    """

    topic: str
    key: str
    schema: str
    record: Mapping[str, Any]
    headers: Mapping[str, str]
    identifiable: bool = False
