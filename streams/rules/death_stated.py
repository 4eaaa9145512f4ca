"""Death stated (domain 02 §2.4, domain 01 §1.16): a message carried a date of death; nobody has confirmed it.
Notices and contact are held until the hub has looked; software cancels no care.

Clear: confirmed, or the date is taken back. Quiet: a death that was confirmed at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture

NAME = "death_stated"


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each spell that carries the date; due at once."""
    for spell in picture.spells:
        at = spell.death_stated_at
        if at is not None and (spell.death_confirmed_at is None or spell.death_confirmed_at > at):
            yield Span(spell.spell_id, "", at, at, spell.death_confirmed_at)


RULE = Rule(NAME, "Death stated", ("hub",), True, spans)
