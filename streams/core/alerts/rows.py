"""One alert as it stands: its condition, what was said of it, and the terms of the desk that answers.

In: an alert of a sweep, its rule, the words about it, a moment. Out: a row, and every step on the way there.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from streams.core.alerts.book import Where
from streams.core.alerts.desks import ALWAYS, Contact, DeskTerms
from streams.core.alerts.life import Life, Step, Word, lived
from streams.core.alerts.sweep import Alert, Rule
from streams.core.config import MINUTE_US, CoreConfig


class Row(NamedTuple):
    """One alert as it stands."""

    alert: Alert
    rule: Rule
    life: Life
    where: Where
    contact: Contact | None


def row_of(
    alert: Alert, rule: Rule, said: Sequence[Word], where: Where, terms: DeskTerms, now: int
) -> tuple[Row, list[Step]]:
    """How an alert stands at a moment, by what was said of it, and every step on the way there."""
    life, steps = lived(alert.history, said, terms, now)
    contact = terms.ring(life.escalated_at) if life.escalated_at is not None else None
    return Row(alert, rule, life, where, contact), steps


def terms_of(rule: Rule, config: CoreConfig, due_at: int) -> DeskTerms:
    """The terms of the first desk of a rule that states how long it may take, else of the first; a rule that
    has a time of its own is rung about by the clock, closed desk or not.
    """
    desks = [config.desks.get(desk, ALWAYS) for desk in rule.who]
    terms = next((one for one in desks if one.escalate_us is not None), desks[0] if desks else ALWAYS)
    if rule.escalate_minutes is None:
        return terms
    minutes = config.threshold(f"{rule.name}.escalate_minutes", due_at, rule.escalate_minutes)
    return structs.replace(terms, hours=None, escalate_us=int(minutes * MINUTE_US))
