"""What the care home a person came from says of taking them back, and whether the hospital's plan says
otherwise (domain 02 §2.4 care-home bed mismatch, domain 06 §6.2 red bag).

In: the standing hub facts of a spell, the pathways set. Out: the home's newest word, and whether it is at
odds with a placement (pathway 3: somebody who cannot go back to where they lived).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from schemas.fact import Fact
from streams.core.codes import Code
from streams.core.facts.select import in_time

KIND: Final = "CareHomeReturnStated"
PLACEMENT: Final = "P3"
MISMATCH: Final = "care_home_mismatch"


class Return(NamedTuple):
    """The newest word; `can_take_back` None = taken back, nobody knows."""

    home: str | None
    can_take_back: bool | None
    source: str
    at: int
    reason: str | None


def return_of(said: Sequence[Fact]) -> Return | None:
    """The newest word of any home or of whoever writes it down for it; None where nobody said one."""
    stated = [fact for fact in said if fact.kind == KIND]
    if not stated:
        return None
    fact = max(stated, key=in_time)
    body = fact.body
    return Return(
        body.get("home"), body.get("can_take_back"), fact.partner, fact.occurred_at, body.get("reason")
    )


def mismatch(stated: Return | None, expected: Code | None, confirmed: Code | None) -> bool:
    """The home can take the person back, and the pathway (confirmed, else expected) is a placement."""
    pathway = confirmed or expected
    return stated is not None and stated.can_take_back is True and (
        pathway is not None and pathway.code == PLACEMENT
    )
