"""The discharge return counted by hand from a simulator's ledger (domain 01 §1.4): walk the minutes of the
day by a clock in England and ask of everyone what was so. It knows no event, view or fold.

In: rows of `Ledger.stays`, a day, a moment, what was known by when. Out: (residents, cell) -> figure; None =
nobody can say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)
DEATHS = ("4", "5")
NOT_COUNTED = ("422", "424", "501", "560")
"""Maternity and newborn."""
OWN = "E09000006"
WAYS = ("P0", "P1", "P2", "P3")
CODES = tuple(
    f"{group}{n}"
    for group, many in (("HP", 7), ("WB", 4), ("CTH", 3), ("IF", 12), ("CA", 11))
    for n in range(1, many + 1)
)
PLACES = tuple(f"D{n}" for n in range(1, 9))


class Person(NamedTuple):
    """What is so of somebody at the end of their day. None: unknown."""

    whose: str
    nights: int
    left: str | None
    """By the clock: HH:MM."""
    ready: bool | None
    ready_since: date | None
    was_ready: bool
    way: str | None
    where: str | None
    why: str
    out: str | None


def people(stays: Iterable[dict[str, Any]], day: date, until: datetime, known: datetime) -> Iterator[Person]:
    """Everyone in hospital for a minute of the day or more, as known at a time."""
    for stay in stays:
        came, left = _time(stay["came"]), None
        for written, said in stay["words"]:
            if _time(written) <= known:
                left = _time(said) if said else None
        if left is not None and left > until:
            left = None
        minutes = [at for at in _minutes(day) if at <= until and came <= at and (left is None or at <= left)]
        if _time(stay["known"]) <= known and minutes:
            yield _person(stay, day, minutes, left, until, known)


def _person(
    stay: dict[str, Any],
    day: date,
    minutes: list[datetime],
    left: datetime | None,
    until: datetime,
    known: datetime,
) -> Person:
    results = [(_time(at), ready) for at, ready, listed in stay["findings"] if _time(listed) <= known]
    coloured = [[ready for at, ready in results if at <= minute] for minute in minutes]
    now = coloured[-1][-1] if coloured[-1] else None
    listed = [(column, value) for at, column, value in stay["listed"] if _time(at) <= min(known, until)]
    said = dict(listed)
    reasons = [value for column, value in listed if column == "Delay reason"]
    out = "died" if left and stay["method"] in DEATHS else None
    out = out or ("maternity and newborn" if stay["specialty"] in NOT_COUNTED else None)
    council = said.get("Council")
    whose = "unsaid" if council is None else "own" if council == OWN else "out_of_area"
    place = said.get("Destination", "")
    return Person(
        whose, (day - _local(_time(stay["came"])).date()).days,
        _local(left).strftime("%H:%M") if left else None, now,
        _since(results, minutes[-1]), any(found and found[-1] for found in coloured),
        "P" + said["Pathway conf"] if "Pathway conf" in said else None,
        place if place in PLACES else None, _why(reasons), out,
    )  # fmt: skip


def _since(results: list[tuple[datetime, bool]], end: datetime) -> date | None:
    """The day on which the stretch of readiness that lasts to the end began."""
    begun = None
    for at, ready in results:
        if at <= end:
            begun = (begun or at) if ready else None
    return _local(begun).date() if begun else None


def _why(cells: list[str]) -> str:
    """Of what the cell says now, what it has said longest without a break; of equals the first."""
    if not cells:
        return "none_given"
    now = cells[-1].split(";")
    runs = dict.fromkeys(now, 0)
    for reason in now:
        for cell in reversed(cells):
            if reason not in cell.split(";"):
                break
            runs[reason] += 1
    first = max(now, key=lambda reason: (runs[reason], -now.index(reason)))
    return first if first in CODES else "other_list"


def recount(
    stays: Iterable[dict[str, Any]], day: date, until: datetime, known: datetime
) -> dict[tuple[str, str], int | None]:
    """Every cell."""
    everyone = list(people(stays, day, until, known))
    table: dict[tuple[str, str], int | None] = {}
    for whose in ("all", "own", "out_of_area", "unsaid"):
        these = [p for p in everyone if p.out is None and whose in ("all", p.whose)]
        for name, figure in _page(these, day).items():
            table[whose, name] = figure
    for reason in ("died", "maternity and newborn"):
        table["all", f"excluded.{reason}"] = sum(p.out == reason for p in everyone)
    table["all", "listed_without_hospital"] = 0
    return table


def _page(these: list[Person], day: date) -> dict[str, int | None]:
    """Where nothing at all is known of those a figure is about, there is no figure."""
    gone = [p for p in these if p.left is not None]
    here = [p for p in these if p.left is None]
    early = [p for p in gone if p.left is not None and p.left <= "17:00"]
    later = [p for p in gone if p not in early]
    wait = [p for p in here if p.ready]
    page: dict[str, int | None] = {
        "nctr": _known(these, sum(p.ready is True for p in these)),
        "nctr.discharged.by_1700": _known(early, sum(p.ready is True for p in early)),
        "nctr.discharged.after_1700": _known(later, sum(p.ready is True for p in later)),
        "nctr.remaining": _known(here, len(wait)),
        "nctr.remaining.los_unknown": 0,
        "criteria.met_again": _known(these, sum(p.ready is False and p.was_ready for p in these)),
        "reason.disagrees": _known(these, 0),
        "discharged": len(gone), "discharged.by_1700": len(early), "discharged.after_1700": len(later),
    }  # fmt: skip
    for name, some in (("remaining", here), ("discharged", gone)):
        page[f"criteria.meets.{name}"] = sum(p.ready is False for p in some)
        page[f"criteria.unknown.{name}"] = sum(p.ready is None for p in some)
    for nights in (7, 14, 21):
        long = [p for p in wait if p.nights >= nights]
        page[f"nctr.remaining.los{nights}"] = _known(here, len(long))
        days = sum((day - p.ready_since).days for p in long if p.ready_since)
        page[f"bed_days.los{nights}"] = _known(here, days)
    for name, some in (("discharged", gone), ("nctr.remaining", wait)):
        page |= _shared(name, [p.way or "unknown" for p in some], WAYS, ("unknown",))
    page |= _shared("destination", [p.where or "unknown" for p in gone], PLACES, ("unknown",))
    for name, nights in (("reason", -1), ("reason_los7", 7), ("reason_los14", 14)):
        whys = [p.why for p in wait if p.nights >= nights]
        page |= _shared(name, whys, CODES, ("other_list", "none_given"))
    return page


def _known(some: list[Person], figure: int) -> int | None:
    return None if some and all(p.ready is None for p in some) else figure


def _shared(
    name: str, words: list[str], codes: tuple[str, ...], doubts: tuple[str, ...]
) -> dict[str, int | None]:
    found = Counter(words)
    nothing = bool(words) and all(word in doubts for word in words)
    table: dict[str, int | None] = {f"{name}.{code}": None if nothing else found[code] for code in codes}
    return table | {f"{name}.{doubt}": found[doubt] for doubt in doubts}


@cache
def _minutes(day: date) -> list[datetime]:
    """Every minute that a clock in England dates with this day: 1,380 of them, or 1,440, or 1,500."""
    at = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC")) - timedelta(hours=2)
    span = (at + MINUTE * n for n in range(29 * 60))
    return [minute for minute in span if _local(minute).date() == day]


def _local(at: datetime) -> datetime:
    return at.astimezone(LONDON)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
