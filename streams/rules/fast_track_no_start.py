"""Fast track 48 h (domain 02 §2.4, domain 01 §1.11): a fast track was accepted, and care has not begun within
the hours the place states.

Clear: the task is started or completed, or no longer a task. Quiet: not accepted yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture

NAME = "fast_track_no_start"


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for the fast track that goes first."""
    first = picture.transfer.priority if picture.transfer else None
    if first is not None and first.accepted_at is not None and first.start_due_at is not None:
        yield Span(first.task_id, "", first.accepted_at, first.start_due_at, first.started_at)


RULE = Rule(NAME, "Fast track 48 h", ("icb", "hospice"), True, spans)
