"""The discharge return in the layout it is published in, as far as that is known (domain 01 §1.4).

In: cells, the trust as the place states it, the day. Out: rows of text. Only the trust's own row of a day:
national, regional and ICB rows, the month's averages and totals and the costs need others' figures. A value
that is not known is an empty field: the published files write 0.00 for such gaps, and `[z]` means that a
metric does not apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from streams.core.spells.delay_codes import REASONS_2024
from streams.core.spells.delay_lists import REASONS_2022
from streams.core.spells.destination_lists import BY_LIST
from streams.returns.cells import Cell

HEADER: Final = (
    "Period", "Level", "Region", "ICB", "Org Code", "Org Name", "Metric", "Metric Type", "Metric Group",
    "Value",
)  # fmt: skip
DAILY, WEEKLY = "Daily metric", "Weekly snapshot metric"
UNPUBLISHED: Final = "Draft - not in the published file"
"""Metric group of what the daily collection asks for and the published file does not show."""
NOT_OBTAINABLE: Final = (
    "rows of ICB, region and country",
    "Daily Average - Number of patients remaining in hospital who no longer meet the criteria to reside",
    "Total number of delayed bed days in the month",
    "Total cost of delayed bed days in the month",
    "destinations as totals of the month, reasons as averages of weekly snapshots: here they are of the day",
)
_GROUPS: Final = {
    "hospital_process": "Hospital process",
    "wellbeing": "Wellbeing concerns",
    "hub_process": "Care transfer hub process",
    "interface": "Interface process",
    "capacity": "Capacity",
}


class Organisation(NamedTuple):
    """The trust as a row names it."""

    code: str
    title: str
    region: str
    icb: str


class Metric(NamedTuple):
    """What a cell is called where it is published."""

    words: str
    type: str
    group: str


def _metrics() -> Iterator[tuple[str, Metric]]:
    waits = "Number of patients remaining in hospital who no longer meet the criteria to reside"
    ready = "Number of patients who no longer meet the criteria to reside"
    yield "nctr", Metric(ready, DAILY, "NCTR")
    yield "nctr.discharged.by_1700", Metric(f"{ready}, discharged by 17:00", DAILY, UNPUBLISHED)
    yield "nctr.discharged.after_1700", Metric(f"{ready}, discharged 17:01 to 23:59", DAILY, UNPUBLISHED)
    yield "nctr.remaining", Metric(waits, DAILY, "NCTR not discharged")
    for days in (7, 14, 21):
        words = f"patients with length of stay of {days} days or over"
        yield f"nctr.remaining.los{days}", Metric(f"{waits}, {words}", DAILY, UNPUBLISHED)
        group = "Additional bed days lost"
        yield f"bed_days.los{days}", Metric(f"Number of additional bed days, {words}", WEEKLY, group)
    left = "Number of patients discharged"
    yield "discharged", Metric(left, DAILY, "Discharges")
    yield "discharged.by_1700", Metric(f"{left} by 17:00", DAILY, UNPUBLISHED)
    yield "discharged.after_1700", Metric(f"{left} 17:01 to 23:59", DAILY, UNPUBLISHED)
    for rows in BY_LIST.values():
        yield from ((f"destination.{row[0]}", Metric(row[1], DAILY, "Discharge destination")) for row in rows)
    words_of = {one.code: f"{_GROUPS[one.group]} – {one.words}" for one in REASONS_2024}
    words_of |= {one.code: one.words for one in REASONS_2022}
    for days in (7, 14):
        for code, words in words_of.items():
            yield f"reason_los{days}.{code}", Metric(words, WEEKLY, f"Delay reason LOS {days}+")


METRICS: Final = dict(_metrics())
"""Cell -> metric; cells that are not in it have no place in the layout."""


def published(cells: Iterable[Cell], trust: Organisation, day: date) -> Iterator[tuple[str, ...]]:
    """Rows of one trust and day, header first; residents are not told apart there."""
    yield HEADER
    for cell in cells:
        metric = METRICS.get(cell.name)
        if metric is not None and cell.residents == "all":
            value = "" if cell.value is None else f"{cell.value:.2f}"
            org = ("PROVIDER", trust.region, trust.icb, trust.code, trust.title)
            yield (f"{day:%d/%m/%Y}", *org, metric.words, metric.type, metric.group, value)
