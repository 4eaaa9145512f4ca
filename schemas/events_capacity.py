"""Facts about places as events: beds, services, care homes, urgent care, actions of a call; never about a
person (domain 02 §2.3 and §2.5, domain 06 §6.1, domain 08 "Capacity").
"""
from __future__ import annotations

from typing import Literal

from schemas.events_base import Event, Int, Long, Texts

ActionOutcome = Literal["done", "dropped", "open", "UNKNOWN"]
ActionState = Literal["open", "done", "dropped", "UNKNOWN"]


class FigureEvent(Event):
    """The common fields of what is reported as at a time about a site, a provider or a care home."""

    event_id: str
    partner: str
    site: str
    part: str = ""
    occurred_at: Long
    recorded_at: Long
    received_at: Long
    sequence: Long = -1
    translator_rev: Int = 1
    content_tag: str = ""
    flags: Texts = ()
    withdrawn: Long = 0


class BedCapacityReported(FigureEvent):
    """Beds of a ward or a site as at a time; a field left out was not said, which is never zero."""

    beds_open: Long | None = None
    beds_escalation: Long | None = None
    beds_occupied: Long | None = None
    beds_closed: Long | None = None
    beds_closed_infection: Long | None = None
    beds_closed_infection_empty: Long | None = None


class ServiceCapacityReported(FigureEvent):
    """Capacity of a community service, a pathway or a virtual ward as at a time."""

    service_type: str | None = None
    capacity: Long | None = None
    occupied: Long | None = None
    available: Long | None = None
    waiting: Long | None = None


class CareHomeCapacityReported(FigureEvent):
    """Beds of a care home as at a time."""

    beds_total: Long | None = None
    beds_occupied: Long | None = None
    beds_available: Long | None = None
    beds_closed: Long | None = None
    beds_closed_infection: Long | None = None


class CareHomeStatusChanged(FigureEvent):
    """Whether a care home takes admissions."""

    admissions: str | None = None
    reason: str | None = None


class PressureMetricReported(FigureEvent):
    """One figure of urgent care as at a time."""

    metric: str | None = None
    until_at: Long | None = None
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None


class ActionLogged(FigureEvent):
    """An action was agreed; `part` is its id."""

    what: str | None = None
    owner: str | None = None
    due_at: Long | None = None
    call: str | None = None
    about: str | None = None
    actor: str | None = None


class ActionDone(FigureEvent):
    """An action is done, or was dropped."""

    outcome: ActionOutcome | None = None
    actor: str | None = None


class ActionView(Event):
    """One action as it stands."""

    action_id: str
    site: str
    state: ActionState = "UNKNOWN"
    what: str | None = None
    owner: str | None = None
    due_at: Long | None = None
    call: str | None = None
    about: str | None = None
    logged_at: Long | None = None
    actor: str | None = None
    ended_at: Long | None = None
    ended_by: str | None = None
