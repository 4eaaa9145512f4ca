"""Every kind and every state of a task, by hand (domain 06 §6.1, domain 01 §1.10)."""

from __future__ import annotations

import pytest

from schemas.fact import Fact
from streams.core.reduce import reduce_person
from streams.core.transfer.task_kinds import KINDS, kind_code, owner_of
from streams.core.transfer.tasks import Task, tasks_of
from tests.core.story import CONFIG, fact

VOCABULARY = (
    "hub-trigger, therapy, P0 voluntary, P1 reablement, P1 dom care, P1 nursing, P2 bed, P3 placement, "
    "equipment, transport, medicines, housing, homeless, fast-track, palliative, MH liaison, frailty, "
    "safeguarding, MCA, choice"
)
"""Domain 06 §6.1, as it stands there."""


def said(kind: str, when: str, thing: str = "t", recorded: str | None = None, **body: object) -> Fact:
    """A fact of a task."""
    return fact(kind, when, recorded=recorded, partner="homeward", thing=thing, **body)


def states(*facts: Fact) -> dict[str, list[str]]:
    """States of each task of a history over time."""
    transfer = reduce_person(facts, CONFIG).transfer
    assert transfer is not None
    return {task.task_id: [state for _, state in task.history] for task in transfer.tasks}


@pytest.mark.parametrize("words", VOCABULARY.split(", "))
def test_every_kind_of_the_vocabulary_has_a_code(words: str) -> None:
    """And somebody who owes it where nobody is named."""
    code = kind_code(words)
    assert code in {kind.code for kind in KINDS}
    assert owner_of(code)


def test_an_unknown_kind_is_not_guessed() -> None:
    """The hub owes it."""
    assert (kind_code("hairdresser"), owner_of(None)) == (None, "hub")


def test_every_state_is_reached() -> None:
    """In the order things happen, said in any."""
    steps = ["Requested", "Acknowledged", "Accepted", "OnHold", "Started", "Completed"]
    facts = [said(f"Task{step}", f"11 {9 + n:02d}:00") for n, step in enumerate(steps)]
    expected = ["requested", "acknowledged", "accepted", "on_hold", "in_progress", "completed"]
    assert states(*facts)["t"] == states(*facts[::-1])["t"] == expected
    assert states(said("TaskRequested", "11 09:00"), said("TaskRejected", "11 10:00"))["t"][-1] == "rejected"


def test_a_request_corrected_after_a_cancel_is_the_same_task() -> None:
    """It happened before the cancel, whenever it was written down."""
    facts = [said("TaskRequested", "11 09:00"), said("TaskCancelled", "11 10:00")]
    facts.append(said("TaskRequested", "11 09:30", recorded="11 12:00"))
    assert states(*facts) == {"t": ["requested", "cancelled"]}


def test_each_asking_after_a_cancel_is_a_task_and_names_the_one_before() -> None:
    """Three times asked, twice cancelled; a late word goes to the run it happened in."""
    facts = [
        said("TaskRequested", "11 09:00"), said("TaskCancelled", "11 10:00"),
        said("TaskRequested", "11 11:00"), said("TaskCancelled", "11 12:00"),
        said("TaskRequested", "11 13:00"), said("TaskAccepted", "11 11:30", recorded="11 15:00"),
    ]
    runs: tuple[Task, ...] = tasks_of("t", facts)
    assert [run.state for run in runs] == ["cancelled", "cancelled", "requested"]
    assert [run.replaces for run in runs] == [None, runs[0].task_id, runs[1].task_id]
    assert [state for _, state in runs[1].history] == ["requested", "accepted", "cancelled"]
    assert tasks_of("t", facts[::-1]) == runs


@pytest.mark.parametrize(
    ("children", "state"),
    [
        (("Accepted", "Started"), "in_progress"),
        (("Completed", "Accepted"), "accepted"),
        (("Completed", "Rejected"), "completed"),
        (("Rejected", "Cancelled"), "rejected"),
        (("Cancelled", "Cancelled"), "requested"),
    ],
)
def test_a_parent_stands_where_its_children_stand(children: tuple[str, str], state: str) -> None:
    """Its own sender only asks and cancels."""
    facts = [said("TaskRequested", "11 09:00", thing="parent")]
    for name, verb in zip("ab", children, strict=True):
        facts.append(said("TaskRequested", "11 10:00", thing=name, parent_id="parent"))
        facts.append(said(f"Task{verb}", "11 11:00", thing=name))
    assert states(*facts)["parent"][-1] == state
    assert states(*facts, said("TaskCancelled", "11 12:00", thing="parent"))["parent"][-1] == "cancelled"


def test_a_child_first_heard_of_as_accepted_counts_from_then() -> None:
    """Not only from its second word."""
    parent = said("TaskRequested", "11 09:00", thing="parent")
    child = said("TaskAccepted", "11 10:00", thing="a", parent_id="parent")
    assert states(parent, child)["parent"] == ["requested", "accepted"]
