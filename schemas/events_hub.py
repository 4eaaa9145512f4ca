"""Events of the transfer of care hub: its worklist and the tasks between services."""
from __future__ import annotations

from typing import Literal

from schemas.events_base import Long, PersonEvent

CriteriaToResideResult = Literal["meets", "no_longer_meets", "UNKNOWN"]
PathwayStage = Literal["expected", "confirmed", "UNKNOWN"]


class CriteriaToResideAssessed(PersonEvent):
    """A clinician's result: does the person meet the criteria to reside in hospital?"""

    result: CriteriaToResideResult | None = None
    reviewer_role: str | None = None


class PathwaySet(PersonEvent):
    """The discharge pathway, expected or confirmed."""

    stage: PathwayStage | None = None
    pathway: str | None = None


class ExpectedDischargeSet(PersonEvent):
    """The hub's expected date of discharge."""

    expected_discharge_at: Long | None = None


class DelayReasonSet(PersonEvent):
    """Why the discharge is delayed; reason withdrawn or null = none now."""

    reason: str | None = None
    owner: str | None = None
    scheme: str | None = None


class OwnerSet(PersonEvent):
    """Who must act next, as the hub says."""

    owner: str | None = None


class WorklistRowSeen(PersonEvent):
    """The person is on the hub's list."""

    ward: str | None = None
    bed: str | None = None


class WorklistRowGone(PersonEvent):
    """The person is no longer on the hub's list."""


class TaskEvent(PersonEvent):
    """What every task event carries."""

    task_kind: str | None = None
    owner: str | None = None
    due_at: Long | None = None
    planned_start_at: Long | None = None
    reason: str | None = None
    spell_id: str | None = None


class TaskRequested(TaskEvent):
    """A task was asked for."""


class TaskAcknowledged(TaskEvent):
    """The asked party has seen the task."""


class TaskAccepted(TaskEvent):
    """The asked party took the task on."""


class TaskRejected(TaskEvent):
    """The asked party refused the task."""


class TaskOnHold(TaskEvent):
    """The task is paused."""


class TaskStarted(TaskEvent):
    """Work on the task began."""


class TaskCompleted(TaskEvent):
    """The task is done."""


class TaskCancelled(TaskEvent):
    """The task is no longer wanted."""


class TaskReassigned(TaskEvent):
    """The task went to another owner."""
