"""Every mutant there is (see `broken/registry.py`): importing the modules enters theirs."""

from __future__ import annotations

from tests.scenarios.broken import asked, care, folding, identity, plan, reading, visiting, waiting_care
from tests.scenarios.broken.registry import MUTANTS, Mutant, Patch

MODULES = (reading, identity, folding, care, plan, asked, waiting_care, visiting)
__all__ = ["MODULES", "MUTANTS", "Mutant", "Patch"]
