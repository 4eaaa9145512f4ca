"""The measures of a place as tables: sites, wards, levels, hours to come, services, care homes. Pure.

In: `MeasureView`s, what the place calls its sites, for whom. Out: rows of figures, each with its age.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from board.flow import Flow
from board.measures import Figure, Row, Say, amount, figure_of, newest, unsaid
from board.small import FEW, HIDDEN, few, kept_back
from board.wording import UNKNOWN
from runtime.freshness import utc

OVERVIEW: Final = (
    "ready_to_leave", "ready_percent_of_occupied", "ready_to_left_hours", "occupancy_percent",
    "beds_escalation", "beds_closed", "stays_21_days", "ed_12h_from_decision", "ed_12h_from_arrival",
)  # fmt: skip
"""What stands of each site on the place's page."""
SERVICE: Final = ("service_occupied", "service_capacity", "service_available", "service_waiting")
OF_WARD: Final = ("beds_open", "beds_occupied", "occupancy_percent", "beds_escalation", "beds_closed")


class Hour(NamedTuple):
    """The balance of beds by an hour to come (domain 02 §2.5)."""

    until: str | None
    needed: str
    sure: str
    possible: str
    balance: Figure


class Level(NamedTuple):
    """An indicative OPEL level: at least so high where anything is missing (domain 02 §2.1)."""

    site: str
    text: str
    scheme: str
    verified: bool
    figure: Figure
    points: str
    known: str


class Ward(NamedTuple):
    """People from the board's views, beds as the ward reported them."""

    name: str
    ready: str
    inside: str
    beds: tuple[Figure, ...]


@dataclass(frozen=True)
class Tables:
    """Measures for one reader. `at`: a site or a ward of one; empty: the whole place."""

    rows: Sequence[Row]
    say: Say
    sites: Mapping[str, str]
    wards_of: Mapping[str, Sequence[str]]
    at: str = ""
    hide: bool = False
    found: Mapping[tuple[str, str], Row] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "found", newest(self.rows))

    @property
    def site(self) -> str:
        """The site, also of a ward."""
        return self.at.partition("/")[0]

    def called(self, subject: str) -> str:
        """What a site, a provider or a home is called."""
        return self.sites.get(subject, subject)

    def figure(self, subject: str, name: str) -> Figure:
        """One measure of one subject, unknown where nobody said it."""
        row = self.found.get((subject, name))
        return figure_of(row, self.say, hide=self.hide) if row else unsaid(name, subject)

    def subjects(self, *names: str) -> list[str]:
        """Who says any of these, of what is asked for."""
        return sorted({s for s, name in self.found if name in names and self._asked(s)})

    def levels(self) -> list[Level]:
        """Indicative OPEL by site."""
        return [self._level(subject) for subject in self.subjects("opel_level")]

    def _level(self, subject: str) -> Level:
        row = self.found[subject, "opel_level"]
        line: Mapping[str, Any] = json.loads(row["line"] or "{}")
        value = None if row["value"] is None else int(row["value"])
        text = UNKNOWN if value is None else str(value) if row["complete"] else f"≥ {value}, incomplete"
        figure = figure_of(row, self.say)
        made_of = (amount(row[name], "") for name in ("numerator", "denominator"))
        scheme, verified = line.get("scheme") or "", line.get("verified") is True
        return Level(self.called(subject), text, scheme, verified, figure, *made_of)

    def overview(self) -> list[tuple[str, str, list[Figure]]]:
        """Each hospital site with what matters most."""
        if self.at:
            return []
        said = {*self.wards_of, *self.subjects("beds_open", "in_hospital")}
        codes = [code for code in self.sites if code in said]
        return [(code, self.sites[code], [self.figure(code, name) for name in OVERVIEW]) for code in codes]

    def wards(self, flow: Flow) -> list[Ward]:
        """Wards of the site."""
        if not self.site:
            return []
        before = f"{self.site}/"
        said = {s.removeprefix(before) for s, name in self.found
                if s.startswith(before) and name.startswith("beds_")}  # fmt: skip
        known = self.wards_of.get(self.site, ())
        back = kept_back(flow.ready_by_ward) if self.hide else frozenset[str]()
        within = kept_back(flow.inside_by_ward) if self.hide else frozenset[str]()
        return [
            Ward(ward, hidden(flow.ready_by_ward.get(ward, 0), ward in back),
                 hidden(flow.inside_by_ward.get(ward, 0), ward in within),
                 tuple(self.figure(before + ward, name) for name in OF_WARD))
            for ward in sorted({*flow.inside_by_ward, *said, *known})
            if self.at in (self.site, before + ward)
        ]  # fmt: skip

    def hours(self) -> list[Hour]:
        """Beds needed, sure and possible by each hour to come."""
        ahead: dict[tuple[int, str], dict[str, Row]] = {}
        for row in self.rows:
            if row["until_at"] is not None and self._asked(row["subject"]):
                ahead.setdefault((row["until_at"], row["subject"]), {})[row["measure"]] = row
        told = [when for when in sorted(ahead) if "bed_balance" in ahead[when]]
        return [self._hour(when[0], ahead[when]) for when in told]

    def _hour(self, until: int, said: Mapping[str, Row]) -> Hour:
        sure, possible = (
            amount(said[name]["value"], "") if name in said else UNKNOWN
            for name in ("discharges_confirmed", "discharges_possible")
        )
        balance = said["bed_balance"]
        needed = amount(balance["denominator"], "")
        return Hour(utc(until), needed, sure, possible, figure_of(balance, self.say))

    def services(self) -> list[tuple[str, list[Figure]]]:
        """Virtual wards and community services: places and who takes them."""
        return [(s, [self.figure(s, name) for name in SERVICE]) for s in self.subjects(*SERVICE)]

    def homes(self) -> list[tuple[str, Figure, Figure]]:
        """Care homes that say whether they take anybody."""
        homes = self.subjects("admissions_closed")
        return [
            (self.called(s), self.figure(s, "admissions_closed"), self.figure(s, "beds_available"))
            for s in homes
        ]

    def packages(self) -> list[Figure]:
        """From requested to started, by council: of everybody's, whichever site is asked for."""
        return [self.figure(s, name) for s, name in sorted(self.found) if name == "package_start_hours"]

    def _asked(self, subject: str) -> bool:
        return not self.at or subject == self.at or subject.partition("/")[0] == self.at


def hidden(count: int, back: bool) -> str:
    """A count in words; `back`: it is not given."""
    return (FEW if few(count) else HIDDEN) if back else str(count)
