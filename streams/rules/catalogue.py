"""Every rule: about a person's transfer, about a place, about feeds, matches and parked records. One more is
a file of its own, a line here, a runbook and a table.
"""

from __future__ import annotations

from typing import Final

from streams.core.alerts.places import PlaceRule
from streams.core.alerts.sweep import Rule
from streams.rules import (
    care_home_mismatch,
    death_stated,
    discharged_without_start,
    duty_to_refer,
    fast_track_no_start,
    feed_rejects_rising,
    first_visit_late,
    leaving_not_ready,
    leaving_to_street,
    match_waiting,
    no_owner,
    opel_worsening,
    outbreak,
    package_holder_admitted,
    package_lapsing,
    ready_not_referred,
    reason_unchanged,
    record_parked,
    referred_not_acknowledged,
    resident_admitted,
    short_of_beds,
    source_silent,
    start_before_discharge,
    start_overtaken,
    summary_not_received,
    support_waiting,
    told_no_longer_true,
    visit_before_discharge,
)

RULES: Final[tuple[Rule, ...]] = (
    care_home_mismatch.RULE,
    death_stated.RULE,
    discharged_without_start.RULE,
    duty_to_refer.RULE,
    fast_track_no_start.RULE,
    first_visit_late.RULE,
    leaving_not_ready.RULE,
    leaving_to_street.RULE,
    no_owner.RULE,
    package_holder_admitted.RULE,
    package_lapsing.RULE,
    ready_not_referred.RULE,
    reason_unchanged.RULE,
    referred_not_acknowledged.RULE,
    resident_admitted.RULE,
    start_before_discharge.RULE,
    start_overtaken.RULE,
    summary_not_received.RULE,
    support_waiting.RULE,
    told_no_longer_true.RULE,
    visit_before_discharge.RULE,
)
WATCH_RULES: Final[tuple[PlaceRule, ...]] = (
    feed_rejects_rising.RULE,
    match_waiting.RULE,
    record_parked.RULE,
    source_silent.RULE,
)
"""About feeds, matches and parked records, for the workers of the group `watch`."""
PLACE_RULES: Final[tuple[PlaceRule, ...]] = (opel_worsening.RULE, outbreak.RULE, short_of_beds.RULE)
