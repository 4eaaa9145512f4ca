"""What is watched over beside people and places: a partner's feed, its rejects, a match that waits, a record
that is parked (domain 02 §2.4; docs/adr/0019).

In: what was heard of one subject, as facts. Out: the subject that `places.py` sweeps. A feed's fact says when
it was last heard; a reject is one; of a match or a record it is noted when we first saw that it waits, and
when that it does not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, Final

from schemas.fact import Fact
from schemas.holders import of_person, subject_key
from schemas.ids import watched_id
from streams.core.config import CoreConfig
from streams.core.facts.copies import newer

FEED: Final = ("FeedHeard", "FeedSilent", "FeedRecovered")
REJECT, MATCH, PARKED = "Quarantined", "MatchSeen", "RecordSeen"
REJECTS: Final = "|rejects"
"""Ends the subject of a partner's rejects."""
MOST: Final[dict[str, int]] = {REJECT: 400, MATCH: 4, PARKED: 4}
"""How many facts of a kind a subject keeps, the newest: all that a rule looks at."""
MOST_OF_A_FEED: Final = 100


class WatchState:
    """One subject: a function of the set of its facts."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.facts: dict[str, Fact] = {}
        self._times: list[int] | None = None

    @property
    def thing(self) -> str:
        """What its alerts are about: the partner, or an id that names the pair or record, and nobody."""
        key = subject_key(self.key)
        return watched_id(self.key) if ":" in key else key

    def take(self, fact: Fact) -> bool:
        """Add a fact; says whether that changed anything."""
        held = self.facts.get(fact.id)
        kept = fact if held is None else newer(held, fact)
        if kept == held:
            return False
        self.facts[fact.id], self._times = kept, None
        return True

    def drop(self, name: str) -> None:
        """Forget the fact of an id."""
        self.facts.pop(name, None)
        self._times = None

    def prune(self, config: CoreConfig) -> list[str]:
        """Leave out all but the newest; gives the ids of what went."""
        kind = next((fact.kind for fact in self.facts.values()), "")
        ordered = sorted(self.facts.values(), key=lambda fact: (fact.occurred_at, fact.id))
        gone = [fact.id for fact in ordered[: -MOST.get(kind, MOST_OF_A_FEED)]]
        for ident in gone:
            self.drop(ident)
        return gone

    def reach(self, config: CoreConfig) -> int:
        """The oldest moment that is held."""
        return self.times()[0] if self.facts else 0

    def asked(self, config: CoreConfig) -> tuple[WatchState, list[int]]:
        """The subject itself, and every moment something was heard of it."""
        return self, self.times()

    def kind(self) -> str:
        """What is watched: all facts of a subject are of one family."""
        return next((fact.kind for fact in self.facts.values()), "")

    def times(self) -> list[int]:
        """Every moment something was heard, oldest first."""
        if self._times is None:
            self._times = sorted({fact.occurred_at for fact in self.facts.values()})
        return self._times

    def heard_before(self, at: int) -> int | None:
        """The last moment something was heard, until a moment (inclusive)."""
        times = self.times()
        place = bisect_right(times, at)
        return times[place - 1] if place else None

    def newest(self, at: int) -> Fact | None:
        """The last that was said until a moment; of one moment, what was written down last."""
        said = (fact for fact in self.facts.values() if fact.occurred_at <= at)
        return max(said, key=lambda fact: (fact.occurred_at, fact.recorded_at, fact.id), default=None)

    def count(self, since: int, until: int) -> int:
        """How many facts there are after a moment and until another."""
        return sum(since < fact.occurred_at <= until for fact in self.facts.values())


def feed_fact(kind: str, record: Mapping[str, Any]) -> Fact:
    """What a feed event says: when the partner was last heard; never so, since when we listen."""
    heard = record["heard_at"]
    return Fact(
        record["event_id"], kind, record["partner"], record["partner"], None, record["partner"],
        record["occurred_at"] if heard is None else heard, record["recorded_at"], record["received_at"],
        body={"heard": heard is not None},
    )  # fmt: skip


def reject_fact(quarantine_id: str, partner: str, received_at: int) -> Fact:
    """One refusal of a partner's."""
    return Fact(
        quarantine_id, REJECT, partner, partner + REJECTS, None, partner,
        received_at, received_at, received_at,
    )  # fmt: skip


def seen_fact(kind: str, subject: str, waits: bool, at: int) -> Fact:
    """What we saw of a match or a record at a moment."""
    assert of_person(subject)
    return Fact(
        f"{subject}@{at}", kind, "", subject, None, subject, at, at, at, body={"waits": waits}
    )
