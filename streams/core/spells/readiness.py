"""Readiness: a clinician's results as intervals, never computed from anything else (domain 01 §1.2-1.3).

In: criteria-to-reside assessments, a mental-health clinician's "clinically ready", the medically-fit fields
of the hospital. Out: ready intervals of the strongest source that assessed, whatever it assessed by, and the
discharge ready date by rules A and B.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.select import in_time

CRITERIA, CLINICALLY_READY, MEDICALLY_FIT = "criteria_to_reside", "clinically_ready", "medically_fit"
BASES: Final = (CRITERIA, CLINICALLY_READY, MEDICALLY_FIT)
"""What a source assessed by, strongest first where one source has several."""
_RESULTS: Final = {
    "CriteriaToResideAssessed": (CRITERIA, {"meets": False, "no_longer_meets": True, None: False}),
    "ClinicallyReadyAssessed": (CLINICALLY_READY, {"not_ready": False, "ready": True, None: False}),
}
"""Kind -> basis, and result -> ready."""
_FIT = frozenset({"Y", "1", "YES", "TRUE"})


class Interval(NamedTuple):
    """Ready to leave from `since` to `until` (None: still), as `source` says."""

    since: int
    until: int | None
    source: str
    basis: str = CRITERIA


class Finding(NamedTuple):
    """One assessment: ready or not, at a time."""

    at: int
    ready: bool
    recorded_at: int = 0


Findings = dict[tuple[str, str], list[Finding]]
"""(Source, basis) -> findings, oldest first."""


def assessed(facts: Iterable[Fact]) -> Findings:
    """Give the findings of clinicians by source and basis, oldest first.

    A result nobody can read is none; a deleted one ends what was said before it.
    """
    said: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        if fact.kind in _RESULTS:
            basis, results = _RESULTS[fact.kind]
            if fact.body.get("result", "UNKNOWN") in results:
                said.setdefault((fact.partner, basis), []).append(fact)
    return {name: _findings(facts_of) for name, facts_of in said.items()}


def _findings(facts: list[Fact]) -> list[Finding]:
    facts.sort(key=in_time)
    return [
        Finding(fact.occurred_at, _RESULTS[fact.kind][1][fact.body["result"]], fact.recorded_at)
        for fact in facts
    ]


def medically_fit(ordered: Sequence[Fact]) -> list[Finding]:
    """Read the medically-fit fields of one source (ZU1-22/24), `ordered` in select order.

    A run of "yes" is one finding at the newest date it gives (a correction wins), else at the first
    event that said so.
    """
    findings: list[Finding] = []
    first_at: int | None = None
    given_at: int | None = None
    written = 0
    for fact in ordered:
        if "medically_fit" in fact.body:
            fit = str(fact.body["medically_fit"] or "").strip().upper() in _FIT
            if fit and first_at is None:
                first_at, given_at, written = fact.occurred_at, None, fact.recorded_at
            elif not fit and first_at is not None:
                findings.append(Finding(first_at if given_at is None else given_at, True, written))
                findings.append(Finding(fact.occurred_at, False, fact.recorded_at))
                first_at = None
            elif not fit and not findings:
                findings.append(Finding(fact.occurred_at, False, fact.recorded_at))
        if first_at is not None and "medically_fit_at" in fact.body:
            given_at = fact.body["medically_fit_at"]
    if first_at is not None:
        findings.append(Finding(first_at if given_at is None else given_at, True, written))
    return findings


def strongest(
    findings: Findings, conflict: str, config: CoreConfig
) -> tuple[tuple[str, str] | None, list[Finding]]:
    """Pick the source the place trusts most among those that assessed, and its strongest basis."""
    name = min(
        (name for name, said in findings.items() if said),
        key=lambda name: (config.strength(conflict, name[0]), BASES.index(name[1])),
        default=None,
    )
    return name, findings[name] if name is not None else []


def intervals(
    findings: Iterable[Finding], name: tuple[str, str], left_at: int | None
) -> tuple[Interval, ...]:
    """Turn findings into intervals.

    Re-affirmed readiness goes on; leaving hospital ends it; nothing starts after that.
    """
    out: list[Interval] = []
    since: int | None = None
    for at, ready, _ in findings:
        if left_at is not None and at > left_at:
            break
        if ready and since is None:
            since = at
        elif not ready and since is not None:
            out.append(Interval(since, max(at, since), *name))
            since = None
    if since is not None:
        out.append(Interval(since, left_at, *name))
    return tuple(out)


def discharge_ready_at(ready: Sequence[Interval], *, discharged: bool) -> int | None:
    """Rule A (finished).

    Start of the final ready period. Rule B (unfinished): start of the current one (domain 01 §1.3).
    """
    if not ready or not (discharged or ready[-1].until is None):
        return None
    return ready[-1].since


def disagree(findings: Findings) -> bool:
    """Whether sources say different things now: a conflict is kept and shown, never averaged."""
    return len({said[-1].ready for said in findings.values() if said}) > 1
