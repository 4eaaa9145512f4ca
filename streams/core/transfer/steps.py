"""Whose move it is: the next step of a transfer, and who was waited for since the person was ready
(demo.md F1, F2).

In: a spell with its tasks, packages and what the hub stated. Out: the next step, and stretches by owner
that add up without overlap. A human's stated owner stands until something newer happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.fact import Fact
from streams.core.facts.select import state_at
from streams.core.spells.spell import Spell
from streams.core.transfer.packages import Package
from streams.core.transfer.support import Support
from streams.core.transfer.task_kinds import PRIORITY, owner_of
from streams.core.transfer.tasks import Task

History = Sequence[tuple[int, str]]

PACKAGE_STEPS = {
    "requested": "arrange_package",
    "proposed": "approve_package",
    "suspended": "restart_package",
    "lapsed": "restart_package",
}
WAITING_STATES = frozenset({"requested", "acknowledged", "in_progress", "on_hold", "unknown"})
"""An accepted task is a promise: nobody waits for it until it is due."""


class NextStep(NamedTuple):
    """Who has to do what; `since` when it became theirs."""

    owner: str | None = None
    what: str | None = None
    since: int | None = None
    due: int | None = None


class Wait(NamedTuple):
    """One stretch of a ready person waiting for one owner."""

    owner: str
    since: int
    until: int | None


class Around(NamedTuple):
    """What the join looks at for one spell."""

    spell: Spell
    tasks: Sequence[Task]
    packages: Sequence[Package]
    supports: Sequence[Support]
    hub: Sequence[Fact]
    """Standing hub facts attached to the spell."""


def waiting_of(around: Around) -> tuple[Wait, ...]:
    """Split the ready time of a spell by owner."""
    changes, stated = _changes(around), _stated(around.hub)
    out: list[Wait] = []
    for since, until, *_ in around.spell.ready:
        points = [since, *(at for at in changes if since < at and (until is None or at < until))]
        for point in points:
            owner = _step_at(around, point, stated).owner or "hospital"
            if out and out[-1].owner == owner and out[-1].until is None:
                continue
            if out and out[-1].until is None:
                out[-1] = out[-1]._replace(until=point)
            out.append(Wait(owner, point, None))
        if until is not None:
            out[-1] = out[-1]._replace(until=until)
    return tuple(wait for wait in out if wait.until is None or wait.until > wait.since)


def next_step_of(around: Around, waiting: Sequence[Wait]) -> NextStep:
    """Name the next step: of a ready person, of one not ready yet, of one who has left."""
    spell = around.spell
    if spell.status == "discharged":
        return _after_leaving(around)
    if spell.status != "admitted":
        return NextStep()
    if waiting and waiting[-1].until is None:
        step = _step_at(around, _last_change(around), _stated(around.hub))
        return _as_said(around, step._replace(owner=waiting[-1].owner, since=waiting[-1].since))
    review = NextStep("hospital", "review_readiness", spell.admitted_at, spell.expected_discharge_at)
    return _as_said(around, review)


def _as_said(around: Around, step: NextStep) -> NextStep:
    """What the desk said has to happen, until something newer happens; whose move it is stays as it is."""
    said = [fact for fact in around.hub if fact.kind == "NextStepSet"]
    last = max(said, key=lambda fact: (fact.occurred_at, fact.recorded_at, fact.id), default=None)
    if last is None or not last.body.get("step"):
        return step
    if any(at > last.occurred_at for at in _happened(around)):
        return step
    return step._replace(what=last.body["step"], due=last.body.get("due_at"))


def _happened(around: Around) -> Iterable[int]:
    """When tasks, packages and the checklist last moved."""
    histories: list[History] = [task.history for task in around.tasks]
    histories += [package.history for package in around.packages]
    histories += [item.history for item in around.spell.checklist]
    return [at for history in histories for at, _ in history]


def _after_leaving(around: Around) -> NextStep:
    calls = [
        (package.first_call_at, "first_call", package.provider or "council", package.since)
        for package in around.packages
        if package.state == "approved" and package.first_call_at is not None
    ]
    visits = [
        (support.planned_at, "visit", "voluntary", support.since)
        for support in around.supports
        if support.state in ("requested", "accepted") and support.planned_at is not None
    ]
    if not calls and not visits:
        return NextStep()
    due, what, owner, since = min([*calls, *visits])
    return NextStep(owner, what, since, due)


def _last_change(around: Around) -> int:
    changes = _changes(around)
    return max([*changes, around.spell.ready[-1].since]) if changes else around.spell.ready[-1].since


def _changes(around: Around) -> list[int]:
    """Every moment at which the owner may change."""
    moments = {at for task in around.tasks for at, _ in (*task.history, *task.owners)}
    moments.update(at for package in around.packages for at, _ in package.history)
    moments.update(fact.occurred_at for fact in around.hub)
    return sorted(moments)


def _stated(hub: Iterable[Fact]) -> list[tuple[int, str]]:
    """(Since, owner) as people stated it: an owner said again by every list owns it since first said."""
    said = sorted(
        (fact.occurred_at, fact.recorded_at, fact.id, fact.body["owner"])
        for fact in hub
        if fact.kind in ("OwnerSet", "DelayReasonSet") and fact.body.get("owner")
    )
    out: list[tuple[int, str]] = []
    for since, _, _, owner in said:
        if not out or out[-1][1] != owner:
            out.append((since, owner))
    return out


def _step_at(around: Around, at: int, stated: Sequence[tuple[int, str]]) -> NextStep:
    """Work out whose move it was at a moment."""
    derived, changed_at = _derived_at(around, at)
    since, owner = state_at(stated, at)
    if not owner or since < changed_at:
        return derived
    return derived._replace(owner=owner, since=since)


def _derived_at(around: Around, at: int) -> tuple[NextStep, int]:
    owed: list[tuple[bool, int, str, str, int | None]] = []
    promised: list[int | None] = []
    changed_at = -1
    led = _led(around.tasks, at)
    for task in around.tasks:
        if task.task_id in led:
            continue  # its children say whose move it is
        since, state = state_at(task.history, at)
        changed_at = max(changed_at, since)
        if state in WAITING_STATES:
            later, due = task.code not in PRIORITY, task.due_at or task.planned_start_at
            owed.append((later, since, _task_owner(task, at), task.kind or "task", due))
        elif state in ("accepted", "completed"):
            promised.append(task.planned_start_at)
    for item in around.spell.checklist:
        since, state = state_at(item.history, at)
        changed_at = max(changed_at, since)
        if state == "failed":
            owed.append((True, since, item.owner or "ward", item.item, item.planned_at))
    for package in around.packages:
        since, state = state_at(package.history, at)
        changed_at = max(changed_at, since)
        if state in PACKAGE_STEPS:
            owed.append((True, since, "council", PACKAGE_STEPS[state], None))
        elif state in ("approved", "started"):
            promised.append(package.first_call_at)
    if owed:
        _, since, owner, what, due = min(owed, key=lambda item: item[:4])
        return NextStep(owner, what, since, due), changed_at
    if promised:
        due = min((when for when in promised if when is not None), default=None)
        return NextStep("ward", "leave", changed_at, due), changed_at
    return _without_arrangements(around, at), changed_at


def _led(tasks: Iterable[Task], at: int) -> frozenset[str]:
    """Tasks that have a child under way."""
    return frozenset(
        task.parent_id
        for task in tasks
        if task.parent_id and state_at(task.history, at)[1] not in ("", "cancelled")
    )


def _without_arrangements(around: Around, at: int) -> NextStep:
    spell = around.spell
    known = [fact for fact in around.hub if fact.occurred_at <= at]
    confirmed = any(fact.kind == "PathwaySet" and fact.body.get("stage") == "confirmed" for fact in known)
    if confirmed and spell.pathway_confirmed and spell.pathway_confirmed.code == "P0":
        return NextStep("ward", "leave", None, spell.expected_discharge_at)
    if confirmed:
        return NextStep("hub", "arrange", None, spell.expected_discharge_at)
    if any(fact.kind in ("OwnerSet", "PathwaySet") for fact in known):
        return NextStep("hub", "confirm_pathway", None, spell.expected_discharge_at)
    return NextStep("hospital", "refer_to_hub", None, spell.expected_discharge_at)


def _task_owner(task: Task, at: int) -> str:
    """Whoever it was said to belong to by then, else from the first word on, else who owes such a task."""
    if not task.owners:
        return owner_of(task.code)
    return state_at(task.owners, at)[1] or task.owners[0][1]


def open_things(tasks: Iterable[Task], packages: Iterable[Package], supports: Iterable[Support]) -> bool:
    """Whether anything of a person is still going on outside the hospital."""
    return any(thing.open for things in (tasks, packages, supports) for thing in things)
