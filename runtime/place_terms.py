"""What a place states of itself beside its partners: whom it tells, who serves its neighbours' people, what
is late, when its desks are open (design.md §9 "A dialect is data").

Frozen models, read from `places/<place>.toml` by `runtime/place.py`.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Stated(BaseModel):
    """Read from a file: frozen, nothing beside what is listed, no value in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Recipient(Stated):
    """Who is told what.

    `when` names the sector whose open thing on the transfer makes them a recipient; empty = always.
    """

    name: str
    title: str
    facts: tuple[str, ...] = ("discharged",)
    when: Literal["", "council", "voluntary", "package"] = ""
    url_ref: str = ""
    secret_ref: str = ""
    phone: str = ""


class Responsibility(Stated):
    """Who serves the people of a council."""

    icb: str = ""
    hub: str = ""


class Exclusion(Stated):
    """Discharges left out of the discharge-ready measures, as the place states (domain 01 §1.3)."""

    name: str
    discharge_methods: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    source: str
    """Where it is said."""
    verified: bool = False
    """Whether somebody has held it against the national specification."""


class Threshold(Stated):
    """What counts as late, from the beginning of a day on (UTC)."""

    since: date
    value: float = Field(ge=0)


class Site(Stated):
    """A hospital site whose figures are added up."""

    title: str
    wards: tuple[str, ...] = ()
    """Every ward that reports beds: a sum without one of them says so."""


class Trust(Stated):
    """An organisation that makes returns; its partners name it as their controller, its sites begin with its
    code.
    """

    title: str
    region: str = ""
    icb: str = ""


class Hours(Stated):
    """When somebody is there, by their own clock; Monday is 1."""

    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5, 6, 7)
    opens: time = time(0)
    closes: time | None = None
    """None: at midnight."""
    closed_on: tuple[date, ...] = ()
    """Bank holidays it keeps."""


class Contact(Hours):
    """Whom to ring at a desk: a role and its number, never a person's name."""

    name: str
    phone: str


class Desk(Hours):
    """When a desk is open, how long its alerts may wait, and whom to ring then, deputies after those they
    stand in for.
    """

    escalate_minutes: float | None = Field(default=None, gt=0)
    """Of its opening hours, until an alert that nobody answered escalates."""
    acknowledged_hours: float | None = Field(default=None, gt=0)
    """How long an acknowledgement holds that names no end; None: for good."""
    contacts: tuple[Contact, ...] = ()
    notices_ref: str = ""
    """Name of the environment variable that holds where the desk is told of alerts (URLs of apprise); never
    the URL, which may hold a password.
    """
