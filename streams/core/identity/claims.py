"""Dates of birth at a number's key: which records may stay under a verified NHS number (design.md §5,
domain/04 §4.1).

In: what each record says of itself at the number. Out: the records the number refuses. A pure function of the
set of claims, so the number's key and the refused record's own key come to the same verdict without asking
each other.
"""
from __future__ import annotations

from collections.abc import Iterable

import msgspec

from schemas.fact import Fact
from streams.core.facts.select import WITHDRAWN

KEYLESS = ""
"""Stands for the facts that came with the number alone: they have no local key to go back to."""

At = tuple[int, int, str, int]
"""Order of an assertion: (recorded_at, sequence, ce_id, translator revision)."""


def at_of(fact: Fact) -> At:
    """Where a fact stands among the assertions of one record."""
    return (fact.recorded_at, fact.sequence, fact.id, fact.revision)


class Claim(msgspec.Struct, frozen=True, array_like=True):
    """One record's claim to a number. `tag`: digest of its date of birth as newest said; None = it never said
    one.
    """

    local: str
    rank: int
    tag: str | None = None
    at: At | None = None
    """When `tag` was said; None where there is none."""

    def joined(self, other: Claim) -> Claim:
        """The claim after both were heard: strongest verification (a later 02 never undoes a 01), newest date
        of birth given.
        """
        rank = max(self.rank, other.rank)
        newest = other if (other.at or ()) > (self.at or ()) else self
        if newest is self and rank == self.rank:
            return self
        return Claim(self.local, rank, newest.tag, newest.at)


def claims_here(fact: Fact) -> bool:
    """Whether a fact says anything of a record other than the key it was published under."""
    if fact.local == fact.key or WITHDRAWN in fact.flags:
        return False
    return fact.local is not None or fact.dob_tag is not None


def claim_of(fact: Fact) -> Claim:
    """What a fact published under a number says of the record it was written under."""
    local = fact.local or KEYLESS
    if fact.dob_tag is None:
        return Claim(local, fact.number_rank)
    return Claim(local, fact.number_rank, fact.dob_tag, at_of(fact))


def refused(claims: Iterable[Claim]) -> frozenset[str]:
    """The local keys that must not join through this number.

    The dates of the strongest rank that gives any are the measure; a record that gives none agrees with all.
    Where the strongest disagree among themselves nobody joins. Facts without a local key cannot leave: if
    they would have to, everybody else goes instead.
    """
    claims = tuple(claims)
    dated = [claim for claim in claims if claim.tag is not None]
    if not dated:
        return frozenset()
    measure = max(claim.rank for claim in dated)
    tags = {claim.tag for claim in dated if claim.rank == measure}
    everyone = frozenset(claim.local for claim in claims if claim.local != KEYLESS)
    if len(tags) > 1:
        strongest = max(claim.rank for claim in claims)
        out = everyone if measure == strongest else frozenset(claim.local for claim in dated)
    else:
        out = frozenset(claim.local for claim in dated if claim.tag not in tags)
    return everyone if KEYLESS in out else out
