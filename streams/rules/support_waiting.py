"""Referral waiting (domain 06 §6.2, Bromley Well): a charity was asked for support, and after some hours of
its desk has said neither yes nor no.

Clear: accepted, visited or closed. Quiet: an offer the charity itself began as accepted; hours in which its
desk is closed do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.desk_hours import after_hours
from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import hours_us

NAME = "support_waiting"
DESK = "voluntary"
HOURS = 24.0


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each support that began by being asked for."""
    for support in picture.transfer.supports if picture.transfer else ():
        if support.history and support.history[0][1] == "requested":
            since = support.history[0][0]
            hours = hours_us(config, f"{NAME}.hours", since, HOURS)
            answered = next((at for at, state in support.history if state != "requested"), None)
            due_at = after_hours(since, hours, config.desk_hours.get(DESK))
            yield Span(support.support_id, "", since, due_at, answered)


RULE = Rule(NAME, "Referral waiting", (DESK,), False, spans)
