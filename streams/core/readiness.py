"""Readiness: a clinician's results as intervals, never computed from anything else (domain 01 §1.2-1.3).

In: criteria-to-reside assessments of the hub, the medically-fit fields of the hospital. Out: ready
intervals of the strongest source that assessed, and the discharge ready date by rules A and B.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.select import place_in_order

_RESULTS = ("meets", "no_longer_meets", None)
_FIT = frozenset({"Y", "1", "YES", "TRUE"})


class Interval(NamedTuple):
    """Ready to leave from `since` to `until` (None: still), as `source` says."""

    since: int
    until: int | None
    source: str


class Finding(NamedTuple):
    """One assessment: ready (no longer meets the criteria to reside) or not, at a time."""

    at: int
    ready: bool


def assessed(facts: Iterable[Fact]) -> dict[str, list[Finding]]:
    """Give the criteria-to-reside findings by source, oldest first.

    A result nobody can read is none; a deleted one ends what was said before it.
    """
    said: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "CriteriaToResideAssessed" and fact.body.get("result", "UNKNOWN") in _RESULTS:
            said.setdefault(fact.partner, []).append(fact)
    return {partner: _findings(facts_of) for partner, facts_of in said.items()}


def _findings(facts: list[Fact]) -> list[Finding]:
    facts.sort(key=lambda fact: (fact.occurred_at, place_in_order(fact)))
    return [Finding(fact.occurred_at, fact.body["result"] == "no_longer_meets") for fact in facts]


def medically_fit(ordered: Sequence[Fact]) -> list[Finding]:
    """Read the medically-fit fields of one source (ZU1-22/24), `ordered` in select order.

    A run of "yes" is one finding at the newest date it gives (a correction wins), else at the first
    event that said so.
    """
    findings: list[Finding] = []
    first_at: int | None = None
    given_at: int | None = None
    for fact in ordered:
        if "medically_fit" in fact.body:
            fit = str(fact.body["medically_fit"] or "").strip().upper() in _FIT
            if fit and first_at is None:
                first_at, given_at = fact.occurred_at, None
            elif not fit and first_at is not None:
                findings.append(Finding(first_at if given_at is None else given_at, ready=True))
                findings.append(Finding(fact.occurred_at, ready=False))
                first_at = None
            elif not fit and not findings:
                findings.append(Finding(fact.occurred_at, ready=False))
        if first_at is not None and "medically_fit_at" in fact.body:
            given_at = fact.body["medically_fit_at"]
    if first_at is not None:
        findings.append(Finding(first_at if given_at is None else given_at, ready=True))
    return findings


def strongest(
    findings: dict[str, list[Finding]],
    conflict: str,
    config: CoreConfig,
) -> tuple[str | None, list[Finding]]:
    """Pick the source the place trusts most among those that assessed."""
    partner = min(
        (p for p, said in findings.items() if said), key=lambda p: config.strength(conflict, p), default=None
    )
    return partner, findings[partner] if partner is not None else []


def intervals(findings: Iterable[Finding], source: str, left_at: int | None) -> tuple[Interval, ...]:
    """Turn findings into intervals.

    Re-affirmed readiness goes on; leaving hospital ends it; nothing starts after that.
    """
    out: list[Interval] = []
    since: int | None = None
    for at, ready in findings:
        if left_at is not None and at > left_at:
            break
        if ready and since is None:
            since = at
        elif not ready and since is not None:
            out.append(Interval(since, max(at, since), source))
            since = None
    if since is not None:
        out.append(Interval(since, left_at, source))
    return tuple(out)


def discharge_ready_at(ready: Sequence[Interval], *, discharged: bool) -> int | None:
    """Rule A (finished).

    Start of the final ready period. Rule B (unfinished): start of the current one (domain 01 §1.3).
    """
    if not ready or not (discharged or ready[-1].until is None):
        return None
    return ready[-1].since


def disagree(findings: dict[str, list[Finding]]) -> bool:
    """Whether sources say different things now: a conflict is kept and shown, never averaged."""
    return len({said[-1].ready for said in findings.values() if said}) > 1
