"""The parts of the daily urgent and emergency care return that events can fill, as a draft (domain 02 §2.3).

In: figures from outside, a trust's sites, its people as seen at 08:00. Out: cells. Beds and lengths of stay
are as at 08:00 of the day; waits and ambulances are of the day before, the newest figure that speaks of it.
What has no source has a cell without a value that says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from streams.core.config import CoreConfig
from streams.core.pressure.figures import Book
from streams.core.pressure.measures import BEDS, beds, fresh, parts_of
from streams.returns import who
from streams.returns.cells import THERE, Cell, count
from streams.returns.day import Snapshot
from streams.returns.discharge import STAYS, Heard
from streams.returns.seen import Seen, Unplaced

OF_THE_DAY_BEFORE: Final = (
    "ed_12h_from_decision", "ed_12h_from_arrival", "ambulance_over_30", "ambulance_over_60",
    "ambulance_hours_lost",
)  # fmt: skip
NO_SOURCE: Final = (
    "paediatric_beds", "adult_critical_care_beds", "picu_beds", "neonatal_beds", "flu_inpatients",
    "rsv_inpatients", "covid_inpatients", "ae_closures", "ae_diverts", "ambulance_arrivals",
)  # fmt: skip
"""Asked for by the return; no event of ours says it."""


def uec_cells(
    people: Sequence[Seen | Unplaced],
    heard: Heard,
    book: Book,
    sites: Sequence[str],
    snap: Snapshot,
    config: CoreConfig,
) -> list[Cell]:
    """Every cell of a trust; beds by site as `<figure>.<site>`."""
    cells = [cell for site in sites for cell in _of_site(book, site, snap, config)]
    here = [one for one in people if isinstance(one, Seen) and one.left_at is None and one.excluded is None]
    nothing = heard.since is None or heard.since >= snap.before
    lacks = ["nothing heard from the trust by then"] if nothing else []
    stays = [*((f"los{days}", who.at_least(days)) for days in STAYS), ("los_unknown", who.undated)]
    cells += [count(name, here, whom, THERE, lacks=lacks, unknown=nothing) for name, whom in stays]
    return [*cells, *(Cell(name, None, complete=False, missing=("no source",)) for name in NO_SOURCE)]


def _of_site(book: Book, site: str, snap: Snapshot, config: CoreConfig) -> Iterator[Cell]:
    found = {name: _beds(book, site, name, snap, config) for name in BEDS}
    yield from found.values()
    opened, escalation = found["beds_open"].value, found["beds_escalation"].value
    core = opened - escalation if opened is not None and escalation is not None else None
    parts = (found["beds_open"], found["beds_escalation"])
    missing = tuple(sorted({lack for part in parts for lack in part.missing}))
    yield Cell(f"beds_core.{site}", core, "all", all(part.complete for part in parts), missing)
    before = snap._replace(day=snap.day - timedelta(days=1))
    for name in OF_THE_DAY_BEFORE:
        figure = book.at(site, name, before.ends - 1)
        if figure is None or figure.as_at < before.starts or figure.value is None:
            yield Cell(f"{name}.{site}", None, complete=False, missing=("nobody said",))
        else:
            yield Cell(f"{name}.{site}", figure.value, as_at=figure.as_at, events=(figure.order[3],))


def _beds(book: Book, site: str, name: str, snap: Snapshot, config: CoreConfig) -> Cell:
    """Open beds include escalation beds; core are the rest."""
    said = beds(book, site, name, snap.at, config.figures)
    if said is None:
        return Cell(f"{name}.{site}", None, complete=False, missing=("nobody said",))
    own = fresh(book, site, name, snap.at, config.figures)
    parts = [own] if own else [
        fresh(book, part, name, snap.at, config.figures) for part in parts_of(book, site, config.figures)
    ]  # fmt: skip
    events = tuple(sorted(part.order[3] for part in parts if part is not None))
    return Cell(f"{name}.{site}", said.value, "all", said.complete, said.missing, (), events, said.as_at)
