"""A set of facts that mostly grows: what was worked out of it is kept while facts are only added.

In: facts, any number of times. Out: exactly the `Picture` that `reduce_person` gives of them all (a property
of tests/core/laws). Another version of a fact, a repetition or a word about the person makes everything anew:
`plain` says whether facts only add.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.select import FAMILIES, WITHDRAWN, Grouped, distinct, grouped, meaning
from streams.core.identity.matching import INTERNAL
from streams.core.reduce import Made, Picture, heard_of, reduce_things


class Growing:
    """Facts of one person, sorted by thing, and what was made of each thing."""

    __slots__ = ("_groups", "_heard", "_held", "_made", "_meant", "through")

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        held = list(facts)
        kept = distinct(held)
        self._held = {fact.id for fact in held}
        self._meant = {name for fact in kept if (name := meaning(fact)) is not None}
        self._groups: Grouped = grouped(kept)
        self._heard = dict(heard_of(kept))
        self._made: Made = {}
        self.through = max((fact.received_at for fact in held), default=0)
        """The newest `received_at` of all."""

    def __len__(self) -> int:
        return len(self._held)

    def plain(self, news: Iterable[Fact]) -> bool:
        """Whether the news only adds: no other version or duplicate of a fact, nothing said of the person."""
        ids, meant = set(), set()
        for fact in news:
            name = meaning(fact)
            if (
                fact.id in self._held or fact.id in ids or name in self._meant or name in meant
                or fact.kind == "PersonFlagged" or fact.kind in INTERNAL or WITHDRAWN in fact.flags
            ):
                return False
            ids.add(fact.id)
            if name is not None:
                meant.add(name)
        return True

    def add(self, news: Iterable[Fact]) -> None:
        """Take plain news."""
        for fact in news:
            self._held.add(fact.id)
            name = meaning(fact)
            if name is not None:
                self._meant.add(name)
            self.through = max(self.through, fact.received_at)
            self._heard[fact.partner] = max(self._heard.get(fact.partner, fact.received_at), fact.received_at)
            family = FAMILIES.get(fact.kind)
            if family is not None:
                self._groups.setdefault(family, {}).setdefault(fact.thing, []).append(fact)
                self._made.pop((family, fact.thing), None)

    def picture(self, config: CoreConfig) -> Picture:
        """Reduce what is held."""
        return reduce_things(self._groups, tuple(sorted(self._heard.items())), config, self._made)
