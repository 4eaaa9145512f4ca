"""The JSON lines of a person (design.md §9 "Lines"): what every export, the view topic and the HTTP API say.

In: a `Picture` and what identity says of the key. Out: bytes, one line each, sorted by view and id. Never a clock, never an identifiable
value unless the caller hands in the restricted facts.
"""
from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["alive", "moving", "merged", "parked"]


class CandidateLink(msgspec.Struct, frozen=True):
    """A proposed match a human decides (design.md §5). `state`: open | same | not_same | unsure."""

    person_key: str
    reason: str
    score: float | None = None
    state: str = "open"


class IdentityView(msgspec.Struct, frozen=True):
    """What the identity side knows of one key when its lines are made."""

    person_key: str
    merged_into: str | None = None
    """The next hop of a retired key; None = alive."""
    restricted: bool = False
    flags: tuple[str, ...] = ()
    candidate_links: tuple[CandidateLink, ...] = ()
    status: Status = "alive"
