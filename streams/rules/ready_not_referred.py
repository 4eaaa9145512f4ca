"""Ready, not referred (domain 02 §2.4): no longer meets the criteria to reside for some hours, needs help at
home or a bed (pathway 1 to 3 expected), and nothing was asked of anybody.

Clear: a task is asked for, the person is no longer ready, or has left. Quiet: pathway 0, or none said.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import asked_at, earliest, hours_us, needs_help_since, tasks_of

NAME = "ready_not_referred"
HOURS = 4.0
"""Local; nothing national."""


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each time the person became ready; it begins when both that and the pathway are known."""
    for spell in picture.spells:
        needed = needs_help_since(spell)
        if needed is None:
            continue
        asked = asked_at(tasks_of(picture, spell.spell_id))
        for ready in spell.ready:
            since = max(ready.since, needed)
            until = earliest(ready.until, spell.discharged_at, asked)
            if ready.until is None or ready.until > since:
                hours = hours_us(config, f"{NAME}.hours", since, HOURS)
                yield Span(spell.spell_id, str(ready.since), since, since + hours, until)


RULE = Rule(NAME, "Ready, not referred", ("ward", "hub"), False, spans)
