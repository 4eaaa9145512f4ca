"""Short of beds (domain 02 §2.4): confirmed and possible discharges are fewer than the people with a decision
to admit, at any of the hours to come.

Clear: they suffice at every hour that is known. Quiet: as many as are needed; an hour of which one of the
figures is missing.
"""

from __future__ import annotations

from streams.core.alerts.places import PlaceRule
from streams.core.config import CoreConfig
from streams.core.pressure.as_at import balances
from streams.core.pressure.figures import Book

NAME = "short_of_beds"


def holds(book: Book, site: str, at: int, _config: CoreConfig) -> bool | None:
    """Whether any hour to come is short; None where none is known to be, and one is not known."""
    hours = [one.value for one in balances(book, site, at)]
    if any(value is not None and value < 0 for value in hours):
        return True
    return None if not hours or None in hours else False


RULE = PlaceRule(NAME, "Short of beds", ("site", "control_centre"), False, holds)
