"""Every flag a line may carry, with its meaning: a doubt said aloud, never a reason to leave something out.
"""

from __future__ import annotations

from typing import Final

SPELL_FLAGS: Final = {
    "care_home_mismatch": "the care home says it can take the person back, the pathway says a placement (P3)",
    "census": "known from a census extract only; no admission was heard (domain 03 §3.9)",
    "census_conflict": "an extract lists the person after the discharge the source reported",
    "hub_only": "only the hub's list knows this stay; no hospital feed told of it yet",
    "hub_row_gone": "the row vanished from every list that had it: unknown since, never discharged",
    "inferred": "the admission is implied by later facts; it was not heard itself",
    "moved_after_discharge": "a movement dated after the discharge was left out of the stays",
    "movement_missing": "a movement or discharge starts at a place no earlier fact led to",
    "out_of_area": "the responsible council is not of this place: such people have their own list",
    "ready_conflict": "sources differ on whether the person is ready now; the strongest is shown",
    "reason_outdated": "a delay reason is of a national list that was not in force when it began",
    "readmitted": "an admission dated after the discharge reopened the spell",
    "visit_merged": "a tombstone: the visit is part of another one, where all that was said of it counts",
}
"""Made by the reduce."""

FACT_FLAGS: Final = {
    "ambiguous": "a local time happened twice (October); the earlier instant was taken",
    "charset_differs": "the bytes were not in the character set the message named",
    "consent_refused": "the person did not agree that what a charity knows is shared",
    "imprecise": "the source gave less than the hour",
    "nonexistent": "a local time never happened (March)",
    "several_numbers": "one subject came with two valid NHS numbers; neither is taken as verified",
    "BAD_DATE": "a date could not be read and counts as not said",
    "BAD_DATE_OF_BIRTH": "the date of birth could not be read and was dropped",
    "ID_REUSED": "the message id was used for other content",
    "NHS_NUMBER_INVALID": "the NHS number was refused; the local id is the key",
    "NHS_NUMBER_PLACEHOLDER": "a placeholder stood for the NHS number",
}
"""Carried by facts from the translators and shown on the spell they belong to."""

PERSON_FLAGS: Final = {
    "location_hidden": "the person's whereabouts are hidden from ordinary roles",
    "match_crowded": "more than 12 records share what would propose a match: nobody is proposed by it",
    "no_fixed_abode": "the person has no address",
    "sharing_objection": "the person objects to record sharing",
}
"""Shown on the person line beside `restricted`."""
