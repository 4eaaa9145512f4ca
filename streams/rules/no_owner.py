"""No owner (domain 06 §6.2, bureau): somebody is ready, needs help at home or a bed, something was asked for
them, and for some hours nobody is named as the one whose move it is.

Clear: the list or the board names an owner, a task is accepted, the person is no longer ready, or has left.
Quiet: pathway 0; an owner named in time; a task somebody has said yes to; nothing was asked (that is *ready,
not referred*, and the ward's).
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import TAKEN_ON, asked_at, earliest, hours_us, needs_help_since, tasks_of, unowned

NAME = "no_owner"
HOURS = 4.0
"""Local; nothing national."""


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each stretch of a ready time without an owner."""
    for spell in picture.spells:
        needed = needs_help_since(spell)
        tasks = tasks_of(picture, spell.spell_id)
        asked = asked_at(tasks)
        if needed is None or asked is None:
            continue
        taken_on = [at for task in tasks for at, state in task.history if state in TAKEN_ON]
        for ready in spell.ready:
            for since, named in unowned(spell.owners, max(ready.since, needed, asked)):
                until = earliest(named, ready.until, spell.discharged_at, *taken_on)
                hours = hours_us(config, f"{NAME}.hours", since, HOURS)
                yield Span(spell.spell_id, str(since), since, since + hours, until)


RULE = Rule(NAME, "No owner", ("hub",), False, spans)
