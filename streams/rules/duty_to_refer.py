"""Duty to refer not sent (domain 06 §6.2, homeless health): it is known that somebody in hospital may have no
home to go to, and after some hours the council's housing service was not asked.

Clear: a housing or homelessness task is asked for, or the person has left. Quiet: referred in time. A
referral needs the person's agreement: the alert says due, software refers nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import current_stay, earliest, hours_us

NAME = "duty_to_refer"
HOURS = 24.0
"""Local; the duty itself names no hours."""


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for the current stay."""
    spell, duty = current_stay(picture), picture.transfer.duty if picture.transfer else None
    if spell is not None and duty is not None:
        due_at = duty.since + hours_us(config, f"{NAME}.hours", duty.since, HOURS)
        until = earliest(duty.sent_at, spell.discharged_at)
        yield Span(spell.spell_id, "", duty.since, due_at, until)


RULE = Rule(NAME, "Duty to refer not sent", ("ward", "hub"), False, spans)
