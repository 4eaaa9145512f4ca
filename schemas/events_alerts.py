"""Records about alerts: how each stands, every step of its life, and what people say of it.

An alert about a person names the pseudonym, one about a place names none (design.md §6 Time, domain 02 §2.4).
"""
from __future__ import annotations

from typing import Literal

from schemas.events_base import Event, Int, Long, PersonEvent, Texts

AlertSeverity = Literal["high", "normal", "UNKNOWN"]
AlertState = Literal[
    "open", "acknowledged", "snoozed", "escalated", "suppressed", "resolved", "withdrawn", "expired",
    "UNKNOWN",
]
AlertVerb = Literal[
    "acknowledge", "unacknowledge", "snooze", "resolve", "reopen", "told_by_phone", "UNKNOWN"
]


class AlertEvent(Event):
    """What every step in the life of an alert carries."""

    event_id: str
    alert_id: str
    rule: str
    severity: AlertSeverity = "UNKNOWN"
    thing: str
    person_key: str | None = None
    spell_id: str | None = None
    site: str | None = None
    ward: str | None = None
    desks: Texts = ()
    occurred_at: Long
    recorded_at: Long
    raised_at: Long
    due_at: Long
    actor: str | None = None
    reason: str | None = None
    until_at: Long | None = None
    contact: str | None = None
    phone: str | None = None
    count: Int = 1


class AlertRaised(AlertEvent):
    """A condition was late for the first time."""


class AlertAcknowledged(AlertEvent):
    """Somebody has it in hand, or rang."""


class AlertSnoozed(AlertEvent):
    """Somebody put it off until a time."""


class AlertEscalated(AlertEvent):
    """Nobody answered within the desk's minutes: ring the contact."""


class AlertSuppressed(AlertEvent):
    """It waits behind the alert of the silent feed that it needs."""


class AlertResolved(AlertEvent):
    """It was late and is over, or somebody said it is."""


class AlertReopened(AlertEvent):
    """It is open again: the condition holds again, or what held it back has ended."""


class AlertWithdrawn(AlertEvent):
    """It was never late after all, or is no longer due."""


class AlertExpired(AlertEvent):
    """What it was about is gone from here: sealed, or erased."""


class AlertView(Event):
    """One alert as it stands."""

    alert_id: str
    rule: str
    severity: AlertSeverity = "UNKNOWN"
    thing: str
    person_key: str | None = None
    spell_id: str | None = None
    site: str | None = None
    ward: str | None = None
    desks: Texts = ()
    raised_at: Long
    due_at: Long
    state: AlertState = "UNKNOWN"
    changed_at: Long
    actor: str | None = None
    reason: str | None = None
    until_at: Long | None = None
    escalated_at: Long | None = None
    contact: str | None = None
    phone: str | None = None
    count: Int = 1
    line: str = ""


class AlertCommanded(PersonEvent):
    """Somebody gave their word on an alert: the thing is its id, the key whoever holds it."""

    verb: AlertVerb | None = None
    actor: str | None = None
    reason: str | None = None
    until_at: Long | None = None
