"""Measures of a place as its people read them: what each is called, how sure it is, how old. Pure.

In: `MeasureView`s of the pressure topic. Out: figures with their text. What is not known reads `unknown`,
what is incomplete `at least`; neither is ever 0 (domain 02 §2.3, docs/capacity.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from board.small import FEW, HIDDEN, few, kept_back
from board.wording import UNKNOWN, plain
from runtime.freshness import utc

Row = Mapping[str, Any]
Better = str
TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "calls_111_abandoned_percent": ("111 calls abandoned", "%"),
    "calls_111_offered": ("111 calls offered", "calls"),
    "calls_999_seconds": ("999 mean time to answer", "s"),
    "category_2_minutes": ("Category 2 mean response", "min"),
    "ambulance_hours_lost": ("Hours lost to ambulance handover", "h"),
    "ambulance_handover_minutes": ("Average handover since midnight", "min"),
    "ambulance_over_30": ("Handovers of 30 to 60 minutes", "handovers"),
    "ambulance_over_60": ("Handovers over 60 minutes", "handovers"),
    "occupancy_percent": ("General and acute beds occupied", "%"),
    "escalation_percent": ("Open beds that are escalation beds", "%"),
    "closed_infection_percent": ("Beds closed by infection control", "%"),
    "beds_open": ("Beds open", "beds"), "beds_occupied": ("Beds occupied", "beds"),
    "beds_escalation": ("Escalation beds open", "beds"), "beds_closed": ("Beds closed", "beds"),
    "beds_closed_infection": ("of these by infection control", "beds"),
    "beds_closed_infection_empty": ("and of these empty", "beds"),
    "in_hospital": ("In hospital", "people"), "ready_to_leave": ("Ready to leave", "people"),
    "ready_percent_of_occupied": ("Occupied beds with somebody ready", "%"),
    "ready_percent_of_open": ("Open beds with somebody ready", "%"),
    "no_longer_meets_percent": ("The same, as the trust reports it", "%"),
    "waiting_hospital": ("Waiting for the hospital", "people"),
    "waiting_hub": ("Waiting for the hub", "people"),
    "waiting_council": ("Waiting for the council", "people"),
    "waiting_community": ("Waiting for community services", "people"),
    "waiting_other": ("Waiting for others", "people"),
    "ready_to_left_hours": ("Ready to left, median of 7 days", "h"),
    "stays_7_days": ("7 days or longer", "people"), "stays_14_days": ("14 days or longer", "people"),
    "stays_21_days": ("21 days or longer", "people"),
    "discharges": ("Left today", "people"), "discharges_before_noon": ("of these before noon", "people"),
    "discharges_before_17": ("of these before 17:00", "people"),
    "package_start_hours": ("Package requested to started, median of 28 days", "h"),
    "decision_to_admit": ("Decision to admit, no bed yet", "people"),
    "ed_attendances": ("In the emergency department", "people"),
    "ed_4h_percent": ("Admitted or gone within 4 hours", "%"),
    "ed_majors_resus_percent": ("Majors and resuscitation occupied", "%"),
    "ed_median_minutes_to_treatment": ("Median time to treatment", "min"),
    "ed_over_12h_percent": ("In the department over 12 hours", "%"),
    "ed_referred_percent": ("Referred to a service", "%"),
    "ed_12h_from_decision": ("Waits over 12 h from the decision to admit", "people"),
    "ed_12h_from_arrival": ("Waits over 12 h from arrival", "people"),
    "service_capacity": ("Places", "places"), "service_occupied": ("Places taken", "places"),
    "service_available": ("Places free", "places"), "service_waiting": ("Waiting for a place", "people"),
    "beds_total": ("Beds in all", "beds"), "beds_available": ("Beds free", "beds"),
    "outbreak": ("Outbreak", "yes"), "admissions_closed": ("Closed to admissions", "yes"),
}  # fmt: skip
"""Measure -> (title, unit); others stand under their code."""
HEADLINE: Final = (
    "calls_111_abandoned_percent", "calls_999_seconds", "category_2_minutes", "ambulance_hours_lost",
    "occupancy_percent", "ready_percent_of_occupied",
)  # fmt: skip
"""What a control centre is asked for each winter (domain 02 §2.2)."""
SECTIONS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Ready to leave", (
        "ready_to_leave", "in_hospital", "ready_percent_of_occupied", "ready_percent_of_open",
        "no_longer_meets_percent", "waiting_hospital", "waiting_hub", "waiting_council", "waiting_community",
        "waiting_other", "ready_to_left_hours",
    )),
    ("Long stays", ("stays_7_days", "stays_14_days", "stays_21_days")),
    ("Beds", (
        "occupancy_percent", "beds_open", "beds_occupied", "escalation_percent", "beds_escalation",
        "beds_closed", "beds_closed_infection", "beds_closed_infection_empty", "closed_infection_percent",
        "outbreak",
    )),
    ("Emergency department", (
        "decision_to_admit", "ed_attendances", "ed_12h_from_decision", "ed_12h_from_arrival",
        "ed_over_12h_percent", "ed_4h_percent", "ed_majors_resus_percent", "ed_median_minutes_to_treatment",
        "ed_referred_percent",
    )),
    ("Ambulance and 111", (
        "ambulance_handover_minutes", "ambulance_over_30", "ambulance_over_60", "ambulance_hours_lost",
        "category_2_minutes", "calls_999_seconds", "calls_111_offered", "calls_111_abandoned_percent",
    )),
)  # fmt: skip
"""Sections of a site. A measure that nobody said reads unknown where the site is of a kind that has it."""
PARTS: Final = ("waiting_hospital", "waiting_hub", "waiting_council", "waiting_community", "waiting_other")
BETTER: Final[Mapping[str, str]] = {"ed_4h_percent": "up", "discharges": "up", "discharges_before_noon": "up"}
"""Which way is better where it is not down."""


class Source(NamedTuple):
    """Who said it, when last, and whether they are silent."""

    title: str
    heard_at: str | None
    stale: bool


class Figure(NamedTuple):
    """One number as it stands on a page."""

    measure: str
    subject: str
    title: str
    text: str
    of: str
    as_at: str | None
    sources: tuple[Source, ...]
    known: bool
    notes: tuple[str, ...]
    stale: bool
    value: float | None


class Section(NamedTuple):
    """What is known of one part of a site, who said it, and what nobody said."""

    title: str
    figures: tuple[Figure, ...]
    unsaid: tuple[str, ...]
    sources: tuple[Source, ...]


Say = Callable[[str, int | None], Source]
"""Partner and when its figure was received -> what stands of it."""


def amount(value: float | None, unit: str) -> str:
    """A value in words: `94.4 %`, `12`, `yes`."""
    if value is None:
        return UNKNOWN
    if unit == "yes":
        return "yes" if value else "no"
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return f"{text} {unit}" if unit in ("%", "h", "min", "s") else text


def figure_of(row: Row, say: Say, *, hide: bool = False, back: frozenset[str] = frozenset()) -> Figure:
    """What is said of a measure. `hide`: small numbers are not for the reader; `back`: nor are these."""
    name, value = row["measure"], row["value"]
    title, unit = title_of(name)
    sources = tuple(say(one["source"], one["heard_at"]) for one in row["sources"])
    text, of = amount(value, unit), _of(row, unit)
    if value is not None and not row["complete"]:
        text = f"at least {text}"
    if hide and (name in back or _few(row, unit)):
        text, of = (FEW if few(value) and unit == "people" else HIDDEN), ""
    notes = tuple(_notes(row))
    stale = any(one.stale for one in sources)
    return Figure(name, row["subject"], title, text, of, utc(row["as_at"]), sources, value is not None, notes,
                  stale, value)  # fmt: skip


def unsaid(name: str, subject: str) -> Figure:
    """A measure nobody has said: unknown."""
    title = title_of(name)[0]
    return Figure(name, subject, title, UNKNOWN, "", None, (), False, ("nobody has said it",), False, None)


def title_of(name: str) -> tuple[str, str]:
    """Title and unit."""
    return TITLES.get(name, (plain(name).capitalize(), ""))


def newest(rows: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """(Subject, measure) -> its row, of those that are not about the hours to come."""
    return {(row["subject"], row["measure"]): row for row in rows if row["until_at"] is None}


def sections(
    found: Mapping[tuple[str, str], Row], subject: str, say: Say, *, hide: bool = False
) -> list[Section]:
    """The sections of a site or a ward; one in which nobody ever said anything is left out."""
    back = kept_back({name: _value(found.get((subject, name))) for name in PARTS})
    out = []
    for title, names in SECTIONS:
        rows = [found[subject, name] for name in names if (subject, name) in found]
        if rows:
            shown = tuple(figure_of(row, say, hide=hide, back=back) for row in rows)
            lacking = tuple(title_of(name)[0] for name in names if (subject, name) not in found)
            said = tuple(dict.fromkeys(source for one in shown for source in one.sources))
            out.append(Section(title, shown, lacking, said))
    return out


def headlines(
    found: Mapping[tuple[str, str], Row],
    subjects: Sequence[str],
    say: Say,
    *,
    of_all: Sequence[str] = (),
    hide: bool = False,
) -> list[Figure]:
    """The six headline winter measures, of whichever subjects say them; `of_all` say them for every site."""
    out: list[Figure] = []
    for name in HEADLINE:
        rows = [found[subject, name] for subject in subjects if (subject, name) in found]
        rows = rows or [found[subject, name] for subject in of_all if (subject, name) in found]
        out += [figure_of(row, say, hide=hide) for row in rows] or [unsaid(name, "")]
    return out


def _value(row: Row | None) -> float | None:
    return row["value"] if row else None


def _few(row: Row, unit: str) -> bool:
    """A count of few people, or a share or a median made of few."""
    if unit == "people":
        return few(row["value"])
    if row["measure"].startswith(("ready_percent",)):
        return few(row["numerator"])
    return row["measure"].endswith("_hours") and few(row["denominator"])


def _of(row: Row, unit: str) -> str:
    part, whole = row["numerator"], row["denominator"]
    if unit == "h" and whole is not None:
        return f"of {amount(whole, '')}"
    return f"{amount(part, '')} of {amount(whole, '')}" if part is not None and whole is not None else ""


def _lacking(name: str) -> str:
    """A ward as `ward ASH`, a measure by its title."""
    return f"ward {name.partition('/')[2]}" if "/" in name else title_of(name)[0].lower()


def _notes(row: Row) -> Iterable[str]:
    if row["missing"]:
        yield f"lacks {', '.join(map(_lacking, row['missing']))}"
    elif row["value"] is None:
        yield "nobody has said it, or it is too old"
    elif not row["complete"]:
        yield "incomplete"
