"""Where to and when: pathway, expected discharge and destination as planned, with who said what before
(domain 01 §1.1, §1.4, domain 08).

In: the sources' accounts of a visit, hub facts. Out: what the strongest source says now, and histories of
every change of every source. A correction of one moment is no change; a source that deleted its word says
none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from schemas.fact import Fact
from streams.core.codes import Code, coded
from streams.core.config import CoreConfig
from streams.core.facts.select import in_time, place_in_order
from streams.core.spells.destination_lists import Destination, destination
from streams.core.spells.visit import Visit


class PathwayStep(NamedTuple):
    """A pathway as a source set it; None = it took its word back."""

    stage: str
    pathway: Code | None
    at: int
    source: str
    set_by: str | None


class ExpectedStep(NamedTuple):
    """An expected discharge as a source set it."""

    expected_at: int | None
    at: int
    source: str
    set_by: str | None


class Planned(NamedTuple):
    """Where the person is to go, as the strongest source says."""

    raw: str
    scheme: str | None
    term: Destination
    source: str
    at: int
    set_by: str | None


def expected_discharge(visits: Sequence[Visit], said: Sequence[Fact], config: CoreConfig) -> int | None:
    """The expected discharge of the strongest source that says one."""
    by_source: dict[str, int | None] = {visit.partner: _expected_by_visit(visit) for visit in visits}
    by_source.update(
        (fact.partner, fact.body.get("expected_discharge_at"))
        for fact in _by_time(said, "ExpectedDischargeSet")
    )
    ranked = sorted(by_source, key=lambda partner: config.strength("expected_discharge", partner))
    return next((at for partner in ranked if (at := by_source[partner]) is not None), None)


def _expected_by_visit(visit: Visit) -> int | None:
    pending = visit.pending.standing
    for fact in reversed(visit.ordered):
        field = "expected_at" if fact is pending else "expected_discharge_at"
        if field in fact.body:
            return cast("int | None", fact.body[field])
    return None


def expected_history(visits: Sequence[Visit], facts: Sequence[Fact]) -> tuple[ExpectedStep, ...]:
    """Every change of the expected discharge, oldest first; `facts` are all hub facts of the spell."""
    said = [
        ExpectedStep(fact.body[_field(fact, visit)], fact.occurred_at, visit.partner, None)
        for visit in visits
        for fact in _at_each_moment([fact for fact in visit.ordered if _field(fact, visit)])
    ]
    said += [
        ExpectedStep(
            fact.body.get("expected_discharge_at"), fact.occurred_at, fact.partner, fact.body.get("set_by")
        )
        for fact in _at_each_moment(_by_time(facts, "ExpectedDischargeSet"))
    ]
    said.sort(key=lambda step: (step.at, step.source))
    newest: dict[str, int | None] = {}
    out: list[ExpectedStep] = []
    for step in said:
        if newest.get(step.source) != step.expected_at:
            out.append(step)
        newest[step.source] = step.expected_at
    return tuple(out)


def _field(fact: Fact, visit: Visit) -> str:
    """Where a hospital fact says an expected discharge; an announcement taken back says none."""
    if fact.kind == "DischargePending":
        return "expected_at" if "expected_at" in fact.body and fact is visit.pending.standing else ""
    return "expected_discharge_at" if "expected_discharge_at" in fact.body else ""


def pathway(stage: str, said: Sequence[Fact], config: CoreConfig) -> Code | None:
    """The pathway of the strongest source that says one for a stage."""
    history = sorted(
        (f for f in said if f.kind == "PathwaySet" and f.body.get("stage") == stage), key=place_in_order
    )
    newest = {fact.partner: fact for fact in history}
    codes = {
        partner: code
        for partner, fact in newest.items()
        if (code := coded("pathway", fact.body.get("pathway"), partner, config))
    }
    best = min(codes, key=lambda partner: config.strength("pathway", partner), default=None)
    return codes[best] if best is not None else None


def pathway_history(facts: Sequence[Fact], config: CoreConfig) -> tuple[PathwayStep, ...]:
    """Every change of a pathway, oldest first; `facts` are all hub facts of the spell."""
    newest: dict[tuple[str, str], Code | None] = {}
    out: list[PathwayStep] = []
    for fact in _at_each_moment(_by_time(facts, "PathwaySet")):
        stage = fact.body.get("stage")
        if stage not in ("expected", "confirmed"):
            continue
        code = coded("pathway", fact.body.get("pathway"), fact.partner, config)
        if newest.get((fact.partner, stage)) != code:
            out.append(PathwayStep(stage, code, fact.occurred_at, fact.partner, fact.body.get("set_by")))
        newest[fact.partner, stage] = code
    out.sort(key=lambda step: (step.at, step.stage == "confirmed", step.source))
    return tuple(out)


def planned_destination(said: Sequence[Fact], config: CoreConfig) -> Planned | None:
    """Where to, as the strongest source says now; at = since it says so."""
    now: dict[str, Planned | None] = {}
    for fact in _by_time(said, "DestinationSet"):
        raw, scheme = fact.body.get("destination"), fact.body.get("scheme")
        before = now.get(fact.partner)
        if before is None or (before.raw, before.scheme) != (raw, scheme):
            term = destination(str(raw or ""), scheme)
            now[fact.partner] = (
                Planned(raw, scheme, term, fact.partner, fact.occurred_at, fact.body.get("set_by"))
                if raw
                else None
            )
    plans = [plan for plan in now.values() if plan]
    return min(plans, key=lambda plan: config.strength("destination", plan.source), default=None)


def _by_time(facts: Iterable[Fact], kind: str) -> list[Fact]:
    return sorted(
        (fact for fact in facts if fact.kind == kind),
        key=in_time,
    )


def _at_each_moment(facts: Sequence[Fact]) -> list[Fact]:
    """Of what one source said of one thing at one moment, the last recorded; in time order."""
    if not facts:
        return []
    last = {
        (fact.partner, fact.kind, fact.body.get("stage"), fact.occurred_at): fact
        for fact in sorted(facts, key=place_in_order)
    }
    return sorted(last.values(), key=in_time)
