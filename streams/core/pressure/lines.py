"""The lines of `view:"measure"` (design.md §9).

In: measures. Out: JSON lines, by measure, subject and hour. A line is a function of the figures and the place
alone; its own as_at says how old it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from streams.core.moments import utc_text
from streams.core.pressure.measures import Measure
from streams.core.views.lines import encode


def measure_lines(measures: Iterable[Measure]) -> Iterator[bytes]:
    """Write measures as lines, in their order."""
    return map(measure_line, measures)


def measure_line(one: Measure) -> bytes:
    """Write one measure as a line."""
    return encode(measure_row(one))


def measure_row(one: Measure) -> dict[str, Any]:
    """Write a measure as a row, times as text."""
    return {
        "view": "measure",
        "measure": one.measure,
        "subject": one.subject,
        "as_at": utc_text(one.as_at),
        "known_at": utc_text(one.known_at),
        "value": _number(one.value),
        "numerator": _number(one.numerator),
        "denominator": _number(one.denominator),
        "complete": one.complete,
        "until": utc_text(one.until),
        "sources": list(one.sources),
        "scheme": one.scheme,
        "verified": one.verified,
        "crossed": [{"what": c.what, "from": c.before, "to": c.after} for c in one.crossed],
    }


def _number(value: float | None) -> float | int | None:
    """A count as a whole number, a share to a hundredth."""
    if value is None:
        return None
    rounded = round(float(value), 2)
    return int(rounded) if rounded == int(rounded) else rounded
