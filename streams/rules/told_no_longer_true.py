"""Told and no longer true (domain 02 §2.4, domain 01 §1.14): somebody was told of a discharge that no longer
stands, and has not said that they know. An alert from the moment on at which it stands no more; after twenty
minutes it names whom to ring.

Clear: acknowledged, or told by phone. Quiet: whoever was never told.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture

NAME = "told_no_longer_true"
ESCALATE_MINUTES = 20.0
"""The fourth of four who were told is rung after this (demo.md F10)."""


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each notice that was told and taken back."""
    telling = picture.transfer.telling if picture.transfer else None
    if telling is None:
        return
    undone = {spell.spell_id: spell.undone_at for spell in picture.spells}
    for notice in telling.notices:
        if notice.retracts is None:
            continue
        since = undone.get(notice.about) or notice.sent_at
        if since is not None:
            yield Span(notice.retracts, "", since, since, notice.acked_at)


RULE = Rule(NAME, "Told and no longer true", ("whoever was told", "hub"), True, spans, ESCALATE_MINUTES)
