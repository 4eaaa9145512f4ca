"""The alerts about what waits outside the hospital, by the stay it goes by now (domain 06 §6.2): starts,
visits, homes. For `alert_truth_rules.py`; shares no code with the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tests.oracles.alert_truth_oracle import Late
from tests.oracles.alert_truth_story import Stay, Told, first, hours


def about_now(told: Told) -> Stay | None:
    """The stay outreach goes by: nobody's whose death was stated."""
    stay = told.current
    dead = told.stated or told.confirmed
    if stay is None or dead or (stay.left is None and not stay.ordinary) or stay.method == "4":
        return None
    return stay


def moved_beyond(stay: Stay, planned: datetime) -> datetime | None:
    """Since when the discharge is expected after a promised moment."""
    at, expected = stay.expected[-1] if stay.expected else (stay.came, "")
    late = bool(expected) and stay.came <= planned < datetime.fromisoformat(expected)
    return at if late else None


def start_before_discharge(told: Told) -> Iterator[Late]:
    """A start promised for a time before the discharge as expected now; two days ahead."""
    stay = about_now(told)
    for package in told.packages if stay else ():
        approved = [at for at, state in package.steps if state == "approved"]
        moved = moved_beyond(stay, package.planned) if stay and package.planned else None
        if stay and package.planned and approved and moved:
            after = [at for at, _ in package.steps if at > approved[-1]]
            due = max(moved, approved[-1], package.planned - hours(48))
            yield Late(("package", package.ref), stay.visit, due, first(stay.left, *after))


def visit_before_discharge(told: Told) -> Iterator[Late]:
    """Visit planned, discharge moved; a day ahead."""
    stay = about_now(told)
    for support in told.supports if stay else ():
        moved = moved_beyond(stay, support.planned) if stay and support.planned else None
        if stay and support.planned and moved:
            visited = [at for at, state in support.steps if state == "visit_done"]
            due = max(moved, support.steps[0][0], support.planned - hours(24))
            yield Late(("support", support.ref), stay.visit, due, first(stay.left, *visited))


def support_waiting(told: Told) -> Iterator[Late]:
    """Referrals waiting: asked for a day ago."""
    for support in told.supports:
        if support.steps[0][1] == "requested":
            answered = first(*(at for at, state in support.steps if state != "requested"))
            yield Late(("support", support.ref), "", support.steps[0][0] + hours(24), answered)


def first_visit_late(told: Told) -> Iterator[Late]:
    """First visit within 48 h of discharge."""
    stay = about_now(told)
    if stay is None or stay.left is None or stay.destination != "19":
        return
    for support in told.supports:
        since = max(stay.left, support.steps[0][0])
        visited = [at for at, state in support.steps if state == "visit_done" and at > since]
        yield Late(("support", support.ref), stay.visit, since + hours(48), first(*visited))


def summary_not_received(told: Told) -> Iterator[Late]:
    """Back in a care home for a day; nobody in this play sends a summary."""
    stay = about_now(told)
    if stay is not None and stay.left is not None:
        resident = any("Residential" in package.service for package in told.packages)
        if resident or stay.destination == "65":
            yield Late(("stay", stay.visit), str(stay.left), stay.left + hours(24))


def homeless_since(told: Told) -> tuple[Stay, datetime] | None:
    """Who is in, or has left, and since when a reason for waiting says that they may have no home."""
    stay = about_now(told)
    since = first(*(at for at, reason in stay.reasons if reason == "IF4")) if stay else None
    return (stay, since) if stay and since else None


def duty_to_refer(told: Told) -> Iterator[Late]:
    """Duty to refer not sent within a day; in this play housing is asked of nobody."""
    if found := homeless_since(told):
        stay, since = found
        yield Late(("stay", stay.visit), "", since + hours(24), stay.left)


def leaving_to_street(told: Told) -> Iterator[Late]:
    """About to be discharged to the street: expected to leave within a day."""
    found = homeless_since(told)
    if found and found[0].expected:
        stay, since = found
        at, leaves = stay.expected[-1]
        due = max(since, at, datetime.fromisoformat(leaves) - hours(24))
        yield Late(("stay", stay.visit), "", due, stay.left)
