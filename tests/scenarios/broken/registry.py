"""Mutants: the program with one rule broken, each by one small replacement. A scenario names in its story the
mutants it kills: its expected lines must differ under each of them.

In: pytest's monkeypatch. Out: a program that is wrong in one named way until the fixture undoes it. Never a
setting.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

Patch = pytest.MonkeyPatch
Mutant = Callable[[Patch], None]

MUTANTS: dict[str, Mutant] = {}
"""By name; filled by the modules of this folder that break something."""


def mutant(name: str) -> Callable[[Mutant], Mutant]:
    """Enter a mutant under its name."""

    def enter(apply: Mutant) -> Mutant:
        assert name not in MUTANTS
        MUTANTS[name] = apply
        return apply

    return enter
