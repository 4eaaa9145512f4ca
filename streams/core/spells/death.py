"""Death: stated is not confirmed, and either may be withdrawn (domain 01 §1.16).

In: the `DeathRecorded` facts of a person. Out: since when it is stated, since when confirmed. Nothing
here cancels care.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from schemas.fact import Fact
from streams.core.facts.select import by_partner, place_in_order


class Death(NamedTuple):
    """When a source wrote that the person died (stated), and when it wrote so beyond doubt (indicator Y
    with a date).
    """

    stated_at: int | None = None
    confirmed_at: int | None = None


NOBODY: Final = Death()
"""No source says so."""


def death_of(facts: Iterable[Fact]) -> Death:
    """Give the earliest standing statement and confirmation over all sources; repeats move neither."""
    found = [_of_source(sorted(said, key=place_in_order)) for said in by_partner(facts).values()]
    return Death(
        min((death.stated_at for death in found if death.stated_at is not None), default=None),
        min((death.confirmed_at for death in found if death.confirmed_at is not None), default=None),
    )


def _of_source(ordered: Sequence[Fact]) -> Death:
    date: object = None
    indicator: object = None
    stated_at: int | None = None
    confirmed_at: int | None = None
    for fact in ordered:
        date = fact.body.get("death_at", date)
        indicator = fact.body.get("indicator", indicator)
        sure = str(indicator or "").upper() == "Y"
        stated_at = _kept(stated_at, fact.recorded_at, stands=date is not None or sure)
        confirmed_at = _kept(confirmed_at, fact.recorded_at, stands=date is not None and sure)
    return Death(stated_at, confirmed_at)


def _kept(since: int | None, at: int, *, stands: bool) -> int | None:
    if not stands:
        return None
    return at if since is None else since
