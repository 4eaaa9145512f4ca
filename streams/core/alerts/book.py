"""What a person's state keeps of alerts: where the sweep stands, and what was published of each.

Part of the head (`state_codec.py`), so that a restart goes on where the last flush was: an alert that was
promised stays promised, and a deadline needs no journal to be noticed.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from schemas.fact import Fact
from streams.core.alerts.sweep import Alert, Swept

AT_ONCE = 1
"""A time that is always past: to be judged as soon as anything may be."""


class Where(NamedTuple):
    """The spell an alert belongs to, and where the person lies."""

    spell_id: str | None = None
    site: str | None = None
    ward: str | None = None


NOWHERE = Where()


class Said(msgspec.Struct, array_like=True):
    """What was published of an alert. `mark` digests the view, 0 = a tombstone; `steps`, each transition."""

    alert: Alert
    mark: int = 0
    steps: list[int] = []
    active: bool = True


class Book(msgspec.Struct, array_like=True):
    """One person's alerts."""

    swept: Swept = msgspec.field(default_factory=Swept)
    where: dict[str, Where] = {}
    said: dict[str, Said] = {}
    """Everything ever published: what is no more is owed as a tombstone (design.md §6)."""
    counted: list[int] = []
    """Numbers of the streams that were swept."""
    stale: bool = False
    """Whether a fact that was swept was replaced, or one came that belongs before the last moment swept."""
    due: int = 0
    """When to judge again; 0 = nothing falls due unless somebody says something."""
    at: int = 0
    """When it was last judged."""

    def heard(self, stream: int, fact: Fact, replaced: bool) -> None:
        """Note a fact that was kept."""
        if stream in self.counted and (replaced or fact.received_at <= self.swept.to):
            self.stale = True
