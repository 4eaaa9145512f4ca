"""What is said of Edith's way out in the contract's example lines, beside the rest of her story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schemas.fact import Fact

HUB: Final = "hub-list"
THREE_O_CLOCK: Final = 1_799_766_000_000_000
"""2027-01-12T15:00:00Z."""


def way_out(fact: Callable[..., Fact], spell: str) -> list[Fact]:
    """The checklist and what else hubs and wards say, about one spell."""
    return [
        fact(
            "ChecklistItemFailed",
            "2027-01-12 10:30",
            HUB,
            spell,
            "transport_booked",
            item="transport_booked",
            planned_at=THREE_O_CLOCK,
            reason="no crew",
        ),
    ]
