"""Figures from outside: which of them stands, as at a time, as known at another (design.md §6 Aggregates).

In: the compact facts of `toc.capacity.v1`, in any order, any number of times. Out: a `Book` that answers
`at(subject, measure, as_at)`. A restatement replaces the figure of the same source, subject, measure and
as_at by recorded_at; what was known before stays askable: leave out what was received later (`select.as_of`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.select import Order, distinct, place_in_order

METRIC: Final = "PressureMetricReported"
STATUS: Final = "CareHomeStatusChanged"
CLOSED: Final = "admissions_closed"
"""Measure of a care home: 1 = it takes nobody, 0 = it does."""
_SERVICE: Final = "ServiceCapacityReported"
_WORDS: Final = frozenset({"service_type", "reason", "admissions"})

Name = tuple[str, str, int | None]
"""(Subject, measure, up to when: of figures about the hours to come)."""


class Figure(NamedTuple):
    """One number somebody reported; None = taken back, which is unknown and never zero."""

    subject: str
    measure: str
    until: int | None
    as_at: int
    value: float | None
    numerator: float | None
    denominator: float | None
    source: str
    received_at: int
    order: Order


def figures_of(facts: Iterable[Fact]) -> Iterator[Figure]:
    """The numbers in the distinct facts."""
    for fact in distinct(facts):
        for measure, until, value, numerator, denominator in _numbers(fact):
            yield Figure(
                fact.thing,
                measure,
                until,
                fact.occurred_at,
                value,
                numerator,
                denominator,
                fact.partner,
                fact.received_at,
                place_in_order(fact),
            )


_Number = tuple[str, int | None, float | None, float | None, float | None]


def _numbers(fact: Fact) -> Iterator[_Number]:
    said = fact.body
    if fact.kind == METRIC:
        if said.get("metric"):
            yield (
                said["metric"],
                said.get("until_at"),
                said.get("value"),
                said.get("numerator"),
                said.get("denominator"),
            )
        return
    if fact.kind == STATUS and "admissions" in said:
        yield CLOSED, None, {"closed": 1.0, "open": 0.0}.get(said["admissions"] or ""), None, None
    before = "service_" if fact.kind == _SERVICE else ""
    for name, value in said.items():
        if name not in _WORDS:
            yield before + name, None, value, None, None


class Book:
    """The figures that stand. Equal sets of facts give equal books."""

    def __init__(self, facts: Iterable[Fact], config: CoreConfig) -> None:
        said: dict[Name, dict[int, dict[str, Figure]]] = {}
        for figure in figures_of(facts):
            name = (figure.subject, figure.measure, figure.until)
            moment = said.setdefault(name, {}).setdefault(figure.as_at, {})
            held = moment.get(figure.source)
            if held is None or figure.order > held.order:
                moment[figure.source] = figure
        self._figures: dict[Name, list[Figure]] = {
            name: [_strongest(moments[at].values(), config) for at in sorted(moments)]
            for name, moments in said.items()
        }
        self._names: dict[str, list[Name]] = {}
        for name in sorted(self._figures, key=lambda name: (name[0], name[1], name[2] or 0)):
            self._names.setdefault(site_of(name[0]), []).append(name)

    def sites(self) -> list[str]:
        """Every site, provider and care home anybody ever said a figure of."""
        return sorted(self._names)

    def names(self, site: str) -> list[Name]:
        """Everything anybody ever said a figure of, of a site and its parts."""
        return self._names.get(site, [])

    def at(self, subject: str, measure: str, as_at: int, until: int | None = None) -> Figure | None:
        """The newest figure as at a time; None where nobody said one by then."""
        figures = self._figures.get((subject, measure, until), [])
        index = bisect_right(figures, as_at, key=lambda figure: figure.as_at) - 1
        return figures[index] if index >= 0 else None

    def moments(self, site: str) -> list[int]:
        """Every time somebody said a figure as at, of a site and its parts."""
        return sorted({figure.as_at for name in self.names(site) for figure in self._figures[name]})

    def newest(self, site: str) -> int:
        """The newest as_at of a site and its parts."""
        return max(self._figures[name][-1].as_at for name in self._names[site])


def site_of(subject: str) -> str:
    """The site of a ward or service, or the subject itself."""
    return subject.partition("/")[0]


def _strongest(said: Iterable[Figure], config: CoreConfig) -> Figure:
    """Of sources that speak of one moment the place's precedence decides, and an unknown gives way."""
    return min(said, key=lambda one: (one.value is None, config.strength("figures", one.source)))
