"""Places in a hospital, as sent (PV1-3): point of care, room, bed, facility."""

from __future__ import annotations

from typing import NamedTuple

from schemas.fact import Body


class Location(NamedTuple):
    """One place. Equal places are one stay."""

    poc: str | None = None
    room: str | None = None
    bed: str | None = None
    facility: str | None = None

    @property
    def text(self) -> str | None:
        """Components 1-3 joined by `^`, trailing empties trimmed (design.md §9 Lines).

        None when there are none.
        """
        return "^".join((self.poc or "", self.room or "", self.bed or "")).rstrip("^") or None


NOWHERE = Location()


def location_of(body: Body) -> Location | None:
    """Read the place a fact names; None when it names no ward, room or bed."""
    poc, room, bed = body.get("poc"), body.get("room"), body.get("bed")
    if not (poc or room or bed):
        return None
    return Location(poc or None, room or None, bed or None, body.get("facility") or None)


def prior_of(body: Body) -> Location | None:
    """Read the place a movement came from (PV1-6); None when not given."""
    poc, room, bed = body.get("prior_poc"), body.get("prior_room"), body.get("prior_bed")
    return Location(poc or None, room or None, bed or None) if poc or room or bed else None


def next_of(body: Body) -> Location | None:
    """Read the place a planned movement goes to (PV1-42); None when not given."""
    poc, room, bed = body.get("pending_poc"), body.get("pending_room"), body.get("pending_bed")
    return Location(poc or None, room or None, bed or None) if poc or room or bed else None
