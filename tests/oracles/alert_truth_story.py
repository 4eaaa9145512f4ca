"""What is known of one person, as the words of a ledger say it: for `alert_truth_oracle.py`, sharing no code
with the fold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Word = dict[str, Any]
Steps = list[tuple[datetime, str]]


@dataclass
class Stay:
    """One stay, as known."""

    visit: str
    came: datetime
    ordinary: bool
    left: datetime | None = None
    method: str = ""
    destination: str = ""
    expected: Steps = field(default_factory=list)
    """(Said at, expected then), changes only."""
    findings: dict[datetime, str] = field(default_factory=dict)
    """Reviewed at -> N no longer meets the criteria, Y meets them."""
    pathways: Steps = field(default_factory=list)
    tasks: dict[str, Steps] = field(default_factory=dict)
    """Kind -> (since, state)."""
    asked_of: dict[str, dict[datetime, str]] = field(default_factory=dict)
    """Kind -> since -> whose it is, as last said of that step."""
    owners: Steps = field(default_factory=list)
    reasons: Steps = field(default_factory=list)


@dataclass
class Help:
    """A package, or a charity's support: (when, state) and what was promised last."""

    ref: str
    steps: Steps = field(default_factory=list)
    planned: datetime | None = None
    service: str = ""


@dataclass
class Told:
    """Everything known of a person."""

    stays: list[Stay] = field(default_factory=list)
    packages: list[Help] = field(default_factory=list)
    supports: list[Help] = field(default_factory=list)
    stated: datetime | None = None
    confirmed: datetime | None = None

    @property
    def current(self) -> Stay | None:
        """The stay it is about: who is in hospital now, else the newest."""
        inside = [stay for stay in self.stays if stay.left is None]
        return max(inside or self.stays, key=lambda stay: stay.came, default=None)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def state_at(steps: Steps, moment: datetime) -> str:
    return ([state for at, state in steps if at <= moment] or [""])[-1]


def story_of(words: list[Word]) -> Told:
    """Sum up what was said."""
    told, stays = Told(), dict[str, Stay]()
    hospital = sorted((w for w in words if w["by"] == "pruh-adt"), key=lambda w: (w["at"], w["written"]))
    for word in hospital:
        if word["what"] in ("A01", "A04"):
            ordinary = word["patient_class"] == "I"
            stays[word["visit"]] = Stay(word["visit"], _at(word["at"]), ordinary)
    for word in hospital:
        if word["death"]:
            died = "stated" if word["death"] == "N" else "confirmed"
            setattr(told, died, min(getattr(told, died) or _at(word["written"]), _at(word["written"])))
        stay = stays.get(word["visit"])
        if stay is not None:
            _hospital(stay, word)
    for word in words:
        if word["by"] == "hub-list" and word["visit"] in stays:
            _row(stays[word["visit"]], _at(word["received"]), word["row"])
    told.stays = list(stays.values())
    told.packages = _helps(words, "lbb-webhook")
    told.supports = _helps(words, "bwell-webhook")
    return told


def _hospital(stay: Stay, word: Word) -> None:
    if word["expected"] and (not stay.expected or stay.expected[-1][1] != word["expected"]):
        stay.expected.append((_at(word["at"]), word["expected"]))
    if word["what"] == "A03":
        stay.left, stay.method, stay.destination = _at(word["at"]), word["method"], word["destination"]
    elif word["what"] == "A13":
        stay.left = None


def _row(stay: Stay, listed: datetime, row: dict[str, str]) -> None:
    """What a row of the list says, as at the list; a task and a finding have times of their own."""
    if "CtR reviewed" in row:
        stay.findings[_uk(row["CtR reviewed"])] = row["Meets CtR"]
    for column, steps in (
        ("Pathway exp", stay.pathways), ("Owner", stay.owners), ("Delay reason", stay.reasons)
    ):  # fmt: skip
        value = row.get(column, "")
        if value and (not steps or steps[-1][1] != value):
            steps.append((listed, value))
    if "Task" in row:
        since = _uk(row["Task changed"])
        steps = stay.tasks.setdefault(row["Task"], [])
        if (since, row["Task state"]) not in steps:
            steps.append((since, row["Task state"]))
            steps.sort()
        if row.get("Owner"):
            stay.asked_of.setdefault(row["Task"], {})[since] = row["Owner"]


def ready(stay: Stay) -> list[tuple[datetime, datetime | None]]:
    """From a finding that they no longer meet the criteria until one that they do, or until they left."""
    out: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = None
    for at, result in sorted(stay.findings.items()):
        if result == "N" and since is None:
            since = at
        elif result == "Y" and since is not None:
            out.append((since, at))
            since = None
    return [*out, (since, stay.left)] if since is not None else out


def _helps(words: list[Word], by: str) -> list[Help]:
    found: dict[str, Help] = {}
    for word in sorted((w for w in words if w["by"] == by), key=lambda w: w["at"]):
        one = found.setdefault(word["ref"], Help(word["ref"]))
        state = "started" if word["what"] == "restarted" else word["what"]
        if not one.steps or one.steps[-1][1] != state:
            one.steps.append((_at(word["at"]), state))
        one.service = word["service"] or one.service
        one.planned = _at(word["planned"]) if word["planned"] else one.planned
    return list(found.values())


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _uk(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007  # winter: the clock in England is UTC
