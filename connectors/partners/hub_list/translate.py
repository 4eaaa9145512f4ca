"""The transfer of care hub's list: readiness, pathway, expected date, reason, owner and task of everyone on
it (domain/03 §3.9).

In: what one file newly says about one row. Out: drafts. Pure. An empty cell says nothing unless it was filled
before: then it is a deletion. A row that vanishes is WorklistRowGone, "unknown since"; a task whose cell is
emptied says nothing, because nobody cancelled it.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from connectors import cells
from connectors.message import Draft, RawMessage, Subject, Translation
from connectors.partners.full_file import HERE, Change, FullFileKind, RowShape, translate_whole
from connectors.partners.hub_list.besides import CELLS, besides
from connectors.people import IDENTITY_FIELDS, identified, subject
from runtime.place import Partner
from schemas import ids

RESULTS: Final = {
    "meets": "meets", "yes": "meets", "y": "meets", "true": "meets", "1": "meets",
    "no longer meets": "no_longer_meets", "does not meet": "no_longer_meets", "no": "no_longer_meets",
    "n": "no_longer_meets", "false": "no_longer_meets", "0": "no_longer_meets",
}
"""Answers to "meets the criteria to reside"; a clinician's result, never computed."""

TASK_EVENTS: Final = {
    "requested": "TaskRequested", "referred": "TaskRequested", "sent": "TaskRequested",
    "acknowledged": "TaskAcknowledged", "received": "TaskAcknowledged", "accepted": "TaskAccepted",
    "rejected": "TaskRejected", "declined": "TaskRejected", "on hold": "TaskOnHold", "started": "TaskStarted",
    "completed": "TaskCompleted", "complete": "TaskCompleted", "done": "TaskCompleted",
    "cancelled": "TaskCancelled", "withdrawn": "TaskCancelled", "reassigned": "TaskReassigned",
}
"""States of a task as lists write them; a dialect adds its own in `codes.task_state`."""

SHAPE: Final = RowShape(
    cells={
        "mrn": cells.text, "nhs_number": cells.text, "birth_date": cells.birth_date,
        "visit_number": cells.text, "ward": cells.text, "bed": cells.text,
        "criteria": cells.code("criteria", RESULTS), "criteria_at": cells.moment, "criteria_role": cells.text,
        "pathway_expected": cells.normalised("pathway"), "pathway_confirmed": cells.normalised("pathway"),
        "expected_discharge": cells.moment, "reason": cells.normalised("reason"),
        "owner": cells.normalised("owner"),
        "task": cells.normalised("task"), "task_state": cells.code("task_state", TASK_EVENTS),
        "task_at": cells.moment, "planned_start": cells.moment, "task_due": cells.moment,
        "task_ref": cells.text, "task_parent": cells.text, "task_reason": cells.text,
        "pathway_by": cells.text, "expected_by": cells.text, "reason_by": cells.text,
        **CELLS,
    },
    keys=("visit_number", "mrn", "nhs_number"),
)

Make = Callable[..., Draft]


def translate_row(change: Change, dialect: Partner) -> tuple[Draft, ...]:
    """Drafts of a change: only facts that hold a field which changed, each of them whole."""
    person = subject(dialect, "MRN", change.row.values)
    thing = _thing(change, dialect)
    make = partial(_draft, change, person, thing)
    if change.kind == "gone":
        return (make("WorklistRowGone", ()),)
    drafts = [
        *_seen(change, make), *_said(change, make, dialect), *besides(change, make, dialect),
        *_task(change, make, thing),
    ]
    if change.touches(*IDENTITY_FIELDS):
        drafts.append(identified(person, change.file.as_at, change.file.as_at, change.file.sequence))
    return tuple(drafts)


def _thing(change: Change, dialect: Partner) -> str:
    """The spell where the row names a visit, else the row. A row named by a number alone has none: its key
    tells it apart.
    """
    visit, mrn = change.said("visit_number"), change.said("mrn")
    if visit:
        return ids.spell_id(
            dialect.identifiers.visit_authority, visit, (mrn or "") if dialect.visit_numbers_reused else ""
        )
    return "row:" + ids.row_id(change.file.partner, f"mrn={mrn}" if mrn else "person")


def _draft(
    change: Change, person: Subject, thing: str, kind: str, names: tuple[str, ...],
    body: Mapping[str, Any] | None = None, at: str = "", instance: str | None = None,
) -> Draft:
    """A draft as at the file's time, or the row's own time in field `at`; histories have that time as their
    instance.
    """
    own = change.said(at) if at else None
    occurred_at = change.file.as_at if own is None else own
    return Draft(
        kind, f"{thing} {instance or ''}".strip(), person, thing, occurred_at,
        change.file.as_at, change.file.sequence, str(occurred_at) if instance is None else instance,
        change.flags(*names), dict(body or {}),
    )


def _seen(change: Change, make: Make) -> Iterator[Draft]:
    if change.touches(HERE, "ward", "bed"):
        yield make("WorklistRowSeen", (), change.body(ward="ward", bed="bed"))


def _said(change: Change, make: Make, dialect: Partner) -> Iterator[Draft]:
    """What the row says of the person's way out, fact by fact; the first field of each is the one it cannot
    do without.
    """
    if _tells(change, "criteria", "criteria_at", "criteria_role"):
        names = ("criteria", "criteria_at", "criteria_role")
        body = _whole(change, result="criteria", reviewer_role="criteria_role")
        yield make("CriteriaToResideAssessed", names, body, "criteria_at" if body["result"] else "")
    for stage in ("expected", "confirmed"):
        if _tells(change, name := f"pathway_{stage}"):
            body = {"stage": stage, **change.body(pathway=name, set_by="pathway_by")}
            yield make("PathwaySet", (name,), body, instance=stage)
    if _tells(change, "expected_discharge"):
        body = change.body(expected_discharge_at="expected_discharge", set_by="expected_by")
        yield make("ExpectedDischargeSet", ("expected_discharge",), body)
    if _tells(change, "reason", "owner"):
        scheme = dialect.codes.get("scheme", {}).get("reason")
        body = _whole(change, reason="reason", owner="owner") | ({"scheme": scheme} if scheme else {})
        yield make("DelayReasonSet", ("reason",), body | change.body(set_by="reason_by"))
    if _tells(change, "owner"):
        yield make("OwnerSet", ("owner",), change.body(owner="owner"))


def _whole(change: Change, **names: str) -> dict[str, Any]:
    """Fields of a fact that is not always there, an empty cell as a deletion: while the first field was empty
    nothing said what became of the others. Where the first is deleted, so are they.
    """
    first = next(iter(names.values()))
    there = change.said(first) is not None
    return {ours: change.said(theirs) if there else None for ours, theirs in names.items()}


def _tells(change: Change, first: str, *others: str) -> bool:
    """Whether a fact is to be made: its first field is given and any of its fields is new, or its first field
    was deleted.
    """
    given = change.said(first) is not None
    return change.touches(first) or (given and change.touches(*others))


def _task(change: Change, make: Make, thing: str) -> Iterator[Draft]:
    kind = change.said("task")
    if kind is None or not change.touches(
        "task", "task_state", "task_at", "planned_start", "owner", "task_due", "task_reason", "task_parent"
    ):
        return
    body = _whole(change, task_kind="task", owner="owner", planned_start_at="planned_start")
    body |= change.body(due_at="task_due", reason="task_reason")
    ref, parent = change.said("task_ref"), change.said("task_parent")
    if parent:
        body["parent_id"] = ids.task_id(thing, "", parent)
    if change.said("visit_number"):
        body["spell_id"] = thing
    event = change.said("task_state") or "TaskRequested"
    own = None if change.said("task_at") is None else ""
    draft = make(event, ("task_at", "planned_start"), body, "task_at", instance=own)
    task = ids.task_id(thing, "", ref) if ref else ids.task_id(thing, kind)
    yield replace(draft, natural_key=task, thing=task)


KIND: Final = FullFileKind(SHAPE, translate_row)


def translate(raw: RawMessage, dialect: Partner) -> Translation:
    """A list on its own, every row new. Raises Refusal of the whole file."""
    return translate_whole(raw, dialect, KIND)
