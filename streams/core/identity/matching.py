"""What a record holds about matches: facts of our own making that travel with it to whoever it belongs to.

In: what a tag or number told the record. Out: facts, equal for equal words, so that repetition adds nothing.
"""
from __future__ import annotations

from schemas.fact import Fact
from streams.core.identity.claims import KEYLESS

SEEN = "PersonSeen"
"""Marks a stream as a person's although it holds no fact of care; replaces the many equal `PersonTagged`."""
PROPOSED = "MatchProposed"
"""A candidate link, travelling as a fact of the record it was proposed for. `thing` = the other record,
`instance` = the reason, `partner` = the tag or number that both bear.
"""
CROWDED = "MatchCrowded"
"""Takes back, for one record, what a tag or number proposed. `thing` = the tag or number, `instance` = the
reason.
"""
INTERNAL = frozenset({SEEN, PROPOSED, CROWDED})

MOST_BEARERS = 12
"""Records that may bear one tag, or give one number without verification, and still be proposed to each
other. More are no coincidence but a placeholder nobody listed ("unknown", the first of January): every pair
of them would be proposed, and the key that holds them would outgrow its record (200 did).
"""


def seen(fact: Fact) -> Fact:
    """The mark that the record of a fact was seen."""
    ident = f"{SEEN}~{fact.key}~{fact.local or KEYLESS}"
    return Fact(ident, SEEN, "", fact.key, fact.local, "person", 0, 0, 0)


def proposal(key: str, other: str, reason: str, via: str) -> Fact:
    """A candidate link of the record `key`."""
    ident = f"{PROPOSED}~{key}~{other}~{reason}~{via}"
    return Fact(ident, PROPOSED, via, key, key, other, 0, 0, 0, instance=reason)


def crowd(key: str, via: str, reason: str) -> Fact:
    """The word that `via` proposes nobody to the record `key`."""
    return Fact(f"{CROWDED}~{key}~{via}~{reason}", CROWDED, "", key, key, via, 0, 0, 0, instance=reason)


def borne(record: str, reason: str, bearers: set[str], late: set[tuple[str, str]]) -> bool:
    """Note that a record bears what is here; says whether that is new. Of a crowd only the first are kept."""
    if record in bearers:
        return False
    if len(bearers) > MOST_BEARERS:
        late.add((record, reason))
    else:
        bearers.add(record)
    return True
