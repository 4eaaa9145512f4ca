"""Outbreak (domain 02 §2.4): infection control closed as many beds of a site as the place decided on, or a
care home takes nobody.

Clear: fewer are closed, or the home takes people again, for some hours. Quiet: beds closed for other reasons;
a ward that did not report, where the others do not reach the number.
"""

from __future__ import annotations

from streams.core.alerts.places import PlaceRule
from streams.core.config import CoreConfig
from streams.core.pressure.as_at import outbreak
from streams.core.pressure.figures import Book

NAME = "outbreak"


def holds(book: Book, site: str, at: int, config: CoreConfig) -> bool | None:
    """Whether there is one at a moment; None where that is not known."""
    found = outbreak(book, site, at, config)
    return None if found is None or found.value is None else bool(found.value)


RULE = PlaceRule(NAME, "Outbreak", ("infection_control", "hub"), False, holds, calm_minutes=120)
