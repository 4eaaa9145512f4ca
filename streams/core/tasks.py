"""Tasks: what one organisation asked of another, and where that stands (domain 06 §6.1 `toc.task.*`).

In: the distinct facts on one task id. Out: a `Task`. The state follows the standing facts by event time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec

from schemas.fact import Fact
from streams.core.select import begun, latest, place_in_order, winners

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

    @property
    def open(self) -> bool:
        """Somebody still owes something."""
        return self.state not in CLOSED


def task_of(task_id: str, facts: Sequence[Fact]) -> Task:
    """Make a task from its distinct facts."""
    ordered = sorted(facts, key=place_in_order)
    steps = [
        (fact.occurred_at, RANKS[fact.kind], fact.recorded_at, fact.id, fact)
        for fact in winners(ordered)
        if fact.kind in STATES
    ]
    steps.sort(key=lambda step: step[:4])
    history = tuple((fact.occurred_at, STATES[fact.kind]) for fact in begun(step[4] for step in steps))
    last = steps[-1][4] if steps else ordered[-1]
    return Task(
        task_id=task_id,
        source=last.partner,
        kind=cast("str | None", latest(ordered, "task_kind")),
        state=history[-1][1] if history else "unknown",
        since=history[-1][0] if history else last.occurred_at,
        owner=cast("str | None", latest(ordered, "owner")),
        requested_at=next((at for at, state in history if state == "requested"), None),
        due_at=cast("int | None", latest(ordered, "due_at")),
        planned_start_at=cast("int | None", latest(ordered, "planned_start_at")),
        reason=cast("str | None", last.body.get("reason")),
        spell_id=cast("str | None", latest(ordered, "spell_id")),
        history=history,
    )
