"""The national delay reasons a desk chooses from, as the 2024 specification words them (domain 01 §1.4).

The same list as the core's, which the board may not import: a test compares them.
"""

from __future__ import annotations

from typing import Final

SCHEME: Final = "adsr-2024"
"""The list the codes are of."""
REASONS: Final = (
    ("HP1", "Awaiting therapy review of need for supported discharge"),
    ("HP2", "Awaiting medical review of need for supported discharge"),
    ("HP3", "Awaiting referral to care transfer hub for supported discharge"),
    ("HP4", "Awaiting patient transport services"),
    ("HP5", "Awaiting medicines to take home, discharge letter or other discharge documentation"),
    ("HP6", "Remaining in hospital due to infection prevention and control restrictions"),
    ("HP7", "Awaiting formal decision to discharge (inc diagnostic test results)"),
    ("WB1", "Patient /family/carer concerns over discharge readiness"),
    ("WB2", "Ongoing safeguarding concern"),
    ("WB3", "Awaiting determination of mental capacity"),
    ("WB4", "Issues with discharge destination readiness"),
    ("CTH1", "Waiting for confirmation of immediate care needs and pathway"),
    ("CTH2", "Awaiting necessary referrals by care transfer hub"),
    ("CTH3", "Awaiting confirmation of funding eligibility"),
    (
        "IF1",
        "Home based rehabilitation, reablement or recovery service arrangements still underway (Pathway 1)",
    ),
    ("IF2", "Other home-based social care service arrangements still underway (Pathway 1)"),
    ("IF3", "Other home-based community health service arrangements still underway (Pathway 1)"),
    ("IF4", "Housing provision arrangement for homelessness still underway (Pathway 0 or 1)"),
    (
        "IF5",
        "Bed-based rehabilitation, reablement or recovery service arrangements still underway (Pathway 2)",
    ),
    ("IF6", "Residential/nursing home care arrangements still underway (Pathway 3)"),
    ("IF7", "End of life care inc Fast-Track CHC arrangement still underway (Pathway 1 or 3)"),
    ("IF8", "Further action requested by agreed provider"),
    ("IF9", "Homeless with no recourse to public funds"),
    ("IF10", "Self-funded care package arrangements still underway"),
    ("IF11", "Patient/family/carer choice discussions on package still underway"),
    ("IF12", "Out of area discharge arrangements requested but not completed"),
    ("CA1", "Home-based rehabilitation, reablement or recovery services not yet available (Pathway 1)"),
    ("CA2", "Other home-based social care service not yet available (Pathway 1)"),
    ("CA3", "Other home-based community health services not yet available (Pathway 1)"),
    ("CA4", "Housing provision not yet available (Pathway 0 or 1)"),
    ("CA5", "Bed-based rehabilitation, reablement or recovery services not yet available (Pathway 2)"),
    ("CA6", "Mental health admitted patient care not yet available (Pathway 2)"),
    ("CA7", "Residential/nursing home care not yet available (Pathway 3)"),
    ("CA8", "End of life care inc Fast-Track CHC not yet available (Pathway 1 or 3)"),
    ("CA9", "Housing adaptations not yet completed (Pathway 1 or 3)"),
    ("CA10", "Equipment and associated training not yet delivered (Pathway 1-3)"),
    ("CA11", "Awaiting restart of existing social care arrangements (Pathway 0)"),
)
"""(code, words)."""
OFTEN: Final = ("HP5", "HP4", "HP1", "CTH2", "IF1", "IF2", "CA2", "CA7", "WB1")
"""Those that have a digit on the page: chosen by hand, one of each kind of wait; the rest are picked."""
