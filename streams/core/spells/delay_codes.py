"""The national delay reasons of the 2024 specification (domain 01 §1.4).

37 stable codes, their groups and wording.
"""
from __future__ import annotations

from typing import Final, NamedTuple


class DelayReason(NamedTuple):
    """One reason for discharge delay, worded as published."""

    code: str
    group: str
    words: str


REASONS_2024: Final = (
    DelayReason("HP1", "hospital_process", "Awaiting therapy review of need for supported discharge"),
    DelayReason("HP2", "hospital_process", "Awaiting medical review of need for supported discharge"),
    DelayReason("HP3", "hospital_process", "Awaiting referral to care transfer hub for supported discharge"),
    DelayReason("HP4", "hospital_process", "Awaiting patient transport services"),
    DelayReason(
        "HP5", "hospital_process",
        "Awaiting medicines to take home, discharge letter or other discharge documentation",
    ),
    DelayReason(
        "HP6", "hospital_process",
        "Remaining in hospital due to infection prevention and control restrictions",
    ),
    DelayReason(
        "HP7", "hospital_process",
        "Awaiting formal decision to discharge (inc diagnostic test results)",
    ),
    DelayReason("WB1", "wellbeing", "Patient /family/carer concerns over discharge readiness"),
    DelayReason("WB2", "wellbeing", "Ongoing safeguarding concern"),
    DelayReason("WB3", "wellbeing", "Awaiting determination of mental capacity"),
    DelayReason("WB4", "wellbeing", "Issues with discharge destination readiness"),
    DelayReason("CTH1", "hub_process", "Waiting for confirmation of immediate care needs and pathway"),
    DelayReason("CTH2", "hub_process", "Awaiting necessary referrals by care transfer hub"),
    DelayReason("CTH3", "hub_process", "Awaiting confirmation of funding eligibility"),
    DelayReason(
        "IF1", "interface",
        "Home based rehabilitation, reablement or recovery service arrangements still underway (Pathway 1)",
    ),
    DelayReason(
        "IF2", "interface",
        "Other home-based social care service arrangements still underway (Pathway 1)",
    ),
    DelayReason(
        "IF3", "interface",
        "Other home-based community health service arrangements still underway (Pathway 1)",
    ),
    DelayReason(
        "IF4", "interface",
        "Housing provision arrangement for homelessness still underway (Pathway 0 or 1)",
    ),
    DelayReason(
        "IF5", "interface",
        "Bed-based rehabilitation, reablement or recovery service arrangements still underway (Pathway 2)",
    ),
    DelayReason("IF6", "interface", "Residential/nursing home care arrangements still underway (Pathway 3)"),
    DelayReason(
        "IF7", "interface",
        "End of life care inc Fast-Track CHC arrangement still underway (Pathway 1 or 3)",
    ),
    DelayReason("IF8", "interface", "Further action requested by agreed provider"),
    DelayReason("IF9", "interface", "Homeless with no recourse to public funds"),
    DelayReason("IF10", "interface", "Self-funded care package arrangements still underway"),
    DelayReason("IF11", "interface", "Patient/family/carer choice discussions on package still underway"),
    DelayReason("IF12", "interface", "Out of area discharge arrangements requested but not completed"),
    DelayReason(
        "CA1", "capacity",
        "Home-based rehabilitation, reablement or recovery services not yet available (Pathway 1)",
    ),
    DelayReason("CA2", "capacity", "Other home-based social care service not yet available (Pathway 1)"),
    DelayReason(
        "CA3", "capacity",
        "Other home-based community health services not yet available (Pathway 1)",
    ),
    DelayReason("CA4", "capacity", "Housing provision not yet available (Pathway 0 or 1)"),
    DelayReason(
        "CA5", "capacity",
        "Bed-based rehabilitation, reablement or recovery services not yet available (Pathway 2)",
    ),
    DelayReason("CA6", "capacity", "Mental health admitted patient care not yet available (Pathway 2)"),
    DelayReason("CA7", "capacity", "Residential/nursing home care not yet available (Pathway 3)"),
    DelayReason("CA8", "capacity", "End of life care inc Fast-Track CHC not yet available (Pathway 1 or 3)"),
    DelayReason("CA9", "capacity", "Housing adaptations not yet completed (Pathway 1 or 3)"),
    DelayReason("CA10", "capacity", "Equipment and associated training not yet delivered (Pathway 1-3)"),
    DelayReason("CA11", "capacity", "Awaiting restart of existing social care arrangements (Pathway 0)"),
)

PREFIXES: Final = {
    "hospital_process": "hospitalprocess", "wellbeing": "wellbeingconcerns",
    "hub_process": "caretransferhubprocess",
    "interface": "interfaceprocess", "capacity": "capacity",
}
"""How the published files begin a reason's label, letters and digits only."""


def label(text: str) -> str:
    """Reduce a label to its letters and digits: the files mix dashes, spacing and case (domain 01 §1.4)."""
    return "".join(character for character in text.casefold() if character.isalnum())


DELAY_REASONS: Final = {
    spelling: reason.code
    for reason in REASONS_2024
    for spelling in (label(reason.code), label(reason.words), PREFIXES[reason.group] + label(reason.words))
}
"""Letters and digits of a code, of its wording, or of "<group> - <wording>" -> code."""
