"""Clocks that guidance or law sets on a transfer: the fast track's forty-eight hours, and the duty to refer
somebody who may be homeless (domain 01 §1.1, §1.11, domain 06 §6.2).

In: tasks, the current spell, since when the person is known to have no fixed abode. Out: a priority and a
duty. The hours are configuration. A referral needs the person's agreement: the duty says due, nobody is
referred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from schemas.fact import Fact
from streams.core.config import HOUR_US, CoreConfig
from streams.core.facts.select import place_in_order
from streams.core.spells.spell import Spell
from streams.core.transfer.task_kinds import PRIORITY
from streams.core.transfer.tasks import Task

HOMELESS: Final = frozenset({"IF4", "IF9", "CA4", "A22-10", "C23-14"})
"""Delay reasons that say so, of every list."""
REFERRALS: Final = frozenset({"homeless", "housing"})
_STARTED: Final = frozenset({"in_progress", "completed"})


class Priority(NamedTuple):
    """Somebody going home to die: `start_due_at` runs from the acceptance of a fast track."""

    kind: str
    task_id: str
    accepted_at: int | None
    start_due_at: int | None
    started_at: int | None


class Duty(NamedTuple):
    """The duty to refer: `state` is due | sent."""

    state: str
    basis: str
    since: int
    task_id: str | None
    sent_at: int | None


def priority_of(tasks: Iterable[Task], config: CoreConfig) -> Priority | None:
    """The first in order of the tasks that go before all others."""
    wanted = [
        task for task in tasks if task.code in PRIORITY and task.state not in ("cancelled", "rejected")
    ]
    if not wanted:
        return None
    task = min(wanted, key=lambda task: (PRIORITY.index(task.code or ""), task.since, task.task_id))
    accepted = _first(task, frozenset({"accepted"}))
    hours = config.fast_track_hours if task.code == PRIORITY[0] else None
    due = None if accepted is None or hours is None else accepted + int(hours * HOUR_US)
    return Priority(task.code or "", task.task_id, accepted, due, _first(task, _STARTED))


def _first(task: Task, states: frozenset[str]) -> int | None:
    return next((at for at, state in task.history if state in states), None)


def duty_to_refer(spell: Spell | None, tasks: Iterable[Task], homeless_since: int | None) -> Duty | None:
    """Whether the hospital owes a referral, and since when it could know."""
    if spell is None or spell.status not in ("registered", "admitted", "discharged"):
        return None
    known = [(delay.since, "delay_reason") for delay in spell.delays if _homeless(delay.reason)]
    if homeless_since is not None:
        known.append((max(homeless_since, spell.start), "no_fixed_abode"))
    if not known:
        return None
    since, basis = min(known)
    sent = [
        (task.requested_at if task.requested_at is not None else task.since, task.task_id)
        for task in tasks
        if task.code in REFERRALS
        and task.state not in ("cancelled", "rejected")
        and task.spell_id in (None, spell.spell_id)
    ]
    if not sent:
        return Duty("due", basis, since, None, None)
    sent_at, task_id = min(sent)
    return Duty("sent", basis, since, task_id, sent_at)


def _homeless(reason: object) -> bool:
    return getattr(reason, "code", None) in HOMELESS


def no_fixed_abode_since(facts: Sequence[Fact]) -> int | None:
    """Since when any record's newest word is that the person has no address."""
    said: dict[tuple[str, str], list[Fact]] = {}
    for fact in sorted(facts, key=place_in_order):
        if "no_fixed_abode" in fact.body:
            said.setdefault((fact.partner, fact.record), []).append(fact)
    since: list[int] = []
    for words in said.values():
        run: list[int] = []
        for fact in reversed(words):
            if not fact.body["no_fixed_abode"]:
                break
            run.append(fact.occurred_at)
        since += [min(run)] if run else []
    return min(since, default=None)
