"""All measures of a place as at a time, and the conditions alerts wait for, as values (domain 02 §2.4).

In: figures in any order, the config, a time. Out: measures by name, subject and hour. Whether anybody is
alerted, and when no more, is a rule's matter (hysteresis too): a condition here is what the figures say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.select import as_of
from streams.core.pressure.figures import CLOSED, Book
from streams.core.pressure.measures import BEDS, SHARES, Measure, beds, measure, reported, share
from streams.core.pressure.opel import opel

OUTBREAK: Final = "outbreak"
OUTBREAK_BEDS: Final = 4.0
"""Beds closed by infection control that are one, where the place states no number."""
BALANCE: Final = "bed_balance"
NEEDED: Final = "decision_to_admit"
EXPECTED: Final = ("discharges_confirmed", "discharges_possible")


def measures(
    facts: Iterable[Fact], config: CoreConfig, as_at: int | None = None, known_at: int | None = None
) -> list[Measure]:
    """Every measure as at a time (None: each site's newest) of what was known at another (None: now)."""
    return measures_of(Book(facts if known_at is None else as_of(facts, known_at), config), config, as_at)


def measures_of(book: Book, config: CoreConfig, as_at: int | None = None) -> list[Measure]:
    """Every measure of the figures that stand."""
    found: dict[tuple[str, str, int | None], Measure] = {}
    for site in book.sites():
        at = book.newest(site) if as_at is None else as_at
        for one in _of_site(book, site, at, config):
            found.setdefault((one.measure, one.subject, one.until), one)
    return [found[name] for name in sorted(found, key=lambda name: (*name[:2], name[2] or 0))]


def _of_site(book: Book, site: str, at: int, config: CoreConfig) -> Iterator[Measure]:
    subjects = dict.fromkeys((site, *(subject for subject, _, _ in book.names(site))))
    yield from _reported(book, site, at)
    for subject in subjects:
        made = [beds(book, subject, name, at, config.figures) for name in BEDS]
        made += [share(book, subject, name, at, config.figures) for name in SHARES]
        made.append(outbreak(book, subject, at, config))
        yield from (one for one in made if one is not None)
    yield from balances(book, site, at)
    yield from opel(book, site, at, config.figures)


def _reported(book: Book, site: str, at: int) -> Iterator[Measure]:
    """What was said, however old; of the hours to come those that are still to come."""
    for subject, name, until in book.names(site):
        figure = book.at(subject, name, at, until)
        if figure is not None and (until is None or until >= at):
            yield reported(subject, name, figure)


def outbreak(book: Book, subject: str, at: int, config: CoreConfig) -> Measure | None:
    """1 where a care home takes nobody, or infection control closed as many beds as the place decided on."""
    status = book.at(subject, CLOSED, at)
    if status is not None and status.value:
        return measure(OUTBREAK, subject, (status,), 1)
    closed = beds(book, subject, "beds_closed_infection", at, config.figures)
    least = config.threshold("outbreak.beds", at, OUTBREAK_BEDS)
    if closed is None or closed.value is None:
        known = status is not None and status.value is not None
        return measure(OUTBREAK, subject, (status,), 0) if known else None
    there = closed.value >= least
    value = 1 if there else 0 if closed.complete else None
    return measure(
        OUTBREAK, subject, (closed, status), value, closed.value, least, complete=value is not None
    )


def balances(book: Book, site: str, at: int) -> Iterator[Measure]:
    """By hour: discharges that are sure or may come, less the people who need a bed. Below 0 = short."""
    hours = {until for subject, name, until in book.names(site) if subject == site and name in EXPECTED}
    for until in sorted((hour for hour in hours if hour is None or hour >= at), key=lambda hour: hour or 0):
        needed = book.at(site, NEEDED, at, until) or book.at(site, NEEDED, at)
        leaving = [book.at(site, name, at, until) for name in EXPECTED]
        if needed is None and not any(leaving):
            continue
        known = [one.value for one in leaving if one is not None and one.value is not None]
        sure = sum(known) if len(known) == len(leaving) else None
        wanted = needed.value if needed else None
        names = zip((NEEDED, *EXPECTED), (needed, *leaving), strict=True)
        lacks = [name for name, one in names if one is None or one.value is None]
        value = None if sure is None or wanted is None else sure - wanted
        yield measure(
            BALANCE, site, (needed, *leaving), value, sure, wanted,
            complete=value is not None, until=until, missing=lacks,
        )  # fmt: skip
