"""Tasks: what one organisation asked of another, and where that stands (domain 06 §6.1 `toc.task.*`).

In: the distinct facts on one task id. Out: `Task`s: one, and another for each time it was asked for again
after it was cancelled (domain 01 §1.10). The state follows the standing facts by event time; that of a task
with children follows theirs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, cast

import msgspec

from schemas import ids
from schemas.fact import Fact
from streams.core.facts.select import begun, in_time, latest, place_in_order, state_at, winners
from streams.core.transfer.task_kinds import kind_code

STATES = {
    "TaskRequested": "requested",
    "TaskAcknowledged": "acknowledged",
    "TaskAccepted": "accepted",
    "TaskRejected": "rejected",
    "TaskOnHold": "on_hold",
    "TaskStarted": "in_progress",
    "TaskCompleted": "completed",
    "TaskCancelled": "cancelled",
}
"""Kind -> state, in the order that breaks ties of one minute.

A reassignment changes the owner, not the state.
"""
RANKS = {kind: rank for rank, kind in enumerate(STATES)}
CLOSED = frozenset({"rejected", "completed", "cancelled"})


class Task(msgspec.Struct, frozen=True):
    """One task. `history` is (time, state) oldest first."""

    task_id: str
    source: str
    kind: str | None
    state: str
    since: int
    owner: str | None = None
    requested_at: int | None = None
    due_at: int | None = None
    planned_start_at: int | None = None
    reason: str | None = None
    spell_id: str | None = None
    history: tuple[tuple[int, str], ...] = ()
    code: str | None = None
    parent_id: str | None = None
    replaces: str | None = None
    """The task that was cancelled before this one was asked for."""
    owners: tuple[tuple[int, str], ...] = ()
    """(time, owner as said), oldest first."""

    @property
    def open(self) -> bool:
        """Somebody still owes something."""
        return self.state not in CLOSED


def tasks_of(task_id: str, facts: Sequence[Fact]) -> tuple[Task, ...]:
    """Make the tasks of one task id from its distinct facts, oldest first."""
    out: list[Task] = []
    for number, run in enumerate(_runs(facts)):
        name = ids.task_id(task_id, "again", str(number)) if number else task_id
        out.append(_task(name, run, out[-1].task_id if out else None))
    return tuple(out)


def _runs(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Part the facts of an id where it was asked for again after a cancel; each goes to the run that had
    begun when it happened.
    """
    ordered = sorted(facts, key=place_in_order)
    starts: list[tuple[int, int]] = []
    cancel: tuple[int, int] | None = None
    for fact in ordered:
        when = (fact.occurred_at, fact.recorded_at)
        if fact.kind == "TaskCancelled":
            cancel = max(cancel or when, when)
        elif fact.kind == "TaskRequested" and cancel is not None and when > cancel:
            starts.append(when)
            cancel = None
    starts.sort()
    runs: list[list[Fact]] = [[] for _ in range(len(starts) + 1)]
    for fact in ordered:
        runs[bisect_right(starts, (fact.occurred_at, fact.recorded_at))].append(fact)
    return [run for run in runs if run]


def _task(task_id: str, ordered: Sequence[Fact], replaces: str | None) -> Task:
    steps = [
        (fact.occurred_at, RANKS[fact.kind], fact.recorded_at, fact.id, fact)
        for fact in winners(ordered)
        if fact.kind in STATES
    ]
    steps.sort(key=lambda step: step[:4])
    history = tuple((fact.occurred_at, STATES[fact.kind]) for fact in begun(step[4] for step in steps))
    last = steps[-1][4] if steps else ordered[-1]
    kind = cast("str | None", latest(ordered, "task_kind"))
    return Task(
        task_id=task_id,
        source=last.partner,
        kind=kind,
        state=history[-1][1] if history else "unknown",
        since=history[-1][0] if history else last.occurred_at,
        owner=cast("str | None", latest(ordered, "owner")),
        requested_at=next((at for at, state in history if state == "requested"), None),
        due_at=cast("int | None", latest(ordered, "due_at")),
        planned_start_at=cast("int | None", latest(ordered, "planned_start_at")),
        reason=cast("str | None", last.body.get("reason")),
        spell_id=cast("str | None", latest(ordered, "spell_id")),
        history=history,
        code=kind_code(kind),
        parent_id=cast("str | None", latest(ordered, "parent_id")),
        replaces=replaces,
        owners=tuple(
            (fact.occurred_at, fact.body["owner"])
            for fact in sorted(winners(ordered), key=in_time)
            if fact.body.get("owner")
        ),
    )


_BUSIEST: Final = ("in_progress", "accepted", "on_hold", "acknowledged", "requested", "unknown")
_ENDED: Final = ("completed", "rejected")


def related(tasks: Iterable[Task]) -> list[Task]:
    """Let each task that has children stand where they stand: its own sender only asks and cancels (domain 01
    §1.10).
    """
    held = list(tasks)
    children: dict[str, list[Task]] = {}
    for task in held:
        if task.parent_id and task.parent_id != task.task_id:
            children.setdefault(task.parent_id, []).append(task)
    if not children:
        return held
    return [_parent(task, children[task.task_id]) if task.task_id in children else task for task in held]


def _parent(task: Task, children: Sequence[Task]) -> Task:
    if task.state == "cancelled":
        return task
    own = task.history[0][1] if task.history else "unknown"
    history = [task.history[0]] if task.history else []
    for at in sorted({at for child in children for at, _ in child.history}):
        states = {state_at(child.history, at)[1] for child in children} - {"", "cancelled"}
        state = next((one for one in (*_BUSIEST, *_ENDED) if one in states), own)
        if not history or (history[-1][1] != state and at >= history[-1][0]):
            history.append((at, state))
    since, state = history[-1]
    return msgspec.structs.replace(task, state=state, since=since, history=tuple(history))
