"""Mutants of what services ask of one another."""

from __future__ import annotations

from streams.core import reduce
from streams.core.transfer import steps, tasks
from tests.scenarios.broken.registry import Patch, mutant


@mutant("asked again is the same task")
def asked_again(patch: Patch) -> None:
    patch.setattr(tasks, "_runs", lambda facts: [sorted(facts, key=tasks.place_in_order)])


@mutant("a parent stands by itself")
def parents_alone(patch: Patch) -> None:
    patch.setattr(reduce, "related", list)


@mutant("the oldest task is always first")
def oldest_first(patch: Patch) -> None:
    patch.setattr(steps, "PRIORITY", ())


@mutant("an owner owned it all along")
def owned_all_along(patch: Patch) -> None:
    patch.setattr(steps, "_task_owner", lambda task, at: task.owner or steps.owner_of(task.code))
