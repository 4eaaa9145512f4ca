"""Every mutant there is (see `broken/registry.py`): importing the modules enters theirs."""

from __future__ import annotations

from tests.scenarios.broken import (
    alerting,
    asked,
    care,
    figures,
    folding,
    identity,
    plan,
    privacy,
    reading,
    visiting,
    waiting_care,
)
from tests.scenarios.broken.registry import MUTANTS, Mutant, Patch

MODULES = (
    alerting, reading, identity, folding, care, plan, asked, waiting_care, visiting, privacy, figures,
)
__all__ = ["MODULES", "MUTANTS", "Mutant", "Patch"]
