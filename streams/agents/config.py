"""From a place to what the core needs of it: the one seam between configuration and the pure fold."""

from __future__ import annotations

from datetime import UTC, datetime, time

from runtime.opel import Scheme as OpelScheme
from runtime.opel import load_scheme
from runtime.place import Place
from runtime.place_terms import Desk, Hours, Threshold
from schemas.catalogue import BY_ID
from streams.core.alerts.desk_hours import DeskHours
from streams.core.alerts.desks import Contact, DeskTerms
from streams.core.config import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    Band,
    CoreConfig,
    Exclusion,
    FigureConfig,
    Parameter,
    RecipientRule,
    Scheme,
)

RAW_DAYS = BY_ID["raw"].retention_days or 30


def core_config(place: Place) -> CoreConfig:
    """Build the core's config from a place (`places/*.toml`)."""
    return CoreConfig(
        partners=tuple(place.partners),
        precedence=dict(place.precedence),
        recipients=tuple(RecipientRule(r.name, r.title, r.facts, r.when) for r in place.recipients),
        retraction_us=RAW_DAYS * DAY_US,
        horizons={name: int(partner.horizon_days * DAY_US) for name, partner in place.partners.items()},
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
        desks={name: _terms(desk) for name, desk in place.desks.items()},
        checklist=dict(place.checklist),
        codes={name: partner.codes for name, partner in place.partners.items() if partner.codes},
        figures=figure_config(place),
        silence_minutes={name: partner.silence_minutes for name, partner in place.partners.items()},
    )


def _dated(values: tuple[Threshold, ...]) -> tuple[tuple[int, float], ...]:
    days = {datetime.combine(one.since, time(), UTC): one.value for one in values}
    return tuple((int(day.timestamp()) * 1_000_000, value) for day, value in sorted(days.items()))


def _terms(desk: Desk) -> DeskTerms:
    def us(value: float | None, unit: int) -> int | None:
        return None if value is None else int(value * unit)

    contacts = tuple(Contact(one.name, one.phone, _hours(one)) for one in desk.contacts)
    escalate_us = us(desk.escalate_minutes, MINUTE_US)
    return DeskTerms(_hours(desk), escalate_us, us(desk.acknowledged_hours, HOUR_US), contacts)


def _hours(desk: Hours) -> DeskHours:
    def minute(at: time) -> int:
        return at.hour * 60 + at.minute

    closes = minute(desk.closes) if desk.closes else 24 * 60
    return DeskHours(desk.days, minute(desk.opens), closes, tuple(day.isoformat() for day in desk.closed_on))


def figure_config(place: Place) -> FigureConfig:
    """What the place says about figures from outside, its OPEL schemes read from their files."""
    return FigureConfig(
        sites={name: site.wards for name, site in place.sites.items()},
        most_hours=place.figure_hours,
        schemes=tuple(_scheme(load_scheme(name)) for name in place.opel_schemes),
    )


def _scheme(read: OpelScheme) -> Scheme:
    parameters = tuple(
        Parameter(
            one.name, one.measure, one.since_midnight,
            tuple(Band(b.lower, b.lower_inclusive, b.upper, b.upper_inclusive, b.points) for b in one.bands),
        )
        for one in read.parameters
    )  # fmt: skip
    until = read.valid_to.isoformat() if read.valid_to else None
    levels = tuple(sorted(((one.level, one.points) for one in read.levels), key=lambda level: level[1]))
    return Scheme(read.id, read.verified, read.valid_from.isoformat(), until, parameters, levels)
