"""The journal: the set of facts that one stream of a key holds, each once.

In: facts in any order, any number of times. Out: the same set whatever the order (design.md §4 laws 1 and 2).
It never drops a fact except for an equal or better version of it.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.fact import Fact
from streams.core.facts.copies import newer
from streams.core.facts.filing import REASSIGNED
from streams.core.facts.select import WITHDRAWN

SameKey = tuple[str, str, str, str, str | None, str]
"""What makes two facts of different ids one: (partner, kind, thing, instance, local record, content tag)."""


class Journal:
    """Facts by id, and the log of every version that was ever kept, in the order it came.

    The log only grows, so that "everything up to here was sent" is one number; folding it again gives the
    same journal.
    """

    __slots__ = ("_by_id", "_same", "log", "moves")

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self.log: list[Fact] = []
        self.moves: list[Fact] = []
        """Visits that were moved to another record."""
        self._by_id: dict[str, Fact] = {}
        self._same: dict[SameKey, str] = {}
        for fact in facts:
            self.add(fact)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._by_id.values())

    def add(self, fact: Fact) -> Fact | None:
        """Take a fact; return the version now kept, or None when it says nothing new."""
        old = self._by_id.get(fact.id)
        if old is not None:
            fact = newer(old, fact)
            if fact is old or fact == old:
                return None
            self._forget(old)
        if not self._yields(fact):
            return None
        self._by_id[fact.id] = fact
        self.log.append(fact)
        if fact.kind == REASSIGNED:
            self.moves.append(fact)
        return fact

    def _yields(self, fact: Fact) -> bool:
        """Whether `fact` is not a semantic duplicate of a better one; the one it beats is forgotten."""
        if not fact.tag or WITHDRAWN in fact.flags:
            return True
        same = same_key(fact)
        kept = self._by_id.get(self._same.get(same, ""))
        if kept is not None:
            if precedence(kept) <= precedence(fact):
                return False
            self._forget(kept)
        self._same[same] = fact.id
        return True

    def shrink(self, facts: Iterable[Fact]) -> None:
        """Hold these in the place of the facts of the same ids, which said more."""
        smaller = {fact.id: fact for fact in facts}
        self._by_id.update(smaller)
        self.log = [smaller.get(fact.id, fact) for fact in self.log]

    def _forget(self, fact: Fact) -> None:
        del self._by_id[fact.id]
        if fact.tag and self._same.get(same_key(fact)) == fact.id:
            del self._same[same_key(fact)]


def same_key(fact: Fact) -> SameKey:
    """Equal for semantic duplicates, as an engine's re-queue makes them (law 2); only meaningful where the
    fact has a tag.
    """
    return (fact.partner, fact.kind, fact.thing, fact.instance, fact.local, fact.tag)


def precedence(fact: Fact) -> tuple[int, int, int, str]:
    """Which of several semantic duplicates is kept: the least. A newer translation of the same content comes
    first of all.
    """
    return (-fact.revision, fact.recorded_at, fact.received_at, fact.id)
