"""Measures of a place to look at: a site with a ward that says nothing, a care home that is closed, 111."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from board.site import Site
from runtime.freshness import utc
from tests.board.ward import AT, MINUTE

SITE = "RJZ30"
HOUR = 60 * MINUTE


def measure(name: str, value: float | None, subject: str = SITE, **said: Any) -> dict[str, Any]:
    """A `MeasureView`, as at 26 minutes ago unless it says otherwise."""
    row: dict[str, Any] = {
        "measure": name, "subject": subject, "until_at": None, "as_at": AT - 26 * MINUTE,
        "known_at": AT - 20 * MINUTE, "value": value, "numerator": None, "denominator": None,
        "complete": True, "missing": [],
        "sources": [{"source": "pruh-sitrep", "heard_at": AT - 20 * MINUTE}], **said,
    }  # fmt: skip
    return row | {"line": line_of(row)}


def line_of(row: dict[str, Any], **more: Any) -> str:
    """Its line of the public interface, as far as the board reads it."""
    names = ("measure", "subject", "value", "numerator", "denominator", "complete")
    said = {"view": "measure", **{name: row[name] for name in names}, "as_at": utc(row["as_at"])}
    scheme = {"scheme": "acute-demo-1", "verified": False}
    return json.dumps(said | {"until": utc(row["until_at"])} | scheme | more)


def some() -> list[dict[str, Any]]:
    """What a morning looks like."""
    short = {"complete": False, "missing": [f"{SITE}/ASH"]}
    rows = [
        measure("occupancy_percent", 97.2, numerator=70, denominator=72),
        measure("beds_open", 72), measure("beds_occupied", 70), measure("beds_escalation", 2, **short),
        measure("escalation_percent", None, numerator=2, denominator=72, **short),
        measure("beds_open", 28, f"{SITE}/OAK"), measure("beds_occupied", 30, f"{SITE}/OAK"),
        measure("occupancy_percent", 107.14, f"{SITE}/OAK", numerator=30, denominator=28),
        measure("opel_level", 3, numerator=14, denominator=4, complete=False, missing=["ed_4h_percent"]),
        measure("ready_to_leave", 14), measure("in_hospital", 68),
        measure("ready_percent_of_occupied", 20, numerator=14, denominator=70),
        measure("waiting_hospital", 7), measure("waiting_hub", 4), measure("waiting_council", 3),
        measure("waiting_community", 0), measure("waiting_other", 0), measure("stays_21_days", 3),
        measure("ed_12h_from_decision", 6), measure("ed_12h_from_arrival", 9),
        measure("calls_111_abandoned_percent", 3.4, "SEL-111"), measure("ambulance_hours_lost", 12.5),
        measure("service_occupied", 41, "RJZ-VW/respiratory"),
        measure("service_capacity", 40, "RJZ-VW/respiratory"), measure("admissions_closed", 1, "VM1A7"),
        measure("package_start_hours", 31.5, "lbb-webhook", denominator=12),
    ]  # fmt: skip
    for hours, needed, sure in ((1, 9, 3), (4, 14, 5)):
        until = {"until_at": AT + hours * HOUR}
        made_of = {"numerator": sure + 4, "denominator": needed}
        rows.append(measure("bed_balance", sure + 4 - needed, **made_of, **until))
        rows.append(measure("discharges_confirmed", sure, **until))
    return rows


def with_figures(site: Site, rows: list[dict[str, Any]] | None = None) -> Site:
    """The same site with measures, and their feed heard a while ago."""
    heard = {"partner": "pruh-sitrep", "heard_at": AT - 20 * MINUTE}
    site.board.projection.apply("FeedHeard", "pruh-sitrep", heard)
    for row in some() if rows is None else rows:
        until = f"|{row['until_at']}" if row["until_at"] else ""
        site.board.projection.apply("MeasureView", f"{row['measure']}|{row['subject']}{until}", row)
    return site


def days(site: Site, name: str, values: list[float | None], until: date, subject: str = SITE) -> None:
    """A history, its last value of `until`."""
    for back, value in enumerate(reversed(values)):
        day = (until - timedelta(days=back)).isoformat()
        row = measure(name, value, subject, complete=value is not None)
        site.history.take(line_of(row, as_at=f"{day}T08:00:00Z"))
