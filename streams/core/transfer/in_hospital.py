"""Care packages of people in hospital: whose holder is in a bed, when the council lets go, what a restart is
(domain 01 §1.1, domain 02 §2.4).

In: packages and spells of one person, the councils' own days. Out: the packages with that added. In hospital
is an ordinary admission only: never an attendance, a day case, or a regular day or night. Software suspends
and ends nothing: a state is the council's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from streams.core.config import DAY_US, CoreConfig
from streams.core.facts.select import state_at
from streams.core.spells.spell import Spell
from streams.core.transfer.packages import Holder, Package, Restart

ORDINARY: Final = "I"
"""PV1-2 of an ordinary admission."""
IN_FORCE: Final = frozenset({"approved", "started", "suspended"})
READMITTED_US: Final = 30 * DAY_US
"""An admission this soon after leaving is a readmission."""


def with_hospital(packages: Iterable[Package], spells: Sequence[Spell], config: CoreConfig) -> list[Package]:
    """Add to each package what the hospital's word means for it."""
    return [_with_hospital(package, spells, config) for package in packages]


def _with_hospital(package: Package, spells: Sequence[Spell], config: CoreConfig) -> Package:
    days = config.lapse_days.get(package.source)
    holder = _holder(package, spells)
    return msgspec.structs.replace(
        package, holder=holder, lapses_at=_lapses_at(package, holder, days), restart=_restart(package, days)
    )


def _holder(package: Package, spells: Sequence[Spell]) -> Holder | None:
    """The stay the holder is in now, if the package was in force when it began."""
    if not package.open:
        return None
    stays = [spell for spell in spells if spell.status == "admitted" and ordinary(spell)]
    for spell in sorted(stays, key=lambda spell: (spell.start, spell.spell_id)):
        if state_at(package.history, spell.start)[1] in IN_FORCE:
            return Holder(spell.spell_id, spell.start, readmitted(spell, spells))
    return None


def ordinary(spell: Spell) -> bool:
    """Whether it is an ordinary admission, as far as its class says."""
    return spell.patient_class is not None and spell.patient_class.code == ORDINARY


def readmitted(spell: Spell, spells: Iterable[Spell]) -> bool:
    """Whether it began soon after another ordinary admission ended."""
    left = [other.discharged_at for other in spells if other.spell_id != spell.spell_id and ordinary(other)]
    return any(at is not None and 0 <= spell.start - at <= READMITTED_US for at in left)


def _lapses_at(package: Package, holder: Holder | None, days: int | None) -> int | None:
    """When the council's own days are over, counted from the admission, else from the suspension."""
    if days is None or package.state not in ("started", "suspended"):
        return None
    since = holder.admitted_at if holder else package.since if package.state == "suspended" else None
    return None if since is None else since + days * DAY_US


def _restart(package: Package, days: int | None) -> Restart | None:
    """What began again: at the same level it is pathway 0, unless it had lapsed by word or by the days."""
    if package.state != "started" or len(package.history) < 2:
        return None
    before_at, before = package.history[-2]
    if before not in ("suspended", "lapsed"):
        return None
    at = package.history[-1][0]
    lapsed = before == "lapsed" or (days is not None and at - before_at > days * DAY_US)
    return Restart(at, lapsed, "P1" if lapsed else "P0")
