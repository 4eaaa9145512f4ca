"""Each scenario kills the mutants it names, and the clean program passes in the same breath: a check that
cannot fail is no check (design.md §11).
"""

from __future__ import annotations

import pytest

from tests.scenarios.mutants import MUTANTS
from tests.scenarios.scenario import comparable, load, names

KILLS = [(scenario, mutant) for scenario in names() for mutant in load(scenario).kills]


@pytest.mark.parametrize(("scenario", "mutant"), KILLS)
def test_the_scenario_kills_the_mutant(scenario: str, mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = load(scenario)
    expected = comparable(told.expected)
    assert comparable(told.replayed(), told.expected) == expected, "the clean program"
    MUTANTS[mutant](monkeypatch)
    assert comparable(told.replayed(), told.expected) != expected, f"{mutant} survives"
    monkeypatch.undo()
    assert comparable(told.replayed(), told.expected) == expected, "the mutant was not undone"


def test_every_scenario_kills_a_mutant_of_its_own() -> None:
    killers = {mutant: [s for s, m in KILLS if m == mutant] for _, mutant in KILLS}
    without = [s for s in names() if not any(killers[m] == [s] for m in load(s).kills)]
    assert without == []


def test_every_mutant_is_mapped_to_a_scenario() -> None:
    assert sorted({mutant for _, mutant in KILLS}) == sorted(MUTANTS)
