"""Leaving, not ready (domain 06 §6.2, ward; domain 01 §1.13): a discharge is announced for an hour to come,
and medicines or transport are not done.

Clear: both are done or not needed, the discharge is taken back, or the person has left. Quiet: an
announcement without an hour; a ward that keeps no checklist, of which nothing is known to be missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.core.spells.checklist import Item
from streams.core.spells.spell import Spell
from streams.rules.about import earliest, hours_us

NAME = "leaving_not_ready"
HOURS_BEFORE = 4.0
NEEDED = ("medicines", "transport_booked")
FINISHED = frozenset({"done", "not_needed"})


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each announced discharge of somebody whose checklist is kept."""
    for spell in picture.spells:
        for step in spell.pending if spell.checklist else ():
            if step.kind == "discharge" and step.expected_at is not None:
                before = hours_us(config, f"{NAME}.hours_before", step.requested_at, HOURS_BEFORE)
                due_at = max(step.requested_at, step.expected_at - before)
                until = earliest(_all_done_at(spell, config), step.done_at, step.cancelled_at)
                yield Span(spell.spell_id, str(step.requested_at), step.requested_at, due_at, until)


def _all_done_at(spell: Spell, config: CoreConfig) -> int | None:
    items = {item.item: item for item in spell.checklist}
    at = [_done_at(items.get(name)) for name in NEEDED if name in items or name in config.checklist]
    return None if None in at else max((moment for moment in at if moment is not None), default=None)


def _done_at(item: Item | None) -> int | None:
    return item.at if item is not None and item.state in FINISHED else None


RULE = Rule(NAME, "Leaving, not ready", ("ward",), False, spans)
