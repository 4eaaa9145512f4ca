"""ASCOF 2D: reablement after leaving hospital, and whether it succeeded (domain 03 §3.6, the join of client
level data with hospital spells).

In: one person's hospital spells, reablement events, long-term support and dates of birth and death, as days.
Out: each cluster of reablement that follows a discharge, with its outcome. A computed figure about closed
facts: nothing here is shown on a line of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

ADMISSION_METHODS_OUT: Final = frozenset({"31", "32", "82", "83"})
DISCHARGE_METHODS_OUT: Final = frozenset({"4", "5"})
DESTINATIONS_OUT: Final = frozenset({"49", "50", "51", "52", "79", "87", "88"})
SPECIALTIES_OUT: Final = frozenset((
    "199", "223", "290", "291", "331", "344", "345", "346", "424",
    "499", "501", "504", "560", "660", "661", "662", "840", "920",
))
PREFIXES_OUT: Final = ("65", "7")
"""Whole ranges of treatment functions: 65x and 7xx."""
SETTLED: Final = frozenset({"nursing", "residential", "prison"})
ADMITTED_TO_CARE: Final = frozenset({"nursing", "residential"})
OLD: Final = 65
APART = timedelta(days=7)
BEFORE, AFTER = timedelta(days=7), timedelta(days=3)
WINDOW = timedelta(days=84)


class HospitalSpell(NamedTuple):
    """A finished spell; method, destination and specialty are those of its last episode."""

    admitted: date
    discharged: date
    admission_method: str
    discharge_method: str
    destination: str
    specialty: str


class Reablement(NamedTuple):
    """One reablement event (ST-Max); `end` None = open."""

    start: date
    end: date | None


class LongTerm(NamedTuple):
    """Long-term support: nursing, residential, prison or community."""

    setting: str
    start: date
    end: date | None


class Person(NamedTuple):
    """What the join looks at."""

    born: date
    died: date | None
    spells: Sequence[HospitalSpell]
    reablement: Sequence[Reablement]
    long_term: Sequence[LongTerm]


class Followed(NamedTuple):
    """A cluster that follows a discharge; `outcomes` within 84 days of it, none = success."""

    start: date
    end: date | None
    discharged: date
    outcomes: tuple[str, ...]


def reablement_after_discharge(person: Person) -> list[Followed]:
    """Join clusters with discharges; a cluster without one is not counted."""
    eligible = [spell for spell in person.spells if _eligible(spell, person)]
    out: list[Followed] = []
    for cluster in clusters(person.reablement):
        linked = [spell for spell in eligible if _links(spell, cluster.start)]
        if linked:
            last = max(linked, key=lambda spell: (spell.discharged, spell.admitted))
            outcomes = _outcomes(person, last)
            out.append(Followed(cluster.start, cluster.end, last.discharged, outcomes))
    return out


def clusters(events: Iterable[Reablement]) -> list[Reablement]:
    """Events that overlap or lie at most seven days apart are one."""
    out: list[Reablement] = []
    for event in sorted(events, key=lambda event: (event.start, event.end or date.max)):
        last = out[-1] if out else None
        if last is not None and (last.end is None or event.start - last.end <= APART):
            end = None if last.end is None or event.end is None else max(last.end, event.end)
            out[-1] = Reablement(last.start, end)
        else:
            out.append(event)
    return out


def _eligible(spell: HospitalSpell, person: Person) -> bool:
    return (
        spell.admitted < spell.discharged
        and _age(person.born, spell.discharged) >= OLD
        and spell.admission_method not in ADMISSION_METHODS_OUT
        and spell.discharge_method not in DISCHARGE_METHODS_OUT
        and spell.destination not in DESTINATIONS_OUT
        and spell.specialty not in SPECIALTIES_OUT
        and not spell.specialty.startswith(PREFIXES_OUT)
        and not any(_running(support, spell.admitted) for support in person.long_term)
    )


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _running(support: LongTerm, on: date) -> bool:
    """Whether somebody already lived in care when they were admitted."""
    return support.setting in SETTLED and support.start <= on and (support.end is None or support.end >= on)


def _links(spell: HospitalSpell, start: date) -> bool:
    return start - BEFORE <= spell.discharged <= start + AFTER and spell.admitted <= start


def _outcomes(person: Person, spell: HospitalSpell) -> tuple[str, ...]:
    """What went wrong in the 84 days after leaving, in the order of their names."""
    left, until = spell.discharged, spell.discharged + WINDOW
    out = set()
    if person.died is not None and left <= person.died <= until:
        out.add("died")
    for other in person.spells:
        if other is not spell and other.admission_method.startswith("2") and left <= other.admitted <= until:
            out.add("readmitted")
    for support in person.long_term:
        if support.setting in ADMITTED_TO_CARE and left <= support.start <= until:
            out.add("into_care")
    return tuple(sorted(out))
