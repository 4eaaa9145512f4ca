"""The indicative level of pressure by a scheme that is data (domain 02 §2.1); never "the" OPEL of a trust.

In: a `Book`, a site, a time, the schemes of the place. Out: the level, every parameter's points with the
figure they were given for, and what crossed a band. A parameter nobody gave, or one older than the place
allows, or a count since midnight of another day in England, is missing: the level is then at least so high
and incomplete.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from streams.core.config import FigureConfig, Parameter, Scheme
from streams.core.moments import local_date
from streams.core.pressure.figures import Book
from streams.core.pressure.measures import Crossed, Measure, measure, value_of

LEVEL: Final = "opel_level"
POINTS: Final = "opel_points."


class Scored(NamedTuple):
    """One parameter: its figure, the band it lies in (from 1) and the points of that."""

    parameter: Parameter
    figure: Measure | None
    band: int | None
    points: int


class Level(NamedTuple):
    """A level; `complete` False: at least so high."""

    level: int
    points: int
    complete: bool


def scheme_at(at: int, config: FigureConfig) -> Scheme | None:
    """The scheme in force on the day; the newest where several are."""
    day = local_date(at) or ""
    there = [one for one in config.schemes if one.valid_from <= day and day < (one.valid_to or "9999")]
    return max(there, key=lambda one: (one.valid_from, one.id), default=None)


def opel(book: Book, site: str, at: int, config: FigureConfig) -> Iterator[Measure]:
    """The level of a site and its parameters; nothing where no parameter is known."""
    scheme = scheme_at(at, config)
    if scheme is None:
        return
    scored = [_scored(book, site, one, at, config) for one in scheme.parameters]
    if all(one.band is None for one in scored):
        return
    level = _level(scored, scheme)
    crossed = tuple(_crossed(book, site, scored, level, scheme, config))
    known = sum(one.band is not None for one in scored)
    lacks = [one.parameter.measure for one in scored if one.band is None]
    whole = measure(
        LEVEL, site, [one.figure for one in scored], level.level, level.points, None,
        complete=level.complete, missing=lacks,
    )  # fmt: skip
    found = [msgspec.structs.replace(whole, denominator=float(known), crossed=crossed)]
    found += [
        measure(
            POINTS + one.parameter.name, site, (one.figure,),
            one.points if one.band is not None else None,
            one.figure.value if one.figure else None,
            complete=one.band is not None,
        )
        for one in scored
    ]  # fmt: skip
    yield from (msgspec.structs.replace(one, scheme=scheme.id, verified=scheme.verified) for one in found)


def _scored(book: Book, site: str, parameter: Parameter, at: int, config: FigureConfig) -> Scored:
    figure = value_of(book, site, parameter.measure, at, config)
    if figure is None or figure.value is None:
        return Scored(parameter, figure, None, _least(parameter))
    if parameter.since_midnight and local_date(figure.as_at or 0) != local_date(at):
        return Scored(parameter, None, None, _least(parameter))
    for number, band in enumerate(parameter.bands, start=1):
        if band.holds(figure.value):
            return Scored(parameter, figure, number, band.points)
    return Scored(parameter, figure, None, _least(parameter))


def _least(parameter: Parameter) -> int:
    return min((band.points for band in parameter.bands), default=0)


def _level(scored: list[Scored], scheme: Scheme) -> Level:
    points = sum(one.points for one in scored)
    level = max((level for level, since in scheme.levels if points >= since), default=1)
    return Level(level, points, all(one.band is not None for one in scored))


def _crossed(
    book: Book, site: str, scored: list[Scored], level: Level, scheme: Scheme, config: FigureConfig
) -> Iterator[Crossed]:
    """What is another than the figures before gave: each parameter against its own figure before; one that
    has none is taken as it is now.
    """
    earlier = [then if then.band else now for now in scored for then in (_before(book, site, now, config),)]
    before = _level(earlier, scheme)
    if before.complete and level.complete and before.level != level.level:
        yield Crossed("level", before.level, level.level)
    for now, then in zip(scored, earlier, strict=True):
        if now.band is not None and then.band is not None and now.band != then.band:
            yield Crossed(now.parameter.name, then.band, now.band)


def _before(book: Book, site: str, now: Scored, config: FigureConfig) -> Scored:
    """The parameter by the figure before, on that one's own day."""
    at = now.figure.newest_at - 1 if now.figure else 0
    figure = value_of(book, site, now.parameter.measure, at, config)
    return _scored(book, site, now.parameter, figure.newest_at if figure else at, config)
