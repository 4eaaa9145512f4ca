"""What the core needs to know of a place.

Frozen, built at the edge (`streams/agents/config.py`), never read from a file here.
"""

from __future__ import annotations

import msgspec

from streams.core.alerts.desk_hours import DeskHours
from streams.core.alerts.desks import DeskTerms

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


class RecipientRule(msgspec.Struct, frozen=True):
    """Who is told what: `when` names the sector whose open thing makes them a recipient, empty = always."""

    name: str
    title: str
    facts: tuple[str, ...] = ("discharged",)
    when: str = ""


class Exclusion(msgspec.Struct, frozen=True):
    """Discharges the place leaves out of the discharge-ready measures, as it states."""

    name: str
    discharge_methods: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


class Band(msgspec.Struct, frozen=True):
    """A stretch of values and what it scores; None = open."""

    lower: float | None
    lower_inclusive: bool
    upper: float | None
    upper_inclusive: bool
    points: int

    def holds(self, value: float) -> bool:
        """Whether a value lies in it."""
        above = self.lower is None or value > self.lower or (self.lower_inclusive and value == self.lower)
        below = self.upper is None or value < self.upper or (self.upper_inclusive and value == self.upper)
        return above and below


class Parameter(msgspec.Struct, frozen=True):
    """One figure a level is made of; bands from calm to worst."""

    name: str
    measure: str
    since_midnight: bool
    bands: tuple[Band, ...]


class Scheme(msgspec.Struct, frozen=True):
    """A version of the OPEL framework as data; `verified` only once somebody loaded the official table."""

    id: str
    verified: bool
    valid_from: str
    valid_to: str | None
    parameters: tuple[Parameter, ...]
    levels: tuple[tuple[int, int], ...]
    """(Level, points it begins at), calm first."""


class FigureConfig(msgspec.Struct, frozen=True):
    """What the place says about figures from outside."""

    sites: dict[str, tuple[str, ...]] = {}
    """Site -> every ward that reports beds."""
    most_hours: float = 24
    """A figure older than this is not added to others."""
    schemes: tuple[Scheme, ...] = ()


class CoreConfig(msgspec.Struct, frozen=True):
    """The place as the fold sees it.

    Two equal configs and equal facts give equal lines (design.md §9 Replay).
    """

    partners: tuple[str, ...] = ()
    """Instance names in the order of the place file: the last resort of precedence."""
    precedence: dict[str, tuple[str, ...]] = {}
    """By conflict (`spell`, `ready`, `pathway`, `expected_discharge`): partner names, strongest first."""
    recipients: tuple[RecipientRule, ...] = ()
    notice_horizon_us: int = DAY_US
    retraction_us: int = 30 * DAY_US
    """How long a fact may still be taken back or translated anew: as long as the raw message is kept."""
    horizon_us: int = 400 * DAY_US
    """How late a fact may be, of partners not named in `horizons`."""
    horizons: dict[str, int] = {}
    councils: tuple[str, ...] = ()
    hub: str = ""
    icb: str = ""
    responsibility: dict[str, tuple[str, str]] = {}
    """Council -> its ICB and its hub, for people of neighbouring places."""
    exclusions: tuple[Exclusion, ...] = ()
    lapse_days: dict[str, int] = {}
    """Council's instance name -> days in hospital after which it lets a package go."""
    fast_track_hours: float | None = None
    checklist: dict[str, str] = {}
    """Item of the ready-to-go checklist -> who owes it, in the place's order."""
    thresholds: dict[str, tuple[tuple[int, float], ...]] = {}
    """`<rule>.<what>` -> (in force from, value), oldest first; none = the rule's own."""
    desk_hours: dict[str, DeskHours] = {}
    """Desk -> when it is open; none = always."""
    desks: dict[str, DeskTerms] = {}
    """Desk -> how long it may take, and whom to ring."""
    figures: FigureConfig = FigureConfig()
    silence_minutes: dict[str, float] = {}
    """Partner -> how long it may say nothing, as the place states."""
    codes: dict[str, dict[str, dict[str, str]]] = {}
    """Partner -> field -> code as sent -> national code."""

    def serving(self, council: str | None) -> tuple[str | None, str | None]:
        """ICB and hub of a council's people, as the place file says."""
        if council in self.councils:
            return self.icb or None, self.hub or None
        icb, hub = self.responsibility.get(council or "", ("", ""))
        return icb or None, hub or None

    def threshold(self, name: str, at: int, otherwise: float) -> float:
        """What was in force at a moment (design.md §6: thresholds are dated inputs)."""
        in_force = [value for since, value in self.thresholds.get(name, ()) if since <= at]
        return in_force[-1] if in_force else otherwise

    def strength(self, conflict: str, partner: str) -> tuple[int, int, str]:
        """Sort key of a partner in a conflict.

        Least = strongest; named ones first, then the order of the place, then the name.
        """
        named = self.precedence.get(conflict, ())
        return (_place_of(partner, named), _place_of(partner, self.partners), partner)


def _place_of(partner: str, names: tuple[str, ...]) -> int:
    return names.index(partner) if partner in names else len(names)
