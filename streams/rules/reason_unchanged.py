"""Reason unchanged 48 h (domain 06 §6.2, bureau): somebody waits for a reason, or several, and for two days
nobody has changed, added or ended one.

Clear: a reason is added, changed or ended, or the person leaves. Quiet: no reason was given; one of several
was changed. A reason that is only said again by every list is the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import earliest, hours_us

NAME = "reason_unchanged"
HOURS = 48.0


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each stretch between two changes in which a reason runs."""
    for spell in picture.spells:
        given = [delay for delay in spell.delays if delay.reason is not None]
        changes = sorted({at for delay in given for at in (delay.since, delay.until) if at is not None})
        for since, following in zip(changes, [*changes[1:], None], strict=False):
            if any(one.since <= since and (one.until is None or one.until > since) for one in given):
                due_at = since + hours_us(config, f"{NAME}.hours", since, HOURS)
                until = earliest(following, spell.discharged_at)
                yield Span(spell.spell_id, str(since), since, due_at, until)


RULE = Rule(NAME, "Reason unchanged 48 h", ("hub",), False, spans)
