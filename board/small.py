"""Small numbers, for whoever is not to know how few somebody is one of (domain 05 IG-09).

In: counts of people. Out: texts. A count below five is not given, and where a total stands beside its parts
one hidden part is never alone: the next smallest is hidden with it. A public number is rounded to five.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SMALL: Final = 5
FEW: Final = f"< {SMALL}"
HIDDEN: Final = "not shown"
"""Of a number that would give a small one away."""


def few(count: float | None) -> bool:
    """Whether a count of people may not be given; nobody at all may."""
    return count is not None and 0 < count < SMALL


def kept_back(parts: Mapping[str, float | None]) -> frozenset[str]:
    """Which parts of a total are not given: the small ones, and one more where that one would be alone."""
    small = {name for name, count in parts.items() if few(count)}
    rest = [(count, name) for name, count in parts.items() if name not in small and count]
    if len(small) == 1 and rest:
        small.add(min(rest)[1])
    return frozenset(small)


def public(count: float | None) -> str:
    """A count for everybody: fewer than five, or about so many, to the nearest five."""
    if count is None:
        return "unknown"
    return f"fewer than {SMALL}" if few(count) else str(SMALL * round(count / SMALL))
