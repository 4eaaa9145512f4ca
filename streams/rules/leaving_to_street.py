"""About to be discharged to the street (domain 06 §6.2, homeless health): somebody who may have no home is to
leave within a day, and no housing service has said yes.

Clear: a housing or homelessness task is accepted, or the person has left; withdrawn where the discharge moves
away. Quiet: a discharge further off, or of which no hour is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.core.spells.spell import Spell
from streams.core.transfer.clocks import REFERRALS
from streams.rules.about import TAKEN_ON, current_stay, earliest, expected_since, hours_us, tasks_of

NAME = "leaving_to_street"
HOURS_BEFORE = 24.0


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for the current stay, by the announced discharge, else by the expected one."""
    spell, duty = current_stay(picture), picture.transfer.duty if picture.transfer else None
    leaves_at, said_at = _leaves(spell) if spell else (None, 0)
    if spell is not None and duty is not None and leaves_at is not None:
        since = max(duty.since, said_at)
        due_at = max(since, leaves_at - hours_us(config, f"{NAME}.hours_before", since, HOURS_BEFORE))
        yield Span(spell.spell_id, "", since, due_at, _until(picture, spell))


def _leaves(spell: Spell) -> tuple[int | None, int]:
    """When the person is to leave, and when that was said."""
    for step in spell.pending:
        if step.kind == "discharge" and step.cancelled_at is None and step.expected_at is not None:
            return step.expected_at, step.requested_at
    return spell.expected_discharge_at, expected_since(spell)


def _until(picture: Picture, spell: Spell) -> int | None:
    housing = [task for task in tasks_of(picture, spell.spell_id) if task.code in REFERRALS and task.open]
    said_yes = [at for task in housing for at, state in task.history if state in TAKEN_ON]
    return earliest(spell.discharged_at, *said_yes)


RULE = Rule(NAME, "About to be discharged to the street", ("ward", "hub", "council"), True, spans)
