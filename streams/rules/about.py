"""What several rules ask of a picture. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from streams.core.config import HOUR_US, CoreConfig
from streams.core.facts.select import state_at
from streams.core.reduce import Picture
from streams.core.spells.spell import Spell
from streams.core.transfer.in_hospital import IN_FORCE, ordinary
from streams.core.transfer.packages import Package
from streams.core.transfer.tasks import Task

HELP: Final[frozenset[str | None]] = frozenset({"P1", "P2", "P3"})
"""Pathways on which somebody else has to do something (domain 01 §1.1)."""
TAKEN_ON: Final = frozenset({"accepted", "in_progress", "completed"})
"""States of a task that somebody has said yes to."""
_IN_A_HOME: Final = ("residential", "nursing")


def earliest(*moments: int | None) -> int | None:
    """The first of the moments that are known; None = none is."""
    return min((moment for moment in moments if moment is not None), default=None)


def hours_us(config: CoreConfig, name: str, at: int, otherwise: float) -> int:
    """A threshold that was in force at a moment, in µs; stated in hours."""
    return int(config.threshold(name, at, otherwise) * HOUR_US)


def tasks_of(picture: Picture, spell_id: str) -> list[Task]:
    """The tasks for a spell: those that name it, and where it is the current one those that name none."""
    transfer = picture.transfer
    if transfer is None:
        return []
    current = transfer.spell_id == spell_id
    return [task for task in transfer.tasks if task.spell_id == spell_id or (current and not task.spell_id)]


def asked_at(tasks: Sequence[Task]) -> int | None:
    """When something was first asked for: a list may show a task for the first time when it was answered."""
    return earliest(*(at for task in tasks for at, _ in task.history[:1]))


def packages_of(picture: Picture) -> tuple[Package, ...]:
    """The person's care packages."""
    return picture.transfer.packages if picture.transfer else ()


def admissions(picture: Picture) -> Iterator[Spell]:
    """Ordinary admissions, of now and before: never an attendance, a day case, or a regular day or night."""
    for spell in picture.spells:
        if spell.status in ("admitted", "discharged") and ordinary(spell):
            yield spell


def holders_admitted(picture: Picture) -> Iterator[tuple[Package, Spell]]:
    """Each care package with each ordinary admission that began while it was in force."""
    for package in packages_of(picture):
        for spell in admissions(picture):
            if state_at(package.history, spell.start)[1] in IN_FORCE:
                yield package, spell


def closed_at(package: Package) -> int | None:
    """When a package was over."""
    return None if package.open else package.since


def needs_help_since(spell: Spell) -> int | None:
    """Since when it is known that the person needs pathway 1 to 3; None = that is not the plan now."""
    pathway = spell.pathway_confirmed or spell.pathway_expected
    if pathway is None or pathway.code not in HELP:
        return None
    said = [step.at for step in spell.pathway_history if step.pathway and step.pathway.code in HELP]
    return min(said, default=spell.start)


def current_stay(picture: Picture) -> Spell | None:
    """The stay the transfer is about, of somebody in hospital or who has left; None once a death was stated:
    outreach stops (domain 01 §1.16).
    """
    wanted = picture.transfer.spell_id if picture.transfer else None
    found = next((spell for spell in picture.spells if spell.spell_id == wanted), None)
    if found is None or found.status not in ("admitted", "discharged") or found.death_stated_at is not None:
        return None
    return found


def lives_in_a_home(package: Package) -> bool:
    """Whether the council pays for a place in a care home: its provider is the home (domain 03 §3.6)."""
    said = (package.service_type or "").lower()
    return any(word in said for word in _IN_A_HOME)


class Overtaken(NamedTuple):
    """A promise of help at home that falls before the discharge as it is expected now."""

    spell: Spell
    since: int
    until: int | None


def overtaken(picture: Picture, promised_at: int, since: int) -> Overtaken | None:
    """Hold a promise, made at `since`, against the current stay; over when the person leaves."""
    spell = current_stay(picture)
    expected = spell.expected_discharge_at if spell else None
    if spell is None or expected is None or not spell.start <= promised_at < expected:
        return None
    return Overtaken(spell, max(since, expected_since(spell)), spell.discharged_at)


def expected_since(spell: Spell) -> int:
    """Since when the discharge is expected as it is now."""
    expected = spell.expected_discharge_at
    said = [step.at for step in spell.expected_history if step.expected_at == expected]
    return max(said, default=spell.start)


def unowned(words: Sequence[tuple[int, str]], since: int) -> Iterator[tuple[int, int | None]]:
    """Stretches from `since` on without an owner, of (time, owner) oldest first; "" takes the owner away."""
    begun = None if state_at(words, since)[1] else since
    for at, owner in words:
        if at > since and owner and begun is not None:
            yield begun, at
            begun = None
        elif at > since and not owner and begun is None:
            begun = at
    if begun is not None:
        yield begun, None
