"""Mutants of the plan and of the dates it is measured by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.fact import Fact
from streams.core.spells import care, coverage, plan, readiness
from tests.scenarios.broken.registry import Patch, mutant


@mutant("clinically ready is nothing")
def clinically_ready_is_nothing(patch: Patch) -> None:
    patch.delitem(readiness._RESULTS, "ClinicallyReadyAssessed")


@mutant("a date filled in at leaving is believed")
def defaults_believed(patch: Patch) -> None:
    patch.setattr(coverage, "_defaulted", lambda *_: False)


@mutant("nobody is left out")
def nobody_left_out(patch: Patch) -> None:
    patch.setattr(coverage, "applies", lambda *_: False)


@mutant("the plan has no past")
def no_past(patch: Patch) -> None:
    real = care.pathway_history
    patch.setattr(care, "pathway_history", lambda *said: real(*said)[-1:])


@mutant("an emptied date stays")
def emptied_date_stays(patch: Patch) -> None:
    real = plan._by_time

    def by_time(facts: Sequence[Fact], kind: str) -> list[Fact]:
        return [fact for fact in real(facts, kind) if fact.body.get("expected_discharge_at", "") is not None]

    patch.setattr(plan, "_by_time", by_time)


@mutant("old destinations mean today's")
def old_is_new(patch: Patch) -> None:
    real = plan.destination

    def destination(*said: Any) -> Any:
        term = real(*said)
        return term._replace(pathway_2024=term.pathway)

    patch.setattr(plan, "destination", destination)
