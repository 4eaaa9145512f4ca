"""Care packages: where each stands, as the council says by webhook and by extract (domain 01 §1.1,
domain 03 §3.6).

In: the distinct facts on one package id, of any number of sources. Out: a `Package`. A row that
vanished is "unknown since", never ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import msgspec

from schemas.fact import Fact
from streams.core.facts.select import begun, latest, place_in_order, winners

STATES = {
    "CarePackageRequested": "requested",
    "CarePackageProposed": "proposed",
    "CarePackageApproved": "approved",
    "CarePackageStarted": "started",
    "CarePackageSuspended": "suspended",
    "CarePackageLapsed": "lapsed",
    "CarePackageRestarted": "started",
    "CarePackageEnded": "ended",
    "CarePackageEnteredInError": "entered_in_error",
}
"""Kind -> state, in the order that breaks ties of one minute; a change alters values, not the state."""
RANKS = {kind: rank for rank, kind in enumerate(STATES)}
CLOSED = frozenset({"ended", "entered_in_error"})
GONE = "CarePackageRowGone"


class Holder(NamedTuple):
    """The ordinary admission the holder of a package in force is in now."""

    spell_id: str
    admitted_at: int
    readmission: bool


class Restart(NamedTuple):
    """A package that began again: lapsed before it did, and so which pathway it is (domain 01 §1.1)."""

    at: int
    lapsed: bool
    pathway: str


class Package(msgspec.Struct, frozen=True):
    """One package of care.

    `history` is (time, state) oldest first; `unknown_since` is set while its row is gone.
    """

    package_id: str
    source: str
    state: str
    since: int
    service_type: str | None = None
    component: str | None = None
    provider: str | None = None
    first_call_at: int | None = None
    units_per_week: float | None = None
    reason: str | None = None
    ref: str | None = None
    unknown_since: int | None = None
    history: tuple[tuple[int, str], ...] = ()
    holder: Holder | None = None
    lapses_at: int | None = None
    restart: Restart | None = None

    @property
    def first_call_done_at(self) -> int | None:
        """When care began, of a package whose first call was promised."""
        begun_at = [at for at, state in self.history if state == "started"]
        return begun_at[-1] if begun_at and self.first_call_at is not None else None

    @property
    def open(self) -> bool:
        """Neither ended nor entered in error."""
        return self.state not in CLOSED


class Course(NamedTuple):
    """What a thing went through: its newest step, how it stands since when, every state it began."""

    last: Fact
    state: str
    since: int
    history: tuple[tuple[int, str], ...]


def course_of(ordered: Sequence[Fact], states: Mapping[str, str], ranks: Mapping[str, int]) -> Course:
    """The course of a thing by its facts in order: kind -> state, kind -> place among those of one moment."""
    steps = sorted(
        (fact for fact in winners(ordered) if fact.kind in states),
        key=lambda fact: (fact.occurred_at, ranks[fact.kind], place_in_order(fact)),
    )
    history = tuple((fact.occurred_at, states[fact.kind]) for fact in begun(steps))
    last = steps[-1] if steps else ordered[-1]
    if not history:
        return Course(last, "unknown", last.occurred_at, ())
    return Course(last, history[-1][1], history[-1][0], history)


def package_of(package_id: str, facts: Sequence[Fact]) -> Package | None:
    """Make a package from its distinct facts; None when all that is known is that its row is gone."""
    ordered = sorted(facts, key=place_in_order)
    if all(fact.kind == GONE for fact in ordered):
        return None
    course = course_of(ordered, STATES, RANKS)
    last = course.last
    return Package(
        package_id=package_id,
        source=last.partner,
        state=course.state,
        since=course.since,
        service_type=cast("str | None", latest(ordered, "service_type")),
        component=cast("str | None", latest(ordered, "component")),
        provider=cast("str | None", latest(ordered, "provider")),
        first_call_at=cast("int | None", latest(ordered, "first_call_at")),
        units_per_week=cast("float | None", latest(ordered, "units_per_week")),
        reason=cast("str | None", last.body.get("reason")),
        ref=cast("str | None", latest(ordered, "record_ref")),
        unknown_since=gone_since(ordered, GONE),
        history=course.history,
    )


def gone_since(ordered: Sequence[Fact], gone: str) -> int | None:
    """Since when a row is missing from its source's full files; None while any source has it."""
    since: dict[str, int | None] = {}
    for fact in ordered:
        since[fact.partner] = (since.get(fact.partner) or fact.occurred_at) if fact.kind == gone else None
    missing = [at for at in since.values() if at is not None]
    return min(missing) if len(missing) == len(since) else None
