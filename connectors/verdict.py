"""What the intake decided about one message: the word between hop 4 and the transport that must answer the
partner.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """How a message ended, as far as the sender is concerned. Names are the fields of
    `runtime.place.AckPolicy` where one fits.
    """

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    OUT_OF_SCOPE = "out_of_scope"
    REFUSED = "refused"
    WRONG_PROCESSING_ID = "wrong_processing_id"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"


POSITIVE = frozenset({Answer.ACCEPTED, Answer.DUPLICATE, Answer.OUT_OF_SCOPE})
"""Nothing is wrong with the message."""
NEVER_POSITIVE = frozenset({Answer.TOO_LARGE, Answer.UNAVAILABLE})
"""We hold nothing of the message: whatever a policy says, the sender must not hear yes (design.md §7,
lessons.md §4.1).
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a `schemas.reasons.Reason`, `where` a place in the message; neither ever holds a
    value of it.
    """

    answer: Answer
    reason: str = ""
    where: str = ""
    cause: str = ""
    """Of a duplicate or a no-change: `same id`, `requeued`, `empty diff`, `out of scope` …"""
    partly: bool = False
    """Of a refused file: some of its rows were taken."""
