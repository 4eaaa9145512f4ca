"""From a place to what the core needs of it: the one seam between configuration and the pure fold."""

from __future__ import annotations

from datetime import UTC, datetime, time

from runtime.place import Place
from runtime.place_terms import Desk, Threshold
from streams.core.config import CoreConfig, Exclusion, RecipientRule
from streams.core.desk_hours import DeskHours

HOUR_US = 3_600_000_000


def core_config(place: Place) -> CoreConfig:
    """Build the core's config from a place (`places/*.toml`)."""
    return CoreConfig(
        partners=tuple(place.partners),
        precedence=dict(place.precedence),
        recipients=tuple(RecipientRule(r.name, r.title, r.facts, r.when) for r in place.recipients),
        notice_horizon_us=int(place.notice_horizon_hours * HOUR_US),
        councils=place.councils,
        hub=place.hub,
        icb=place.icb,
        responsibility={council: (at.icb, at.hub) for council, at in place.responsibility.items()},
        exclusions=tuple(
            Exclusion(one.name, one.discharge_methods, one.specialties, one.classes)
            for one in place.exclusions
        ),
        lapse_days={name: p.lapse_days for name, p in place.partners.items() if p.lapse_days is not None},
        fast_track_hours=place.fast_track_hours,
        thresholds={name: _dated(values) for name, values in place.thresholds.items()},
        desk_hours={name: _hours(desk) for name, desk in place.desks.items()},
        checklist=dict(place.checklist),
        codes={name: partner.codes for name, partner in place.partners.items() if partner.codes},
    )


def _dated(values: tuple[Threshold, ...]) -> tuple[tuple[int, float], ...]:
    days = {datetime.combine(one.since, time(), UTC): one.value for one in values}
    return tuple((int(day.timestamp()) * 1_000_000, value) for day, value in sorted(days.items()))


def _hours(desk: Desk) -> DeskHours:
    def minute(at: time) -> int:
        return at.hour * 60 + at.minute

    closes = minute(desk.closes) if desk.closes else 24 * 60
    return DeskHours(desk.days, minute(desk.opens), closes, tuple(day.isoformat() for day in desk.closed_on))
