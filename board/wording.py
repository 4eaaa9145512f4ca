"""Codes in the words of those who read the board, and times as a clock on the wall shows them (CS-07: local
time shown, UTC kept).

In: codes of docs/interface.md, UTC texts. Out: English. What is not known is said to be unknown, never 0.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
UNKNOWN: Final = "unknown"
STEPS: Final = {
    "review_readiness": "Review at the board round", "refer_to_hub": "Refer to the hub",
    "confirm_pathway": "Confirm the pathway", "arrange": "Arrange the way home",
    "arrange_package": "Arrange the care package", "approve_package": "Approve the care package",
    "restart_package": "Restart the care package", "leave": "Ready: leave the ward",
    "ring_family": "Speak with the family", "assess_needs": "Assess the needs",
    "assess_therapy": "Therapy assessment", "chase_medicines": "Medicines to take home",
    "book_transport": "Book transport", "order_equipment": "Order equipment",
    "find_placement": "Find a placement", "ask_home": "Ask the care home",
    "choice_meeting": "Meeting about choice", "best_interests_meeting": "Best-interests meeting",
    "duty_to_refer": "Refer to housing", "hand_over": "Handover, clinician to clinician",
    "first_call": "First call at home", "visit": "Visit at home",
}  # fmt: skip
OWNERS: Final = {
    "hospital": "Hospital", "ward": "Ward", "hub": "Hub", "council": "Council", "community": "Community",
    "voluntary": "Voluntary", "provider": "Provider", "family": "Family", "icb": "ICB",
    "mental_health": "Mental health",
}  # fmt: skip
ROLES: Final = {
    "viewer": "Viewer", "ward": "Ward", "hub": "Hub", "council": "Council", "provider": "Provider",
    "hospice": "Hospice", "voluntary": "Voluntary sector",
    "control_centre": "Control centre", "integrator": "Integration",
    "auditor": "Audit",
}  # fmt: skip
ITEMS: Final = {
    "medicines": "Medicines", "transport_booked": "Transport booked",
    "transport_arrived": "Transport arrived",
    "letter": "Discharge letter", "home_ready": "Home ready", "family_told": "Family told",
    "therapy_seen": "Therapy seen", "equipment": "Equipment", "restart_confirmed": "Restart confirmed",
    "ward_contact": "Ward contact", "lounge_arrival": "In the lounge",
}  # fmt: skip


def moment(text: str | None) -> datetime | None:
    """A UTC text as London time."""
    return datetime.fromisoformat(text).astimezone(LONDON) if text else None


def micros_of(text: str | None) -> int | None:
    """A UTC text as µs."""
    at = moment(text)
    return int(at.timestamp() * 1_000_000) if at else None


def london(at: int) -> datetime:
    """µs as London time."""
    return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(LONDON)


def clock(text: str | None, now: int | None = None) -> str:
    """`14:06` today, `10 Jan 10:20` on other days."""
    at = moment(text)
    if at is None:
        return UNKNOWN
    today = now is not None and london(now).date() == at.date()
    return f"{at:%H:%M}" if today else f"{at.day} {at:%b %H:%M}"


def full(text: str | None) -> str:
    """`Tue 12 Jan 2027 14:06`."""
    at = moment(text)
    return f"{at:%a} {at.day} {at:%b %Y %H:%M}" if at else UNKNOWN


def duration(minutes: float | None) -> str:
    """`52 h 06`, `44 min`; days from three on."""
    if minutes is None:
        return UNKNOWN
    whole = int(minutes)
    if whole < 0:
        return f"in {duration(-whole)}"
    if whole < 60:
        return f"{whole} min"
    if whole < 72 * 60:
        return f"{whole // 60} h {whole % 60:02d}"
    return f"{whole // 1440} d {whole % 1440 // 60} h"


def minutes_since(text: str | None, now: int) -> float | None:
    """Minutes from a UTC text to now; negative: it is still to come."""
    at = micros_of(text)
    return None if at is None else (now - at) / 60_000_000


def age(text: str | None, now: int) -> str:
    """How long ago."""
    return duration(minutes_since(text, now))


def plain(code: Any) -> str:
    """A code in words: `home_ready` reads `home ready`."""
    return str(code).replace("_", " ") if code not in (None, "") else UNKNOWN


def step(code: str | None) -> str:
    """The next step."""
    return STEPS.get(code or "", plain(code).capitalize())


def owner(code: str | None) -> str:
    """Whose move it is."""
    return OWNERS.get(code or "", plain(code).capitalize())


def item(code: str) -> str:
    """An item of the checklist."""
    return ITEMS.get(code, plain(code).capitalize())


def coded(value: Any) -> str:
    """A code as `{raw, code}`: the national one, else as sent."""
    if not isinstance(value, dict):
        return UNKNOWN
    return str(value.get("code") or value.get("raw") or UNKNOWN)


def number(text: str) -> str:
    """An NHS number as people read it: 3 3 4."""
    return f"{text[:3]} {text[3:6]} {text[6:]}" if len(text) == 10 else text


def date(text: str) -> str:
    """A date of birth as NHS pages write it: 14-Mar-1942."""
    try:
        return f"{datetime.fromisoformat(text):%d-%b-%Y}"
    except ValueError:
        return text
