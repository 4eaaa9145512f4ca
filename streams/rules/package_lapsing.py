"""Package lapsing (domain 02 §2.4): the holder of a care package is in hospital, and tomorrow the council's
own days are over and it lets the package go.

Clear: the person leaves, or the council ends, lapses or restarts the package. Quiet: a day case, or a council
that has stated no days.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import DAY_US, CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import earliest, holders_admitted, hours_us

NAME = "package_lapsing"
HOURS_BEFORE = 24.0
GONE = frozenset({"lapsed", "ended", "entered_in_error"})


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each admission of somebody whose package was in force when it began."""
    for package, spell in holders_admitted(picture):
        days = config.lapse_days.get(package.source)
        if days is not None:
            gone = [at for at, state in package.history if at > spell.start and state in GONE]
            before = hours_us(config, f"{NAME}.hours_before", spell.start, HOURS_BEFORE)
            due_at = max(spell.start, spell.start + days * DAY_US - before)
            until = earliest(spell.discharged_at, *gone)
            yield Span(package.package_id, spell.spell_id, spell.start, due_at, until)


RULE = Rule(NAME, "Package lapsing", ("council", "hub"), False, spans)
