"""Measures counted of spells and packages as at a time: a pure function of rows of intervals, the same live,
in a replay, for a census and for a restatement (design.md §6; domain 02 §2.3, §2.5, domain 01 §1.4).

In: the rows of one site or source, the figures of it, a time. Out: `Measure`s. Days are days in England: a
stay is as many days long as it has midnights, and a discharge is before noon by the clock on the wall.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from statistics import median
from typing import Final

from streams.core.config import DAY_US, HOUR_US, CoreConfig
from streams.core.moments import local_date, local_moment, local_time
from streams.core.pressure.contributions import NO_PATHWAY, Arranged, Row, Span, Stayed
from streams.core.pressure.figures import Book
from streams.core.pressure.measures import Measure, beds

OWNERS: Final = {
    "hospital": "hospital",
    "ward": "hospital",
    "hub": "hub",
    "council": "council",
    "community": "community",
    "hospice": "community",
    "icb": "community",
    "mental_health": "community",
}
"""Who is waited for -> the group they are counted in; the person's family and all others are `other`."""
GROUPS: Final = ("hospital", "hub", "council", "community", "other")
PATHWAYS: Final = ("P0", "P1", "P2", "P3", NO_PATHWAY)
STAYS: Final = (7, 14, 21)
LEFT_DAYS: Final = 7
"""Discharges of so many days make the time from ready to left."""
STARTED_DAYS: Final = 28
"""Starts of so many days make the time from requested to started."""
SHARES: Final = {"ready_percent_of_occupied": "beds_occupied", "ready_percent_of_open": "beds_open"}


def counted(
    subject: str, rows: Iterable[Row], book: Book | None, at: int, config: CoreConfig
) -> Iterator[Measure]:
    """Every measure counted of the things of a site, or of a source of packages."""
    stays: list[Stayed] = []
    packages: list[Arranged] = []
    for row in rows:
        if isinstance(row, Stayed):
            stays.append(row)
        else:
            packages.append(row)
    if stays:
        yield from _present(subject, stays, book, at, config)
        yield from _left(subject, stays, at)
    if packages:
        since = at - STARTED_DAYS * DAY_US
        spans = [
            one.started_at - one.requested_at
            for one in packages
            if one.started_at is not None and since < one.started_at <= at
        ]
        yield _hours("package_start_hours", subject, packages, spans, at)


def covers(spans: Iterable[Span], at: int) -> bool:
    """Whether a moment lies in any of the spans: at their beginning, not at their end."""
    return any((since is None or since <= at) and (until is None or at < until) for since, until in spans)


def _present(
    subject: str, stays: Sequence[Stayed], book: Book | None, at: int, config: CoreConfig
) -> Iterator[Measure]:
    """Who is here now: all, those ready, whom they wait for, how long they are in."""
    here = [row for row in stays if covers(row.here, at)]
    ready = [row for row in here if covers(row.ready, at)]
    yield _count("in_hospital", subject, stays, len(here), at)
    yield _count("ready_to_leave", subject, stays, len(ready), at)
    for name, below in SHARES.items():
        yield _share(name, below, subject, stays, len(ready), book, at, config)
    groups = [_group(row, at) for row in ready]
    for group in GROUPS:
        yield _count(f"waiting_{group}", subject, stays, groups.count(group), at)
    today = local_time(at).date()
    days = [_days(row.since, today) for row in here if row.since is not None]
    for least in STAYS:
        long = sum(one >= least for one in days)
        yield _count(f"stays_{least}_days", subject, stays, long, at, complete=len(days) == len(here))


def _group(row: Stayed, at: int) -> str:
    owner = next((who for who, *span in row.waiting if covers([(span[0], span[1])], at)), "hospital")
    return OWNERS.get(owner, "other")


def _days(since: int, today: date) -> int:
    return (today - local_time(since).date()).days


def _left(subject: str, stays: Sequence[Stayed], at: int) -> Iterator[Measure]:
    """Who left alive today, and how long those of the last days had been ready."""
    today = local_date(at)
    alive = [row for row in stays if row.left_at is not None and row.left_at <= at and not row.died]
    now = [row for row in alive if local_date(row.left_at or 0) == today]
    yield _count("discharges", subject, stays, len(now), at)
    for pathway in PATHWAYS:
        of = sum((row.pathway if row.pathway in PATHWAYS else NO_PATHWAY) == pathway for row in now)
        yield _count(f"discharges_{pathway}", subject, stays, of, at)
    for name, minute in (("noon", 12 * 60), ("17", 17 * 60)):
        by = local_moment(local_time(at).date(), minute)
        early = sum((row.left_at or 0) < by for row in now)
        yield _count(f"discharges_before_{name}", subject, stays, early, at)
    spans = [
        row.left_at - since
        for row in alive
        if row.left_at is not None and at - row.left_at < LEFT_DAYS * DAY_US
        for since in [_ready_when_left(row)]
        if since is not None
    ]
    yield _hours("ready_to_left_hours", subject, stays, spans, at)


def _ready_when_left(row: Stayed) -> int | None:
    if not row.ready or row.left_at is None:
        return None
    since, until = row.ready[-1]
    return since if until is None or until >= row.left_at else None


def _sources(rows: Iterable[Row]) -> tuple[tuple[str, int | None], ...]:
    return tuple((source, None) for source in sorted({row.source for row in rows}))


def _count(
    name: str, subject: str, rows: Sequence[Row], value: int, at: int, *, complete: bool = True
) -> Measure:
    return Measure(name, subject, at, at, value, complete=complete, heard=_sources(rows), newest_at=at)


def _hours(name: str, subject: str, rows: Sequence[Row], spans: Sequence[int], at: int) -> Measure:
    """The median in hours, of how many; unknown where there are none."""
    value = median(spans) / HOUR_US if spans else None
    return Measure(
        name, subject, at, at, value, None, len(spans),
        complete=bool(spans), heard=_sources(rows), newest_at=at,
    )  # fmt: skip


def _share(
    name: str, below: str, subject: str, rows: Sequence[Row], ready: int, book: Book | None, at: int,
    config: CoreConfig,
) -> Measure:  # fmt: skip
    """Of the beds somebody reported; unknown without them."""
    out_of = beds(book, subject, below, at, config.figures) if book is not None else None
    whole = out_of is not None and out_of.complete and bool(out_of.value)
    value = 100 * ready / out_of.value if whole and out_of is not None and out_of.value else None
    lacks = out_of.missing if out_of is not None else (below,)
    heard = dict(_sources(rows)) | dict(out_of.heard if out_of is not None else ())
    return Measure(
        name, subject, at, at, value, ready, out_of.value if out_of is not None else None,
        complete=whole, heard=tuple(sorted(heard.items())), missing=() if whole else lacks, newest_at=at,
    )  # fmt: skip
