"""What is known of one site, provider or care home, and what was last shown of it.

In: figures in any order, any number of times. Out: its measures as they are now. What can no longer change a
measure of now is left out: of each name the figures of the last days stand, and the last one before them; an
older question is a replay's to answer (docs/capacity.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from schemas.fact import Fact
from streams.core.config import HOUR_US, CoreConfig
from streams.core.copies import newer
from streams.core.figures import Book, figures_of
from streams.core.measures import Measure
from streams.core.pressure import measures_of
from streams.core.select import WITHDRAWN

SPANS = 4
"""How far back figures are kept, in the hours after which one is too old to be added to others. A level looks
at its figure before, that at those it is made of, and a day more lies between what is new and what may be:
nothing dated further ahead is let in.
"""
GONE = "-"
"""Stands in `shown` for what was taken away."""


class PlaceState:
    """A function of the set of its facts, but for `shown`."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.facts: dict[str, Fact] = {}
        self.shown: dict[str, str] = {}
        """Key of the view -> digest of the line it shows; "" = unknown whether that got through."""
        self._book: Book | None = None

    def take(self, fact: Fact) -> bool:
        """Add a fact; says whether that changed anything."""
        held = self.facts.get(fact.id)
        kept = fact if held is None else newer(held, fact)
        if kept is held or kept == held:
            return False
        self.facts[fact.id], self._book = kept, None
        return True

    def drop(self, name: str) -> None:
        """Forget the fact of an id."""
        self.facts.pop(name, None)
        self._book = None

    def prune(self, config: CoreConfig) -> list[str]:
        """Leave out what no measure of now is made of; gives the ids of what went."""
        standing = [fact for fact in self.facts.values() if WITHDRAWN not in fact.flags]
        newest = max((fact.occurred_at for fact in standing), default=0)
        since = newest - int(SPANS * config.figures.most_hours * HOUR_US)
        last: dict[tuple[str, str, int | None], int] = defaultdict(int)
        old = [fact for fact in standing if fact.occurred_at < since]
        for figure in figures_of(old):
            name = (figure.subject, figure.measure, figure.until)
            last[name] = max(last[name], figure.as_at)
        keep = {(subject, at) for (subject, _, _), at in last.items()}
        gone = [
            fact.id
            for fact in self.facts.values()
            if fact.occurred_at < since and (fact.thing, fact.occurred_at) not in keep
        ]
        for ident in gone:
            self.drop(ident)
        return gone

    def measures(self, config: CoreConfig) -> Iterator[tuple[str, Measure]]:
        """Every measure as it is now, by the key it is shown under."""
        if self._book is None:
            self._book = Book(self.facts.values(), config)
        return ((view_key(one), one) for one in measures_of(self._book, config))


def view_key(one: Measure) -> str:
    """What a measure is shown under: measure|subject; of an hour to come measure|subject|µs."""
    name = f"{one.measure}|{one.subject}"
    return name if one.until is None else f"{name}|{one.until}"
