"""Measures made of figures: as reported, added up for a site, and as shares (domain 02 §2.3).

In: a `Book`, the place's config, a time. Out: `Measure`s. Unknown is never zero: a sum that lacks a ward is
at least so much and not complete, a share that lacks anything has no value. More people than beds and nothing
to divide by both happen: shown, not clipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from streams.core.config import HOUR_US, FigureConfig
from streams.core.pressure.figures import Book, Figure, site_of

BEDS: Final = (
    "beds_open",
    "beds_escalation",
    "beds_occupied",
    "beds_closed",
    "beds_closed_infection",
    "beds_closed_infection_empty",
)
"""What a site's wards add up to."""
SHARES: Final = {
    "occupancy_percent": ("beds_occupied", ("beds_open",)),
    "escalation_percent": ("beds_escalation", ("beds_open",)),
    "closed_infection_percent": ("beds_closed_infection", ("beds_open", "beds_closed")),
}
"""Share -> (of which, out of the sum of which)."""


class Crossed(msgspec.Struct, frozen=True):
    """A level or a parameter's band that is another than the figure before gave; bands count from 1, calm."""

    what: str
    before: int
    after: int


class Measure(msgspec.Struct, frozen=True):
    """One answer of `measure(as_at, known_at)`.

    `as_at` is that of its oldest figure, `known_at` when its newest one was received; `complete` False: the
    value is unknown, or at least so much.
    """

    measure: str
    subject: str
    as_at: int | None
    known_at: int | None
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    complete: bool = True
    until: int | None = None
    heard: tuple[tuple[str, int | None], ...] = ()
    """Who said what it is made of, and when the newest of that was received; of what is counted the feeds
    know that.
    """
    missing: tuple[str, ...] = ()
    """What it needs and nobody said, or said too long ago."""
    scheme: str | None = None
    verified: bool | None = None
    crossed: tuple[Crossed, ...] = ()
    newest_at: int = 0
    """As_at of its newest figure: just before it, the measure was another."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Who said what it is made of."""
        return tuple(source for source, _ in self.heard)


def measure(
    name: str,
    subject: str,
    used: Iterable[Figure | Measure | None],
    value: float | None,
    numerator: float | None = None,
    denominator: float | None = None,
    *,
    complete: bool = True,
    until: int | None = None,
    missing: Iterable[str] = (),
) -> Measure:
    """Make a measure of what was used for it."""
    there = [one for one in used if one is not None]
    times = [one.as_at for one in there if one.as_at is not None]
    heard: dict[str, int] = {}
    for source, at in (said for one in there for said in _heard(one)):
        heard[source] = max(at or 0, heard.get(source, 0))
    lacks = {*missing, *(name for one in there if isinstance(one, Measure) for name in one.missing)}
    return Measure(
        name, subject, min(times, default=None), max(heard.values(), default=None), value, numerator,
        denominator, complete, until, tuple(sorted(heard.items())), tuple(sorted(lacks)),
        newest_at=max(map(_newest, there), default=0),
    )  # fmt: skip


def _newest(one: Figure | Measure) -> int:
    return one.as_at if isinstance(one, Figure) else one.newest_at


def _heard(one: Figure | Measure) -> Sequence[tuple[str, int | None]]:
    return ((one.source, one.received_at),) if isinstance(one, Figure) else one.heard


def reported(subject: str, name: str, figure: Figure) -> Measure:
    """A figure as it was said."""
    return measure(
        name, subject, (figure,), figure.value, figure.numerator, figure.denominator,
        complete=figure.value is not None, until=figure.until,
    )  # fmt: skip


def fresh(book: Book, subject: str, name: str, at: int, config: FigureConfig) -> Figure | None:
    """The figure that may be added to others: known, and not older than the place allows."""
    figure = book.at(subject, name, at)
    if figure is None or figure.value is None or at - figure.as_at > config.most_hours * HOUR_US:
        return None
    return figure


def parts_of(book: Book, site: str, config: FigureConfig) -> list[str]:
    """The wards of a site: those the place lists, and those that ever said anything of beds."""
    said = {subject for subject, name, _ in book.names(site) if name in BEDS}
    return sorted({f"{site}/{ward}" for ward in config.sites.get(site, ())} | said - {site})


def beds(book: Book, subject: str, name: str, at: int, config: FigureConfig) -> Measure | None:
    """Beds of a ward, or of a site: what it said of the whole, else what its wards add up to."""
    own = fresh(book, subject, name, at, config)
    if own is not None:
        return reported(subject, name, own)
    wards = parts_of(book, subject, config) if site_of(subject) == subject else []
    found = [fresh(book, ward, name, at, config) for ward in wards]
    known = [figure.value for figure in found if figure is not None and figure.value is not None]
    if not known:
        return None
    lacks = [ward for ward, one in zip(wards, found, strict=True) if one is None]
    return measure(name, subject, found, sum(known), complete=not lacks, missing=lacks)


def share(book: Book, subject: str, name: str, at: int, config: FigureConfig) -> Measure | None:
    """A percentage of beds, with what it was made of; None where either side was said by nobody."""
    of, out_of = SHARES[name]
    above = beds(book, subject, of, at, config)
    below = [beds(book, subject, one, at, config) for one in out_of]
    if above is None or not any(below):
        return None
    known = [one.value for one in below if one is not None and one.value is not None]
    lacks = [part for part, one in zip(out_of, below, strict=True) if one is None]
    complete = len(known) == len(below) and all(one.complete for one in (above, *below) if one)
    numerator, denominator = above.value, sum(known) if known else None
    value = None
    if complete and numerator is not None and denominator:
        value = 100 * numerator / denominator
    return measure(
        name, subject, (above, *below), value, numerator, denominator,
        complete=value is not None, missing=lacks,
    )  # fmt: skip


def value_of(book: Book, subject: str, name: str, at: int, config: FigureConfig) -> Measure | None:
    """Any measure by its name, reported or made of beds."""
    if name in SHARES:
        return share(book, subject, name, at, config)
    if name in BEDS:
        return beds(book, subject, name, at, config)
    figure = fresh(book, subject, name, at, config)
    return None if figure is None else reported(subject, name, figure)
