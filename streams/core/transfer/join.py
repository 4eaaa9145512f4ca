"""The join: one transfer of care per person, across hospital, hub, council and charity (design.md §9
`view:"transfer"`).

In: the person's spells, tasks, packages, supports and notices. Out: a `Transfer`, or None when there is
nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from schemas.fact import Fact
from streams.core.config import DAY_US, CoreConfig
from streams.core.spells.spell import Spell
from streams.core.transfer.clocks import Duty, Priority, duty_to_refer, priority_of
from streams.core.transfer.packages import Package
from streams.core.transfer.steps import Around, NextStep, Wait, next_step_of, open_things, waiting_of
from streams.core.transfer.support import Support
from streams.core.transfer.tasks import Task
from streams.core.transfer.told import Telling
from streams.core.transfer.why import Stretch, why_of
from streams.core.transfer.wishes import Wishes, wishes_of

KEPT_US = 30 * DAY_US
"""How long a closed transfer is still shown (design.md §9)."""
NO_CONFIG = CoreConfig()
_CURRENT = {"admitted": 0, "registered": 1, "planned": 2, "discharged": 3}


class Transfer(msgspec.Struct, frozen=True):
    """What everyone knows about one person leaving hospital."""

    spell_id: str | None = None
    packages: tuple[Package, ...] = ()
    tasks: tuple[Task, ...] = ()
    supports: tuple[Support, ...] = ()
    telling: Telling = Telling()
    next_step: NextStep = NextStep()
    waiting: tuple[Wait, ...] = ()
    wishes: Wishes = Wishes()
    why: tuple[Stretch, ...] = ()
    priority: Priority | None = None
    duty: Duty | None = None
    closed_at: int | None = None
    """When the last thing closed; None while anything is open."""

    def shown(self, now: int | None) -> bool:
        """Open, or closed within 30 days of `now` (None: not asked)."""
        return now is None or self.closed_at is None or now - self.closed_at <= KEPT_US


class Things(NamedTuple):
    """What the join is made of."""

    spells: Sequence[Spell]
    tasks: Sequence[Task]
    packages: Sequence[Package]
    supports: Sequence[Support]
    telling: Telling


def current_spell(spells: Iterable[Spell]) -> Spell | None:
    """The spell the transfer is about: in hospital first, then expected, then the newest that ended."""
    return min(
        spells, key=lambda spell: (_CURRENT.get(spell.status, 4), -spell.start, spell.spell_id), default=None
    )


def transfer_of(
    things: Things,
    hub: Sequence[Fact],
    personal: Sequence[Fact] = (),
    homeless_since: int | None = None,
    config: CoreConfig = NO_CONFIG,
) -> Transfer | None:
    """Join a person's things; `hub` are the standing hub facts of the current spell, `personal` what was said
    of the person on any.
    """
    if not any(things[:4]) and not things.telling.notices:
        return None
    spell = current_spell(things.spells)
    waiting: tuple[Wait, ...] = ()
    step = NextStep()
    if spell is not None and spell.status in ("admitted", "discharged"):
        around = Around(spell, things.tasks, things.packages, things.supports, hub)
        waiting = waiting_of(around) if spell.ready else ()
        step = next_step_of(around, waiting)
    return Transfer(
        spell.spell_id if spell else None,
        tuple(things.packages),
        tuple(things.tasks),
        tuple(things.supports),
        things.telling,
        step,
        waiting,
        wishes_of(personal, hub),
        why_of(waiting, spell.delays) if spell else (),
        priority_of(things.tasks, config),
        duty_to_refer(spell, things.tasks, homeless_since),
        _closed_at(things),
    )


def _closed_at(things: Things) -> int | None:
    """None while anything is open, or anyone still has to be told otherwise."""
    if things.telling.must_retract or any(spell.open for spell in things.spells):
        return None
    if open_things(things.tasks, things.packages, things.supports):
        return None
    ends = [spell.discharged_at or spell.start for spell in things.spells]
    ends += [thing.since for group in (things.tasks, things.packages, things.supports) for thing in group]
    return max(ends, default=0)
