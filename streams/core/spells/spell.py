"""A spell: one stay with one hospital provider, as the lines say it (design.md §9 `view:"spell"`)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from streams.core.codes import Code
from streams.core.spells.care_homes import Return
from streams.core.spells.checklist import Item
from streams.core.spells.coverage import Coverage
from streams.core.spells.delays import Delay
from streams.core.spells.leave import Leave
from streams.core.spells.location import NOWHERE, Location
from streams.core.spells.plan import ExpectedStep, PathwayStep, Planned
from streams.core.spells.readiness import Interval
from streams.core.spells.responsible import Responsible
from streams.core.spells.stays import Stay

Status = Literal["planned", "registered", "admitted", "discharged", "cancelled", "deleted"]
OPEN: frozenset[str] = frozenset({"planned", "registered", "admitted"})


class Pending(NamedTuple):
    """A step that was announced: `kind` is admission | transfer | discharge."""

    kind: str
    place: Location | None
    requested_at: int
    expected_at: int | None
    cancelled_at: int | None
    done_at: int | None


class Departure(NamedTuple):
    """The discharge that stands, as something people are told.

    `fact_id` names its run of assertions (see `Slot.epoch`).
    """

    fact_id: str
    at: int
    late: bool
    """Heard of later than the notice horizon allows: nobody is told."""
    from_emergency: bool
    """An A03 with class E is an ED departure, not a discharge home."""


class Spell(msgspec.Struct, frozen=True):
    """One hospital provider spell. Times are µs UTC."""

    spell_id: str
    partner: str
    status: Status
    visit_number: str | None = None
    patient_class: Code | None = None
    admitted_at: int | None = None
    discharged_at: int | None = None
    expected_discharge_at: int | None = None
    location: Location = NOWHERE
    stays: tuple[Stay, ...] = ()
    pending: tuple[Pending, ...] = ()
    leave: tuple[Leave, ...] = ()
    ready: tuple[Interval, ...] = ()
    discharge_ready_at: int | None = None
    pathway_expected: Code | None = None
    pathway_confirmed: Code | None = None
    delays: tuple[Delay, ...] = ()
    owners: tuple[tuple[int, str], ...] = ()
    """(Time, owner) as people named one, oldest first; "" = taken back."""
    checklist: tuple[Item, ...] = ()
    pathway_history: tuple[PathwayStep, ...] = ()
    expected_history: tuple[ExpectedStep, ...] = ()
    planned: Planned | None = None
    """Where the person is to go."""
    coverage: Coverage | None = None
    care_home: Return | None = None
    """What the home the person came from says of taking them back."""
    discharge_method: Code | None = None
    discharge_destination: Code | None = None
    discharge_group: str | None = None
    responsible: Responsible | None = None
    """What was said of it; None = nothing, the place's own."""
    death_stated_at: int | None = None
    death_confirmed_at: int | None = None
    flags: frozenset[str] = frozenset()
    start: int = 0
    """When it began, as far as anything says: what hub rows without a visit number are attached by."""
    departure: Departure | None = None
    undone_at: int | None = None
    """When a discharge was last taken back, whether or not the person has left since."""

    @property
    def open(self) -> bool:
        """Planned, registered or in hospital."""
        return self.status in OPEN
