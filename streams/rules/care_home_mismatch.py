"""Care-home bed mismatch (domain 02 §2.4, domain 06 §6.2 red bag): the home somebody came from says it can
take them back, and the hospital plans a placement (pathway 3).

Clear: the person leaves; withdrawn where the home or the plan changes. Quiet: another pathway, a home that
cannot or has not said.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.core.spells.care_homes import PLACEMENT, mismatch
from streams.core.spells.spell import Spell

NAME = "care_home_mismatch"


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each stay at odds, since both are known; due at once."""
    for spell in picture.spells:
        stated = spell.care_home
        if stated is not None and mismatch(stated, spell.pathway_expected, spell.pathway_confirmed):
            since = max(stated.at, _placed_since(spell))
            if spell.discharged_at is None or spell.discharged_at > since:
                yield Span(spell.spell_id, str(stated.at), since, since, spell.discharged_at)


def _placed_since(spell: Spell) -> int:
    said = [s.at for s in spell.pathway_history if s.pathway is not None and s.pathway.code == PLACEMENT]
    return min(said, default=spell.start)


RULE = Rule(NAME, "Care-home bed mismatch", ("hub", "care home"), False, spans)
