"""Whether a discharge has a discharge-ready date, and one to believe (domain 01 §1.3).

In: a stay that ended, its ready intervals and the findings behind them, the place's stated exclusions. Out: a
`Coverage`: shown beside every mean, because a record system that fills the date in by itself looks perfect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from streams.core.config import CoreConfig, Exclusion
from streams.core.moments import local_date
from streams.core.spells.readiness import Finding, Interval

STATES: Final = {
    "recorded": "a discharge-ready date was recorded",
    "defaulted": "recorded, but it is the day of leaving and was written down at or after leaving: suspected "
    "to be filled in by the system",
    "missing": "stayed a night or more and nobody recorded readiness",
    "not_due": "left on the day of admission: none is asked for",
    "excluded": "one of the place's stated exclusions applies",
}
_NOT_INPATIENT: Final = frozenset(("E", "O"))


class Coverage(NamedTuple):
    """State of the discharge-ready date of one discharge."""

    state: str
    excluded_by: str | None = None


class Stay(NamedTuple):
    """What is looked at of a spell that ended."""

    start: int
    left_at: int
    patient_class: str | None
    discharge_method: str | None
    specialty: str | None


def coverage_of(
    stay: Stay, ready: Sequence[Interval], findings: Sequence[Finding], config: CoreConfig
) -> Coverage | None:
    """Judge a discharge; None for attendances without admission."""
    if stay.patient_class in _NOT_INPATIENT:
        return None
    for exclusion in config.exclusions:
        if applies(exclusion, stay):
            return Coverage("excluded", exclusion.name)
    if local_date(stay.start) == local_date(stay.left_at):
        return Coverage("not_due")
    if not ready:
        return Coverage("missing")
    return Coverage("defaulted" if _defaulted(ready[-1], findings, stay.left_at) else "recorded")


def _defaulted(last: Interval, findings: Sequence[Finding], left_at: int) -> bool:
    """The final ready period began on the day of leaving and was only written down once they had left."""
    if local_date(last.since) != local_date(left_at):
        return False
    written = min(
        (found.recorded_at for found in findings if found.ready and found.at == last.since), default=left_at
    )
    return last.since == left_at or written >= left_at


def applies(exclusion: Exclusion, stay: Stay) -> bool:
    """Whether the place leaves such a stay out."""
    return (
        stay.discharge_method in exclusion.discharge_methods
        or stay.specialty in exclusion.specialties
        or stay.patient_class in exclusion.classes
    )
