"""Package holder admitted (domain 02 §2.4): somebody with a care package is an ordinary inpatient, and still
in after some hours. It says "in hospital, do not suspend on this alone".

Clear: the person leaves, or the package ends. Quiet: a day case, a regular day or night, the emergency
department only, an admission that was cancelled.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import closed_at, earliest, holders_admitted, hours_us

NAME = "package_holder_admitted"
HOURS = 2.0


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each package and admission."""
    for package, spell in holders_admitted(picture):
        hours = hours_us(config, f"{NAME}.hours", spell.start, HOURS)
        until = earliest(spell.discharged_at, closed_at(package))
        due_at = spell.start + hours
        yield Span(package.package_id, spell.spell_id, spell.start, due_at, until)


RULE = Rule(NAME, "Package holder admitted", ("council", "provider"), False, spans)
