"""OPEL worsening (domain 02 §2.4): the indicative level of a site has reached the level the place decided on,
and stays there.

Clear: it has been lower for an hour, all parameters known. Quiet: a level that was reached and left within a
quarter of an hour; a level that is only *at least* something lower.
"""

from __future__ import annotations

from streams.core.alerts.places import PlaceRule
from streams.core.config import CoreConfig
from streams.core.pressure.figures import Book
from streams.core.pressure.opel import LEVEL, opel

NAME = "opel_worsening"
LEAST = 3.0
"""Local; the scheme itself is indicative."""


def holds(book: Book, site: str, at: int, config: CoreConfig) -> bool | None:
    """Whether the level is reached at a moment; None where it is not, and might be if all were known."""
    level = next((one for one in opel(book, site, at, config.figures) if one.measure == LEVEL), None)
    if level is None or level.value is None:
        return None
    if level.value >= config.threshold(f"{NAME}.level", at, LEAST):
        return True
    return False if level.complete else None


RULE = PlaceRule(
    NAME, "OPEL worsening", ("control_centre", "communications"), False, holds, minutes=15, calm_minutes=60
)
