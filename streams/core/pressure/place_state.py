"""What is known of one site, provider or care home, and what was last shown of it.

In: figures, and the claims of persons on its things, in any order, any number of times. Out: its measures
as they are now. What can no longer change a measure of now is left out: of each name the figures of the last
days stand, and the last one before them, of stays and packages those that ended in the last months; an older
question is a replay's to answer (docs/capacity.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from schemas.fact import Fact
from streams.core.config import DAY_US, HOUR_US, CoreConfig
from streams.core.facts.copies import newer
from streams.core.facts.select import WITHDRAWN
from streams.core.pressure.as_at import measures_of
from streams.core.pressure.contributions import Arranged, Row, Said, standing
from streams.core.pressure.counted import counted
from streams.core.pressure.figures import Book, figures_of
from streams.core.pressure.measures import Measure

SPANS = 4
"""How far back figures are kept, in the hours after which one is too old to be added to others. A level looks
at its figure before, that at those it is made of, and a day more lies between what is new and what may be:
nothing dated further ahead is let in.
"""
ROW_DAYS = 100
"""How long a stay is kept after its end, and a package after it began."""
FOREVER = 1 << 62
GONE = "-"
"""Stands in `shown` for what was taken away."""


class PlaceState:
    """A function of the set of its facts, but for `shown`."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.facts: dict[str, Fact] = {}
        self.rows: dict[str, dict[str, Said]] = {}
        """Thing -> holder -> claim."""
        self.shown: dict[str, str] = {}
        """Key of the view -> what it was made of and a digest of the line it shows."""
        self._book: Book | None = None

    @property
    def thing(self) -> str:
        """What alerts are about: the place itself."""
        return self.key

    def reach(self, config: CoreConfig) -> int:
        """What rules ask about reaches back so far: the figures that say it are all still held then."""
        newest = max((fact.occurred_at for fact in self.facts.values()), default=0)
        return newest - int(2 * config.figures.most_hours * HOUR_US)

    def asked(self, config: CoreConfig) -> tuple[Book, list[int]]:
        """The figures, and the moments rules are asked about."""
        book = self.book(config)
        return book, book.moments(self.key)

    def take(self, fact: Fact) -> bool:
        """Add a fact; says whether that changed anything."""
        held = self.facts.get(fact.id)
        kept = fact if held is None else newer(held, fact)
        if kept is held or kept == held:
            return False
        self.facts[fact.id], self._book = kept, None
        return True

    def claim(self, said: Said) -> bool:
        """Take a claim; says whether that changed anything."""
        claims = self.rows.setdefault(said.thing, {})
        held = claims.get(said.holder)
        if held is not None and held.sequence >= said.sequence:
            return False
        claims[said.holder] = said
        return True

    def release(self, thing: str, holder: str) -> None:
        """Forget a claim."""
        claims = self.rows.get(thing, {})
        claims.pop(holder, None)
        if not claims:
            self.rows.pop(thing, None)

    def outdated(self, now: int) -> list[tuple[str, str]]:
        """Claims, as (thing, holder), on what ended so long ago that no measure looks at it."""
        since = now - ROW_DAYS * DAY_US
        return [
            (thing, holder)
            for thing, claims in self.rows.items()
            for holder, said in claims.items()
            if said.row is not None and _ended(said.row) < since
        ]

    def counted(self, config: CoreConfig, at: int) -> Iterator[tuple[str, Measure]]:
        """Every measure counted of its things as at a time, by the key it is shown under."""
        rows = [row for claims in self.rows.values() if (row := standing(claims)) is not None]
        return ((view_key(one), one) for one in counted(self.key, rows, self.book(config), at, config))

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
        return ((view_key(one), one) for one in measures_of(self.book(config), config))

    def book(self, config: CoreConfig) -> Book:
        """The figures that stand."""
        if self._book is None:
            self._book = Book(self.facts.values(), config)
        return self._book


def _ended(row: Row) -> int:
    """When a row was last of interest; a stay or a package under way never ends."""
    if isinstance(row, Arranged):
        return row.started_at if row.started_at is not None else FOREVER
    ends = [until for _, until in row.here]
    return FOREVER if None in ends else max(until for until in ends if until is not None)


def view_key(one: Measure) -> str:
    """What a measure is shown under: measure|subject; of an hour to come measure|subject|µs."""
    name = f"{one.measure}|{one.subject}"
    return name if one.until is None else f"{name}|{one.until}"
