"""Delay reasons as intervals (domain 01 §1.4): a human's reason is the reason; what tasks imply is only
a suggestion beside it.

In: what each source said of reasons, as a whole (`DelayReasonSet`: all that run now, several in one cell
apart by `;` or `|`) or one by one (`DelayReasonOpened`, `DelayReasonClosed`); open tasks. Out: intervals,
several at once where a source or several say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, cast

import msgspec

from schemas.fact import Fact
from streams.core.codes import Code, coded
from streams.core.config import CoreConfig
from streams.core.facts.select import in_time
from streams.core.spells.delay_codes import label
from streams.core.spells.delay_lists import Term, term
from streams.core.transfer.tasks import Task

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


KINDS: Final = frozenset({"DelayReasonSet", "DelayReasonOpened", "DelayReasonClosed"})
_APART: Final = re.compile(r"[;|\n]")


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
    source: str = ""
    set_by: str | None = None
    term: Term = Term()
    rank: int = 0
    """Its place in the cell that named it."""

    @property
    def disagrees(self) -> bool | None:
        """Whether the tasks imply another reason than the human's; None where there are not both.

        Interface and Capacity of one arrangement are two reasons: no slot exists, or it is being arranged.
        """
        if self.suggested is None or self.term.code_2024 is None:
            return None
        return self.term.code_2024 != self.suggested


def delays_of(facts: Iterable[Fact], left_at: int | None, config: CoreConfig) -> list[Delay]:
    """Give the stretches of every source, oldest first."""
    said: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind in KINDS:
            said.setdefault(fact.partner, []).append(fact)
    out: list[Delay] = []
    for partner, history in said.items():
        history.sort(key=in_time)
        out.extend(_stretches(partner, history, left_at, config))
    out.sort(
        key=lambda delay: (
            delay.since,
            delay.reason.raw if delay.reason else "",
            delay.owner or "",
            delay.until or 0,
            delay.source,
        )
    )
    return out


def _stretches(
    partner: str, history: Sequence[Fact], left_at: int | None, config: CoreConfig
) -> Iterable[Delay]:
    """Stretches of one source: a word on the whole ends what it does not name, one on a reason only that."""
    running: dict[tuple[str, str | None, str | None], Delay] = {}
    for fact in history:
        if left_at is not None and fact.occurred_at > left_at:
            break
        named = {} if fact.kind == "DelayReasonClosed" else _named(partner, fact, config)
        for key in [key for key in running if _ends(key, fact, named)]:
            yield msgspec.structs.replace(running.pop(key), until=fact.occurred_at)
        for key, delay in named.items():
            running.setdefault(key, delay)
    for delay in running.values():
        yield msgspec.structs.replace(delay, until=left_at)


def _named(
    partner: str, fact: Fact, config: CoreConfig
) -> dict[tuple[str, str | None, str | None], Delay]:
    body = fact.body
    owner, scheme = body.get("owner") or None, body.get("scheme") or None
    out: dict[tuple[str, str | None, str | None], Delay] = {}
    for rank, part in enumerate(_APART.split(str(body.get("reason") or ""))):
        reason = coded("delay_reason", part.strip(), partner, config)
        if reason is not None:
            of = term(reason.code or reason.raw, scheme, fact.occurred_at)
            reason = Code(reason.raw, of.code or reason.code)
            said_by = cast("str | None", body.get("set_by"))
            out[reason.raw, owner, scheme] = Delay(
                reason, scheme, fact.occurred_at, None, owner, None, partner, said_by, of, rank
            )
    return out


def _ends(
    key: tuple[str, str | None, str | None], fact: Fact, named: Iterable[tuple[str, str | None, str | None]]
) -> bool:
    """Whether a running reason ends: not named by a word on the whole, closed, or another's now."""
    if fact.kind == "DelayReasonSet":
        return key not in named
    return label(key[0]) == label(str(fact.body.get("reason") or "")) and key not in named


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
