"""Delay reasons as intervals (domain 01 §1.4): a human's reason is the reason; what tasks imply is only
a suggestion beside it.

In: the history of `DelayReasonSet` of each source; open tasks. Out: intervals, several at once where
several sources say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from schemas.fact import Fact
from streams.core.codes import Code, coded
from streams.core.config import CoreConfig
from streams.core.delay_codes import label
from streams.core.select import place_in_order
from streams.core.tasks import Task

NO_CAPACITY = ("capacity", "nocapacity", "waitlist", "waitlisted", "waitinglist", "nobeds", "noslot")
SUGGESTIONS: dict[str, tuple[str, str]] = {
    "reablement": ("IF1", "CA1"),
    "p1reablement": ("IF1", "CA1"),
    "rehabilitation": ("IF1", "CA1"),
    "domcare": ("IF2", "CA2"),
    "p1domcare": ("IF2", "CA2"),
    "homecare": ("IF2", "CA2"),
    "nursing": ("IF3", "CA3"),
    "p1nursing": ("IF3", "CA3"),
    "housing": ("IF4", "CA4"),
    "homeless": ("IF4", "CA4"),
    "p2bed": ("IF5", "CA5"),
    "bed": ("IF5", "CA5"),
    "p3placement": ("IF6", "CA7"),
    "placement": ("IF6", "CA7"),
    "fasttrack": ("IF7", "CA8"),
    "palliative": ("IF7", "CA8"),
    "mhliaison": ("IF8", "CA6"),
    "equipment": ("IF8", "CA10"),
}
"""Task kind (letters and digits) -> (still being arranged: Interface, no slot exists: Capacity)."""


class Delay(msgspec.Struct, frozen=True):
    """One stretch with one reason and owner.

    `suggested` is the code the tasks imply, for the stretch that runs now.
    """

    reason: Code | None
    scheme: str | None
    since: int
    until: int | None
    owner: str | None
    suggested: str | None = None


def delays_of(facts: Iterable[Fact], left_at: int | None, config: CoreConfig) -> list[Delay]:
    """Give the stretches of every source, oldest first.

    One that says another reason or owner ends the one before.
    """
    said: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "DelayReasonSet":
            said.setdefault(fact.partner, []).append(fact)
    out: list[Delay] = []
    for partner, history in said.items():
        history.sort(key=lambda fact: (fact.occurred_at, place_in_order(fact)))
        out.extend(_stretches(partner, history, left_at, config))
    out.sort(
        key=lambda delay: (
            delay.since,
            delay.reason.raw if delay.reason else "",
            delay.owner or "",
            delay.until or 0,
        )
    )
    return out


def _stretches(
    partner: str, history: Sequence[Fact], left_at: int | None, config: CoreConfig
) -> Iterable[Delay]:
    running: Delay | None = None
    for fact in history:
        if left_at is not None and fact.occurred_at > left_at:
            break
        body = fact.body
        reason = coded("delay_reason", body.get("reason"), partner, config)
        owner, scheme = body.get("owner") or None, body.get("scheme") or None
        if running and (running.reason, running.owner, running.scheme) == (reason, owner, scheme):
            continue
        if running:
            yield msgspec.structs.replace(running, until=fact.occurred_at)
        running = Delay(reason, scheme, fact.occurred_at, None, owner) if reason else None
    if running:
        yield msgspec.structs.replace(running, until=left_at)


def suggest(delays: Sequence[Delay], tasks: Iterable[Task], ready_since: int | None) -> tuple[Delay, ...]:
    """Put what the oldest open task implies beside the reason that runs now, or alone where nobody gave
    one.
    """
    if ready_since is None:
        return tuple(delays)
    implied = min(
        ((task.since, task.task_id, code) for task in tasks if (code := _implied(task))), default=None
    )
    if implied is None:
        return tuple(delays)
    since, _, code = implied
    if any(delay.until is None for delay in delays):
        return tuple(
            msgspec.structs.replace(delay, suggested=code) if delay.until is None else delay
            for delay in delays
        )
    return (*delays, Delay(None, None, max(since, ready_since), None, None, code))


def _implied(task: Task) -> str | None:
    pair = SUGGESTIONS.get(label(task.kind or ""))
    if pair is None:
        return None
    if task.state in ("rejected", "on_hold"):
        return pair[1] if label(task.reason or "") in NO_CAPACITY else None
    return pair[0] if task.state in ("requested", "acknowledged", "accepted", "in_progress") else None
