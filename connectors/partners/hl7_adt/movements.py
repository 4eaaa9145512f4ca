"""What the movement segment makes of a trigger: IHE PAM's ZBE (domain/03 §3.1 "Key fields", ZBE).

In: MSH-9.2, ZBE-4 (what is done to the movement) and ZBE-6 (the trigger it first came with). Out: the trigger
that says what happened. ZBE-1 names the movement, so a correction or a cancel finds it whatever the order.
"""

from __future__ import annotations

from typing import Final

INSERT, UPDATE, CANCEL = "INSERT", "UPDATE", "CANCEL"
CORRECTION: Final = "Z99"
"""IHE PAM's message that corrects a movement of the past; means nothing without its ZBE."""
CANCELLED_BY: Final = {
    "A01": "A11",
    "A02": "A12",
    "A03": "A13",
    "A04": "A11",
    "A05": "A38",
    "A14": "A27",
    "A15": "A26",
    "A16": "A25",
    "A21": "A52",
    "A22": "A53",
}


def meant(trigger: str, action: str, original: str) -> str:
    """The trigger a movement message amounts to; the one sent where the ZBE says nothing else.

    A Z99 is its original trigger said again (UPDATE) or taken back (CANCEL); an assertion with CANCEL is its
    own cancel, as some engines send it.
    """
    first = original or trigger
    if action == CANCEL and (trigger == CORRECTION or trigger in CANCELLED_BY):
        return CANCELLED_BY.get(first, trigger)
    return first if trigger == CORRECTION and action in (UPDATE, INSERT) else trigger
