"""Referred, not acknowledged (domain 02 §2.4): a task was asked of the hub, and nobody there has said within
half an hour of its opening hours that they have it.

Clear: acknowledged, accepted, rejected, started or cancelled. Quiet: asked at night, until the desk opens.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.desk_hours import after_hours
from streams.core.alerts.sweep import Rule, Span
from streams.core.config import MINUTE_US, CoreConfig
from streams.core.reduce import Picture
from streams.core.transfer.task_kinds import owner_of
from streams.core.transfer.tasks import Task

NAME = "referred_not_acknowledged"
DESK = "hub"
MINUTES = 30.0
"""Domain 02 §2.4; Cornwall: accepted within 15, triaged within 30."""


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each task asked of the hub."""
    for task in picture.transfer.tasks if picture.transfer else ():
        if _first_owner(task) == DESK and task.history and task.history[0][1] == "requested":
            since = task.history[0][0]
            minutes = config.threshold(f"{NAME}.minutes", since, MINUTES)
            due_at = after_hours(since, int(minutes * MINUTE_US), config.desk_hours.get(DESK))
            yield Span(task.task_id, "", since, due_at, _answered_at(task))


def _first_owner(task: Task) -> str:
    return task.owners[0][1] if task.owners else owner_of(task.code)


def _answered_at(task: Task) -> int | None:
    return next((at for at, state in task.history if state != "requested"), None)


RULE = Rule(NAME, "Referred, not acknowledged", ("hub",), False, spans)
