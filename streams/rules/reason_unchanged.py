"""Reason unchanged 48 h (domain 06 §6.2, bureau): somebody waits for a reason, or several, and for two days
nobody has changed, added or ended one.

Clear: a reason is added, changed or ended, or the person leaves. Quiet: no reason was given; one of several
was changed. A reason that is only said again by every list, or gets another owner, is the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.core.spells.spell import Spell
from streams.rules.about import earliest, hours_us

NAME = "reason_unchanged"
HOURS = 48.0


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each stretch between two changes in which a reason runs."""
    for spell in picture.spells:
        changes = list(_changes(spell))
        for (since, reasons), (following, _) in zip(changes, [*changes[1:], (None, "")], strict=False):
            if reasons:
                due_at = since + hours_us(config, f"{NAME}.hours", since, HOURS)
                until = earliest(following, spell.discharged_at)
                yield Span(spell.spell_id, str(since), since, due_at, until)


def _changes(spell: Spell) -> Iterator[tuple[int, frozenset[str]]]:
    """(When, the reasons that run from then on); another owner of the same reason changes nothing."""
    given = [(one.since, one.until, one.reason.raw) for one in spell.delays if one.reason is not None]
    before: frozenset[str] = frozenset()
    for at in sorted({at for since, until, _ in given for at in (since, until) if at is not None}):
        running = frozenset(
            reason for since, until, reason in given if since <= at and (until is None or until > at)
        )
        if running != before:
            yield at, running
        before = running


RULE = Rule(NAME, "Reason unchanged 48 h", ("hub",), False, spans)
