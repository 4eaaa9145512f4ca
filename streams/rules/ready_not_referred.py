"""Ready, not referred (domain 02 §2.4): no longer meets the criteria to reside for some hours, needs help at
home or a bed (pathway 1 to 3 expected), and nothing was asked of anybody.

Clear: a task is asked for, the person is no longer ready, or has left. Quiet: pathway 0, or none said.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import HOUR_US, CoreConfig
from streams.core.reduce import Picture
from streams.core.spells.spell import Spell
from streams.rules.about import earliest, tasks_of

NAME = "ready_not_referred"
HELP: frozenset[str | None] = frozenset({"P1", "P2", "P3"})
HOURS = 4.0
"""Local; nothing national."""


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each time the person became ready; it begins when both that and the pathway are known."""
    for spell in picture.spells:
        needed = _needs_help_since(spell)
        if needed is None:
            continue
        asked = [task.requested_at for task in tasks_of(picture, spell.spell_id)]
        for ready in spell.ready:
            since = max(ready.since, needed)
            until = earliest(ready.until, spell.discharged_at, *asked)
            if ready.until is None or ready.until > since:
                hours = config.threshold(f"{NAME}.hours", since, HOURS)
                yield Span(spell.spell_id, str(ready.since), since, since + int(hours * HOUR_US), until)


def _needs_help_since(spell: Spell) -> int | None:
    pathway = spell.pathway_confirmed or spell.pathway_expected
    if pathway is None or pathway.code not in HELP:
        return None
    said = [step.at for step in spell.pathway_history if step.pathway and step.pathway.code in HELP]
    return min(said, default=spell.start)


RULE = Rule(NAME, "Ready, not referred", ("ward", "hub"), False, spans)
