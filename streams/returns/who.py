"""Who of the people seen on a day belongs to a cell: predicates, and what each person counts under."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from streams.returns.cells import Who
from streams.returns.seen import Seen

PATHWAYS: Final = ("P0", "P1", "P2", "P3")
UNKNOWN, OTHER_LIST, NONE_GIVEN = "unknown", "other_list", "none_given"


def ready(seen: Seen) -> bool:
    """No longer meets the criteria to reside, at the end of their day."""
    return seen.ready is not None


def left(seen: Seen) -> bool:
    """Left hospital that day."""
    return seen.left_at is not None


def stays(seen: Seen) -> bool:
    """Is still in hospital."""
    return seen.left_at is None


def waits(seen: Seen) -> bool:
    """Remains in hospital and no longer meets the criteria."""
    return seen.ready is not None and seen.left_at is None


def meets(seen: Seen) -> bool:
    """Was assessed, and meets them."""
    return seen.assessed and seen.ready is None


def assessed(seen: Seen) -> bool:
    """Whether anybody assessed them."""
    return seen.assessed


def unassessed(seen: Seen) -> bool:
    """Nobody did: unknown."""
    return not seen.assessed


def met_again(seen: Seen) -> bool:
    """Did not meet them earlier that day."""
    return seen.was_ready


def dated(seen: Seen) -> bool:
    """Whether somebody said since when they are in."""
    return seen.days is not None


def undated(seen: Seen) -> bool:
    """Nobody did: the length of stay is unknown."""
    return seen.days is None


def at_least(days: int) -> Who:
    """In hospital for so many days or over."""
    return lambda seen: seen.days is not None and seen.days >= days


def before(moment: int) -> Who:
    """Left before a moment."""
    return lambda seen: seen.left_at is not None and seen.left_at < moment


def since(moment: int) -> Who:
    """Left at a moment or later."""
    return lambda seen: seen.left_at is not None and seen.left_at >= moment


def disagrees(seen: Seen) -> bool:
    """The tasks imply another reason than the human's."""
    return seen.disagrees


def both(*those: Who) -> Who:
    """All of them hold."""
    return lambda seen: all(one(seen) for one in those)


def under(of: Callable[[Seen], str | None], value: str | None) -> Who:
    """What they count under is this."""
    return lambda seen: of(seen) == value


def excluded_by(seen: Seen) -> str | None:
    """The exclusion that holds."""
    return seen.excluded


def way(seen: Seen) -> str:
    """The confirmed pathway: what is only expected is not known."""
    return seen.pathway if seen.pathway in PATHWAYS else UNKNOWN


def where(held: str, seen: Seen) -> str:
    """The destination of the list in force."""
    return (seen.destination[1] or UNKNOWN) if seen.destination[0] == held else UNKNOWN


def why(held: str, seen: Seen) -> str:
    """The reason that counts, as a human gave it; one of another list is not translated."""
    if not seen.reasons:
        return NONE_GIVEN
    of = seen.reasons[0].term
    return (of.code or OTHER_LIST) if of.list == held else OTHER_LIST
