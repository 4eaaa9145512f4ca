"""The compact fact: what the fold keeps of one event.

In: a decoded Avro record of any person event (`schemas/avro/*.avsc`). Out: a `Fact`, the only shape the fold,
the journal and the forwards between keys know. A fact never holds an identifiable value: keys are pseudonyms.
"""
from __future__ import annotations

from typing import Any

import msgspec

Body = dict[str, Any]
"""Kind-specific fields by name: missing = the source did not say, None = it deleted it, else the value."""


class Fact(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One versioned fact. Times are µs since the epoch, UTC (design.md §3 "three times")."""

    id: str
    """ce_id: uuid5, the same for a re-send."""
    kind: str
    """Name of the event record: `SpellAdmitted`, `TaskAccepted`, …"""
    partner: str
    """Instance name of the source, as in `places/*.toml`."""
    key: str
    """Pseudonym the event was published under (the Kafka key)."""
    local: str | None
    """Pseudonym of the local record it was written under; None where the source gave no local id;
    equal to `key` when published under it."""
    thing: str
    """What it is about: spell id, task id, package id, support id, notice id, or `person`."""
    occurred_at: int
    recorded_at: int
    received_at: int
    instance: str = ""
    """Distinguishes facts of one kind on one thing: movement id or EVN-6 for movements;
    empty for single-valued kinds."""
    sequence: int = -1
    revision: int = 1
    tag: str = ""
    """Keyed digest of (trigger, visit, content outside the envelope): equal tags of one partner and kind
    are one fact (law 2); empty = none."""
    dob_tag: str | None = None
    number_rank: int = 0
    """Strength of the NHS number: 0 none given, 1 unverified, 2 traced by agreement, 3 status 01."""
    flags: tuple[str, ...] = ()
    body: Body = {}

    @property
    def record(self) -> str:
        """The record it was written under: its local id's pseudonym, else the key it was published under."""
        return self.local or self.key


def order(fact: Fact) -> tuple[int, int, str]:
    """Position of a fact among assertions of one thing (design.md §4 Select)."""
    return (fact.recorded_at, fact.sequence, fact.id)
