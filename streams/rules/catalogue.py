"""Every rule, about a person's transfer and about a place. One more is a file of its own, a line here, a
runbook and a table.

Rules about feeds, matches and parked records are not here yet (docs/alerts.md says which).
"""

from __future__ import annotations

from typing import Final

from streams.core.alerts.places import PlaceRule
from streams.core.alerts.sweep import Rule
from streams.rules import (
    care_home_mismatch,
    death_stated,
    discharged_without_start,
    fast_track_no_start,
    opel_worsening,
    outbreak,
    package_holder_admitted,
    package_lapsing,
    ready_not_referred,
    referred_not_acknowledged,
    short_of_beds,
    start_overtaken,
    told_no_longer_true,
)

RULES: Final[tuple[Rule, ...]] = (
    care_home_mismatch.RULE,
    death_stated.RULE,
    discharged_without_start.RULE,
    fast_track_no_start.RULE,
    package_holder_admitted.RULE,
    package_lapsing.RULE,
    ready_not_referred.RULE,
    referred_not_acknowledged.RULE,
    start_overtaken.RULE,
    told_no_longer_true.RULE,
)
PLACE_RULES: Final[tuple[PlaceRule, ...]] = (opel_worsening.RULE, outbreak.RULE, short_of_beds.RULE)
