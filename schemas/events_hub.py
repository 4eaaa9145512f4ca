"""Events of the transfer of care hub: its worklist and the tasks between services."""
from __future__ import annotations

from typing import Literal

from schemas.events_base import Long, PersonEvent

CriteriaToResideResult = Literal["meets", "no_longer_meets", "UNKNOWN"]
PathwayStage = Literal["expected", "confirmed", "UNKNOWN"]
ClinicallyReadyResult = Literal["ready", "not_ready", "UNKNOWN"]
DeskStep = Literal[
    "review_readiness", "refer_to_hub", "confirm_pathway", "arrange", "arrange_package",
    "approve_package", "restart_package", "leave", "ring_family", "assess_needs", "assess_therapy",
    "chase_medicines", "book_transport", "order_equipment", "find_placement", "ask_home",
    "choice_meeting", "best_interests_meeting", "duty_to_refer", "hand_over", "UNKNOWN",
]  # fmt: skip
ResponsibilityBasis = Literal["address", "gp", "stated", "disputed", "place", "UNKNOWN"]


class CriteriaToResideAssessed(PersonEvent):
    """A clinician's result: does the person meet the criteria to reside in hospital?"""

    result: CriteriaToResideResult | None = None
    reviewer_role: str | None = None


class PathwaySet(PersonEvent):
    """The discharge pathway, expected or confirmed."""

    stage: PathwayStage | None = None
    pathway: str | None = None
    set_by: str | None = None


class ExpectedDischargeSet(PersonEvent):
    """The hub's expected date of discharge."""

    expected_discharge_at: Long | None = None
    set_by: str | None = None


class DelayReasonSet(PersonEvent):
    """Why the discharge is delayed; reason withdrawn or null = none now."""

    reason: str | None = None
    owner: str | None = None
    scheme: str | None = None
    set_by: str | None = None


class OwnerSet(PersonEvent):
    """Who must act next, as the hub says."""

    owner: str | None = None


class NextStepSet(PersonEvent):
    """What has to happen next, as the hub says; null: what is derived holds again."""

    step: DeskStep | None = None
    due_at: Long | None = None
    set_by: str | None = None


class WorklistRowSeen(PersonEvent):
    """The person is on the hub's list."""

    ward: str | None = None
    bed: str | None = None


class WorklistRowGone(PersonEvent):
    """The person is no longer on the hub's list."""


class ChecklistItemEvent(PersonEvent):
    """What every fact of the ready-to-go checklist carries (domain 01 §1.13)."""

    item: str | None = None
    owner: str | None = None
    planned_at: Long | None = None
    reason: str | None = None


class ChecklistItemDone(ChecklistItemEvent):
    """An item is done; item withdrawn = the source says it no longer."""


class ChecklistItemFailed(ChecklistItemEvent):
    """An item failed."""


class ChecklistItemNotNeeded(ChecklistItemEvent):
    """This person does not need the item."""


class ResponsibilitySet(PersonEvent):
    """Whose patient this is, and by what (domain 01 §1.15); never an address."""

    basis: ResponsibilityBasis | None = None
    council: str | None = None
    icb: str | None = None
    hub: str | None = None


class DelayReasonOpened(PersonEvent):
    """A reason for delay began; several may run at once."""

    reason: str | None = None
    owner: str | None = None
    scheme: str | None = None
    set_by: str | None = None


class DelayReasonClosed(PersonEvent):
    """A reason for delay ended."""

    reason: str | None = None
    set_by: str | None = None


class ClinicallyReadyAssessed(PersonEvent):
    """A mental-health clinician's result: clinically ready for discharge or not."""

    result: ClinicallyReadyResult | None = None
    reviewer_role: str | None = None


class DestinationSet(PersonEvent):
    """Where the person is to go, by a national list of destinations."""

    destination: str | None = None
    scheme: str | None = None
    set_by: str | None = None


class PreferredPlaceRecorded(PersonEvent):
    """Where the person wants to be cared for, or to die; a kind of place."""

    place: str | None = None
    purpose: str | None = None


class UnpaidCarerRecorded(PersonEvent):
    """Whether an unpaid carer is involved, and whether they were told."""

    involved: bool | None = None
    told: bool | None = None


class DocumentArrived(PersonEvent):
    """A pointer to a document: what kind, for whom; never its content."""

    document_ref: str | None = None
    document_type: str | None = None
    recipient: str | None = None


class CareHomeReturnStated(PersonEvent):
    """Whether the care home a person came from says it can take them back."""

    home: str | None = None
    can_take_back: bool | None = None
    reason: str | None = None


class TaskEvent(PersonEvent):
    """What every task event carries."""

    task_kind: str | None = None
    owner: str | None = None
    due_at: Long | None = None
    planned_start_at: Long | None = None
    reason: str | None = None
    spell_id: str | None = None
    parent_id: str | None = None


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
