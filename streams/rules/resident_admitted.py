"""Resident admitted (domain 06 §6.2, GP care for care-home residents): somebody for whom the council pays a
place in a care home is an ordinary inpatient. By where they live, not by whose list they are on.

Clear: the person leaves, or the place ends. Quiet: help at home; a day case or the emergency department only.
Residents who pay for themselves are not known here.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import closed_at, earliest, holders_admitted, lives_in_a_home

NAME = "resident_admitted"


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each place and admission; due at once."""
    for package, spell in holders_admitted(picture):
        if lives_in_a_home(package):
            until = earliest(spell.discharged_at, closed_at(package))
            yield Span(package.package_id, spell.spell_id, spell.start, spell.start, until)


RULE = Rule(NAME, "Resident admitted", ("care home", "practice"), False, spans)
