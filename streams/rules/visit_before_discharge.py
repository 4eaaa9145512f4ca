"""Visit planned, discharge moved (domain 06 §6.2, Bromley Well): a volunteer is to visit, and by then the
person will not be home: the discharge is expected later.

Clear: the person leaves, the visit is made, or the offer closed; withdrawn where either moves. Quiet: a visit
after the expected discharge; one that is more than a day off; a death was stated.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import earliest, hours_us, overtaken

NAME = "visit_before_discharge"
HOURS_BEFORE = 24.0
AHEAD = frozenset({"requested", "accepted"})


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each planned visit and stay."""
    for support in picture.transfer.supports if picture.transfer else ():
        ahead = [at for at, state in support.history if state in AHEAD]
        if support.planned_at is None or not ahead:
            continue
        late = overtaken(picture, support.planned_at, ahead[0])
        if late is not None:
            before = hours_us(config, f"{NAME}.hours_before", late.since, HOURS_BEFORE)
            over = [at for at, state in support.history if state not in AHEAD]
            due_at = max(late.since, support.planned_at - before)
            until = earliest(late.until, *over)
            yield Span(support.support_id, late.spell.spell_id, late.since, due_at, until)


RULE = Rule(NAME, "Visit planned, discharge moved", ("voluntary",), False, spans)
