"""First visit late (domain 06 §6.2, personal independence co-ordinators): somebody who is to be supported has
been home for two days, and nobody has visited.

Clear: the visit is made, or the offer closed; withdrawn where the person is back in hospital. Quiet: died, or
went elsewhere than home; a visit made before they left does not count as one at home.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import current_stay, earliest, hours_us

NAME = "first_visit_late"
HOURS = 48.0
HOME = frozenset({"home", "temporary"})
ENDS = frozenset({"visited", "closed"})


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each support of somebody who went home; of one asked for later, from then."""
    spell = current_stay(picture)
    if spell is None or spell.discharged_at is None or spell.discharge_group not in HOME:
        return
    for support in picture.transfer.supports if picture.transfer else ():
        if support.history and not (support.state == "closed" and support.since <= spell.discharged_at):
            since = max(spell.discharged_at, support.history[0][0])
            hours = hours_us(config, f"{NAME}.hours", since, HOURS)
            until = earliest(*(at for at, state in support.history if at > since and state in ENDS))
            yield Span(support.support_id, spell.spell_id, since, since + hours, until)


RULE = Rule(NAME, "First visit late", ("voluntary",), False, spans)
