"""Mutants of care packages around a stay, and of the clocks that guidance sets."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from streams.core.spells.spell import Spell
from streams.core.transfer import in_hospital
from streams.core.transfer import join as transfer
from streams.core.transfer.packages import Holder, Package
from tests.scenarios.broken.registry import Patch, mutant


@mutant("an attendance is an admission")
def attendance_admits(patch: Patch) -> None:
    real = in_hospital._holder

    def holder(package: Package, spells: Sequence[Spell]) -> Holder | None:
        return real(package, [msgspec.structs.replace(spell, status="admitted") for spell in spells])

    patch.setattr(in_hospital, "ordinary", lambda spell: True)
    patch.setattr(in_hospital, "_holder", holder)


@mutant("nothing ever lapses")
def nothing_lapses(patch: Patch) -> None:
    patch.setattr(in_hospital, "DAY_US", in_hospital.DAY_US * 1000)


@mutant("nobody comes back")
def nobody_comes_back(patch: Patch) -> None:
    patch.setattr(in_hospital, "readmitted", lambda *_: False)


@mutant("the fast track has no clock")
def no_fast_track(patch: Patch) -> None:
    patch.setattr(transfer, "priority_of", lambda *_: None)


@mutant("nobody is owed a referral")
def no_referral(patch: Patch) -> None:
    patch.setattr(transfer, "duty_to_refer", lambda *_: None)


@mutant("a regular day is an admission")
def regular_days_count(patch: Patch) -> None:
    patch.setattr(in_hospital, "ordinary", lambda spell: spell.patient_class is not None)
