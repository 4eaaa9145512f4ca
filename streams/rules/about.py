"""What several rules ask of a picture. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.facts.select import state_at
from streams.core.reduce import Picture
from streams.core.spells.spell import Spell
from streams.core.transfer.in_hospital import IN_FORCE, ordinary
from streams.core.transfer.packages import Package
from streams.core.transfer.tasks import Task


def earliest(*moments: int | None) -> int | None:
    """The first of the moments that are known; None = none is."""
    return min((moment for moment in moments if moment is not None), default=None)


def tasks_of(picture: Picture, spell_id: str) -> list[Task]:
    """The tasks for a spell: those that name it, and where it is the current one those that name none."""
    transfer = picture.transfer
    if transfer is None:
        return []
    current = transfer.spell_id == spell_id
    return [task for task in transfer.tasks if task.spell_id == spell_id or (current and not task.spell_id)]


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
