"""What the people on the board add up to, of a site or of the whole place: what is expected today, whose
minutes people waited, how soon care began. Numbers; nobody is named. Pure.

In: people as the operator sees them, a time. Out: counts. Days and hours are those of the clock in England.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from board import wording
from board.people import Shown
from board.rows import row_of

PATHWAYS: Final = ("P0", "P1", "P2", "P3", "unknown")
LEFT_DAYS: Final = 7
STARTED_DAYS: Final = 28
DAY_MINUTES: Final = 1440
OPEN_HOURS: Final = (8, 18)
"""Starts before or after are out of hours."""


class Waited(NamedTuple):
    """What one owner's stretches of ready time add up to."""

    owner: str
    people: int
    hours: float


class Starts(NamedTuple):
    """Care that began in the last 28 days."""

    all: int
    weekend: int
    out_of_hours: int


class Flow(NamedTuple):
    """Of a site, or of all."""

    ready_by_ward: Mapping[str, int]
    inside_by_ward: Mapping[str, int]
    expected: Mapping[str, int]
    """Pathway -> people expected to leave today who have not."""
    left: Mapping[str, int]
    waited: Sequence[Waited]
    starts: Starts
    frozen: int


def flow_of(people: Iterable[Shown], now: int, site: str = "") -> Flow:
    """Count them."""
    chosen = [one for one in people if not site or _facility(one.spell) == site]
    rows = [row_of(one, lambda _: False) for one in chosen]
    wards = Counter(row.ward or "unknown" for row in rows if row.state == "ready")
    inside = Counter(row.ward or "unknown" for row in rows if row.state in ("ready", "in hospital", "frozen"))
    return Flow(
        wards, inside, Counter(_pathway(one.spell) for one in chosen if _expected_today(one.spell, now)),
        Counter(_pathway(one.spell) for one in chosen if _left_today(one.spell, now)),
        _waited(chosen, now), _starts(chosen, now), sum(row.state == "frozen" for row in rows),
    )  # fmt: skip


def _facility(spell: Mapping[str, Any]) -> str:
    return str((spell.get("location") or {}).get("facility") or "")


def _pathway(spell: Mapping[str, Any]) -> str:
    said = spell.get("pathway") or {}
    code = wording.coded(said.get("confirmed") or said.get("expected"))
    return code if code in PATHWAYS else "unknown"


def _today(text: str | None, now: int) -> bool:
    at = wording.moment(text)
    return at is not None and at.date() == wording.london(now).date()


def _expected_today(spell: Mapping[str, Any], now: int) -> bool:
    return spell.get("status") == "admitted" and _today(spell.get("expected_discharge_at"), now)


def _left_today(spell: Mapping[str, Any], now: int) -> bool:
    dead = (spell.get("death") or {}).get("stated_at")
    return spell.get("status") == "discharged" and not dead and _today(spell.get("discharged_at"), now)


def _waited(people: Iterable[Shown], now: int) -> list[Waited]:
    """Of who is ready now or left in the last days, each minute laid to one owner (`why[]`)."""
    hours: Counter[str] = Counter()
    who: dict[str, set[str]] = {}
    for one in people:
        left = wording.minutes_since(one.spell.get("discharged_at"), now)
        if left is not None and left > LEFT_DAYS * DAY_MINUTES:
            continue
        for row in one.transfer.get("why") or ():
            minutes = row.get("minutes")
            if minutes is None and row.get("to") is None:
                minutes = wording.minutes_since(row.get("from"), now)
            owner = row.get("owner") or ""
            hours[owner] += minutes or 0
            who.setdefault(owner, set()).add(one.key)
    return [Waited(owner, len(who[owner]), total / 60) for owner, total in hours.most_common()]


def _starts(people: Iterable[Shown], now: int) -> Starts:
    """Of promised first calls, those that were made: when care began."""
    begun: list[datetime] = []
    for one in people:
        for package in one.transfer.get("packages") or ():
            at = wording.moment(package.get("first_call_done_at"))
            age = wording.minutes_since(package.get("first_call_done_at"), now)
            if at is not None and age is not None and 0 <= age <= STARTED_DAYS * DAY_MINUTES:
                begun.append(at)
    weekend = sum(at.weekday() >= 5 for at in begun)
    late = sum(not OPEN_HOURS[0] <= at.hour < OPEN_HOURS[1] for at in begun if at.weekday() < 5)
    return Starts(len(begun), weekend, late)
