"""The alerts of domain 02 §2.4 and domain 06 §6.2, read anew from the text over what is known of one person;
the hours are those of places/bromley.toml. For `alert_truth_oracle.py`; shares no code with the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from tests.oracles.alert_truth_oracle import Late
from tests.oracles.alert_truth_outreach import (
    duty_to_refer,
    first_visit_late,
    leaving_to_street,
    start_before_discharge,
    summary_not_received,
    support_waiting,
    visit_before_discharge,
)
from tests.oracles.alert_truth_story import Help, Stay, Told, first, hours, ready, state_at

IN_FORCE = ("approved", "started", "suspended")
YES = ("accepted", "started")


def needs_help(stay: Stay) -> datetime | None:
    """Since when pathway 1 to 3 is known, where it is the plan now."""
    if not stay.pathways or stay.pathways[-1][1] not in "123":
        return None
    return min(at for at, pathway in stay.pathways if pathway in "123")


def said(stay: Stay, *states: str) -> list[datetime]:
    """When any task of the stay came to one of these states; to any, where none is named."""
    steps = [step for task in stay.tasks.values() for step in task]
    return [at for at, state in steps if not states or state in states]


def ready_not_referred(told: Told) -> Iterator[Late]:
    """NCTR ≥ x h and pathway 1 to 3 expected and no trigger task."""
    for stay in told.stays:
        needed = needs_help(stay)
        for since, until in ready(stay) if needed else ():
            begins = max(since, needed or since)
            over = first(until, stay.left, *said(stay))
            yield Late(("stay", stay.visit), str(since), begins + hours(4), over)


def referred_not_acknowledged(told: Told) -> Iterator[Late]:
    """Hub task requested > 30 min in hours."""
    for stay in told.stays:
        for kind, steps in stay.tasks.items():
            owners = stay.asked_of.get(kind, {})
            owner = owners[min(owners)] if owners else "hub" if kind == "hub trigger" else ""
            if owner == "hub" and steps[0][1] == "requested":
                answered = first(*(at for at, state in steps if state != "requested"))
                yield Late(("task", stay.visit, kind), "", half_an_hour(steps[0][0]), answered)


def half_an_hour(since: datetime) -> datetime:
    """Thirty minutes of a desk that is open from eight to eight."""
    opens, closes = (since.replace(hour=hour, minute=0) for hour in (8, 20))
    if since < opens:
        return opens + hours(0.5)
    if since >= closes:
        return opens + hours(24.5)
    return since + hours(0.5) if since + hours(0.5) <= closes else since + hours(12.5)


def holders(told: Told) -> Iterator[tuple[Help, Stay]]:
    for package in told.packages:
        for stay in told.stays:
            if stay.ordinary and state_at(package.steps, stay.came) in IN_FORCE:
                yield package, stay


def package_holder_admitted(told: Told) -> Iterator[Late]:
    """Inpatient ordinary admission, still in after 2 h."""
    for package, stay in holders(told):
        yield Late(("package", package.ref), stay.visit, stay.came + hours(2), stay.left)


def package_lapsing(told: Told) -> Iterator[Late]:
    """Admitted person with an active package, a day before the council's fourteen are over."""
    for package, stay in holders(told):
        yield Late(("package", package.ref), stay.visit, stay.came + hours(13 * 24), stay.left)


def resident_admitted(told: Told) -> Iterator[Late]:
    """Admission of a care home's resident, at once."""
    for package, stay in holders(told):
        if "Residential" in package.service:
            yield Late(("package", package.ref), stay.visit, stay.came, stay.left)


def start_overtaken(told: Told) -> Iterator[Late]:
    """Ordinary admission within an open package, of somebody who had left before."""
    for package, stay in holders(told):
        ends = [one.left for one in told.stays if one is not stay and one.ordinary and one.left]
        if any(timedelta(0) <= stay.came - left <= timedelta(days=30) for left in ends):
            yield Late(("package", package.ref), stay.visit, stay.came, stay.left)


def discharged_without_start(told: Told) -> Iterator[Late]:
    """Left alive for home or a care home, needs help or a restart, and no accepted start within 4 h."""
    for stay in told.stays:
        if stay.left is None or not stay.ordinary or stay.method in ("4", "5") or stay.destination == "79":
            continue
        restart = any(
            package.steps[-1][1] == "suspended" and package.steps[-1][0] <= stay.left
            for package in told.packages
        )
        if needs_help(stay) or restart:
            back = [other.came for other in told.stays if other.came > stay.left]
            over = first(*said(stay, *YES), *map(promised_since, told.packages), *back)
            yield Late(("stay", stay.visit), str(stay.left), stay.left + hours(4), over)


def promised_since(package: Help) -> datetime | None:
    """Since when care runs, or a first call is agreed, without a break until now."""
    since: datetime | None = None
    for at, state in package.steps:
        holds = state == "started" or (state == "approved" and package.planned is not None)
        since = (since or at) if holds else None
    return since


def death_stated(told: Told) -> Iterator[Late]:
    """A message with a death date, until it is confirmed."""
    stay = told.current
    if stay is not None and told.stated is not None:
        confirmed = first(told.confirmed, stay.left if stay.method == "4" else None)
        yield Late(("stay", stay.visit), "", told.stated, confirmed)


def fast_track_no_start(told: Told) -> Iterator[Late]:
    """Fast track accepted, no start in 48 h."""
    for stay in told.stays:
        steps = stay.tasks.get("fast-track", [])
        accepted = first(*(at for at, state in steps if state == "accepted"))
        if accepted is not None:
            started = first(*(at for at, state in steps if state == "started"))
            yield Late(("task", stay.visit, "fast-track"), "", accepted + hours(48), started)


def no_owner(told: Told) -> Iterator[Late]:
    """Ready, needs help, something was asked, nobody named."""
    for stay in told.stays:
        needed, asked = needs_help(stay), first(*said(stay))
        for since, until in ready(stay) if needed and asked else ():
            begins = max(since, needed or since, asked or since)
            named = [at for at, _ in stay.owners]
            over = first(*named, until, stay.left, *said(stay, *YES))
            yield Late(("stay", stay.visit), str(since), begins + hours(4), over)


def reason_unchanged(told: Told) -> Iterator[Late]:
    """The same reasons for 48 h."""
    for stay in told.stays:
        following = [*(at for at, _ in stay.reasons[1:]), None]
        for (since, _), after in zip(stay.reasons, following, strict=False):
            yield Late(("stay", stay.visit), str(since), since + hours(48), first(after, stay.left))


RULES: dict[str, Callable[[Told], Iterator[Late]]] = {
    rule.__name__: rule
    for rule in (
        death_stated, discharged_without_start, duty_to_refer, fast_track_no_start, first_visit_late,
        leaving_to_street, no_owner, package_holder_admitted, package_lapsing, ready_not_referred,
        reason_unchanged,
        referred_not_acknowledged, resident_admitted, start_before_discharge, start_overtaken,
        summary_not_received, support_waiting, visit_before_discharge,
    )
}  # fmt: skip
