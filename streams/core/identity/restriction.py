"""Restricted people: who may see them is decided by the OR over everything that was ever held, until a human
clears it.

In: `PersonFlagged` facts and what neighbours hold. Out: the flags in force. A key gives its entries to every
key it was ever said to be linked with, in both directions, whether that link stands or not: so an unlink
takes nothing off either side, and the order in which link and unlink arrive makes no difference (design.md §5
Handover).
"""
from __future__ import annotations

import hashlib

import msgspec

from schemas.fact import Fact
from streams.core.identity.claims import At, at_of

FIELDS = ("restricted", "location_hidden")
ERASED = "erased"
CLEARED_BY_HUMAN = "CLEARED_BY_HUMAN"
"""In `Fact.flags` of a `PersonFlagged`: a person decided, for this key alone, that what was said before no
longer holds.
"""

Said = tuple[At, bool]
Entries = dict[str, Said]
"""`field|partner|record` -> newest statement."""


class Restriction(msgspec.Struct):
    """All statements known at one key, and the clearances made there."""

    entries: Entries = {}
    cleared: dict[str, At] = {}

    def add(self, fact: Fact) -> bool:
        """Take a `PersonFlagged` published under this key; says whether anything changed."""
        said = {field: fact.body[field] is True for field in FIELDS if field in fact.body}
        if CLEARED_BY_HUMAN not in fact.flags:
            record = f"{fact.partner}|{fact.record}"
            return self.merge({f"{field}|{record}": (at_of(fact), on) for field, on in said.items()})
        fresh = [field for field, on in said.items() if not on and self.cleared.get(field, ()) < at_of(fact)]
        self.cleared.update({field: at_of(fact) for field in fresh})
        return bool(fresh)

    def erase(self, fact: Fact) -> bool:
        """Take a `PersonErased` published under this key: it goes where the restrictions of the record go, to
        whoever may hold its facts.
        """
        at = (min(fact.recorded_at, fact.received_at), *at_of(fact)[1:])
        return self.merge({f"{ERASED}|{fact.key}": (at, True)})

    def cuts(self) -> dict[str, int]:
        """Record -> until when what was received of it is erased (streams/core/state/erasure.py)."""
        return {
            name.partition("|")[2]: at[0]
            for name, (at, _) in self.entries.items()
            if name.startswith(f"{ERASED}|")
        }

    def merge(self, entries: Entries) -> bool:
        """Union, newest statement of each record; says whether anything changed."""
        old = self.entries
        fresh = {name: said for name, said in entries.items() if name not in old or old[name] < said}
        self.entries.update(fresh)
        return bool(fresh)

    def holds(self, field: str) -> bool:
        """Whether any record says so since the last clearance."""
        after, said = self.cleared.get(field, ()), f"{field}|"
        return any(on and at > after for name, (at, on) in self.entries.items() if name.startswith(said))

    def matters(self) -> bool:
        """Whether a neighbour needs to hear of it at all."""
        return any(on for _, on in self.entries.values())

    def print(self) -> bytes:
        """Equal for equal entries."""
        return hashlib.blake2b(msgspec.msgpack.encode(sorted(self.entries.items())), digest_size=8).digest()
