"""Start overtaken by readmission (domain 02 §2.4): somebody came back as an ordinary inpatient within an open
package of care: the provider stands before a closed door.

Clear: the person leaves, or the package ends. Quiet: an admission that is no readmission, or a day case.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.core.transfer.in_hospital import readmitted
from streams.rules.about import closed_at, earliest, holders_admitted

NAME = "start_overtaken"


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each package and readmission; due at once."""
    for package, spell in holders_admitted(picture):
        if readmitted(spell, picture.spells):
            until = earliest(spell.discharged_at, closed_at(package))
            yield Span(package.package_id, spell.spell_id, spell.start, spell.start, until)


RULE = Rule(NAME, "Start overtaken by readmission", ("provider", "council"), False, spans)
