"""Discharged without a start (domain 02 §2.4): somebody went home, to a temporary place or a care home, needs
help, and some hours later nobody has promised when it begins.

Clear: a start is accepted, a package approved with a first call, or care began; or the person is back in
hospital. Quiet: died (method 4 or 5), went to another hospital, pathway 0 without a package to restart.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.core.spells.spell import Spell
from streams.core.transfer.packages import Package
from streams.rules.about import HELP, TAKEN_ON, earliest, hours_us, packages_of, tasks_of

NAME = "discharged_without_start"
HOURS = 4.0
DIED = frozenset({"4", "5"})
TO: frozenset[str | None] = frozenset({"home", "temporary", "care_home"})
TO_RESTART = frozenset({"suspended", "lapsed"})


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each discharge that stands."""
    for spell in picture.spells:
        left_at = spell.discharged_at
        if spell.status != "discharged" or left_at is None or not _goes_home(spell):
            continue
        if _needs_help(spell) or _to_restart(picture, left_at):
            hours = hours_us(config, f"{NAME}.hours", left_at, HOURS)
            opening = spell.departure.fact_id if spell.departure else ""
            until = earliest(_promised_at(picture, spell), _back_at(picture, left_at))
            yield Span(spell.spell_id, opening, left_at, left_at + hours, until)


def _goes_home(spell: Spell) -> bool:
    died = spell.discharge_method is not None and spell.discharge_method.code in DIED
    return not died and spell.discharge_group in TO


def _needs_help(spell: Spell) -> bool:
    pathway = spell.pathway_confirmed or spell.pathway_expected
    return pathway is not None and pathway.code in HELP


def _to_restart(picture: Picture, at: int) -> bool:
    return any(package.state in TO_RESTART and package.since <= at for package in packages_of(picture))


def _promised_at(picture: Picture, spell: Spell) -> int | None:
    """The first word that somebody will come, of a task for this spell or of a package not yet over."""
    promises = [
        at for task in tasks_of(picture, spell.spell_id) for at, state in task.history
        if state in TAKEN_ON and task.open
    ]
    begins = [_begins_at(package) for package in packages_of(picture) if package.open]
    return earliest(*promises, *begins)


def _begins_at(package: Package) -> int | None:
    """Since when it has been promised without a break; a suspended one is no promise."""
    promised: int | None = None
    for at, state in package.history:
        if state == "started" or (state == "approved" and package.first_call_at is not None):
            promised = at if promised is None else promised
        else:
            promised = None
    return promised


def _back_at(picture: Picture, left_at: int) -> int | None:
    return earliest(*(other.start for other in picture.spells if other.start > left_at))


RULE = Rule(NAME, "Discharged without a start", ("hub", "council"), True, spans)
