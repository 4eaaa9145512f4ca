"""The national lists of discharge destinations by version, to a pathway and a group (domain 01 §1.4, §1.5),
and which list of destination codes a code is of (domain 04 §4.6).

In: a destination as sent. Out: a `Destination`. Codes D1 to D8 are as suggested for 2024, those of the older
lists ours ([p]). Meaning moved between versions (returning residents were P3b and are P0 or P1; a hospice was
P2 and may be P1, P2 or P3): where it did there is no 2024 pathway, nothing is guessed.
"""
from __future__ import annotations

from typing import Final, NamedTuple

from streams.core.spells.delay_codes import label
from streams.core.spells.delay_lists import ADSR_2022, ADSR_2024, COMMUNITY_2023, scheme_of

_HOME, _TEMPORARY, _CARE_HOME, _HOSPICE = "home", "temporary", "care_home", "hospice"


class Destination(NamedTuple):
    """A destination as a national list has it; all None where none does."""

    code: str | None = None
    list: str | None = None
    pathway: str | None = None
    """As its own list means it; P3b is of the older lists."""
    pathway_2024: str | None = None
    group: str | None = None


_Row = tuple[str, str, str, str | None, str | None]
"""Code, wording, pathway, 2024 pathway, group."""

_2024: Final[tuple[_Row, ...]] = (
    ("D1", ("Pathway 0: Discharge to a domestic home, hotel, or other temporary accommodation without the "
     "need for new/increased care or support from health and social care"), "P0", "P0", _HOME),
    ("D2", ("Pathway 0: Discharge back to an original care home placement when the care home has confirmed "
     "they can continue to meet the person’s needs with the same level of support"), "P0", "P0", _CARE_HOME),
    ("D3", ("Pathway 1: Discharge to a domestic home, hotel, or other temporary accommodation, or hospice at "
     "home with rehabilitation, reablement and recovery"), "P1", "P1", _HOME),
    ("D4", ("Pathway 1: Discharge to a domestic home, hotel, or other temporary accommodation, or hospice at "
     "home with other new/additional support (eg end of life care)"), "P1", "P1", _HOME),
    ("D5", ("Pathway 1: Discharge back to original care home placement with rehabilitation, reablement and "
     "recovery or with an increased level of support"), "P1", "P1", _CARE_HOME),
    ("D6", "Pathway 2: Short-term bed/hospice for rehabilitation, reablement and recovery / end of life care",
     "P2", "P2", None),
    ("D7", "Pathway 3: Discharge to a care home as a new admission", "P3", "P3", _CARE_HOME),
    ("D8", "Pathway 3: Discharge to a care home/hospice as a new admission for end-of-life care", "P3", "P3",
     _CARE_HOME),
)
_2022: Final[tuple[_Row, ...]] = (
    ("E22-01", "P0 - Domestic home without reablement support", "P0", "P0", _HOME),
    ("E22-02", "P0 - Other without reablement support", "P0", "P0", None),
    ("E22-03", "P1 - Domestic home with reablement support", "P1", "P1", _HOME),
    ("E22-04", "P1 - Other with reablement support", "P1", "P1", None),
    ("E22-05", "P1 - Hotel with reablement support", "P1", "P1", _TEMPORARY),
    ("E22-06", "P2 - Care Home (24hr support)", "P2", "P2", _CARE_HOME),
    ("E22-07", "P2 - Designated Setting (isolation before moving to care home)", "P2", "P2", None),
    ("E22-08", "P2 - Hospice (24hr support)", "P2", None, _HOSPICE),
    ("E22-09", "P2 - Community Rehab Setting (24hr support)", "P2", "P2", None),
    ("E22-10", "P3 - Care Home (new admission, likely permanent)", "P3", "P3", _CARE_HOME),
    ("E22-11", "P3b - Care Home (existing resident discharged back)", "P3b", None, _CARE_HOME),
    ("E22-12", "P3b - Designated Setting (isolation before moving to care home as a new admission)", "P3b",
     None, None),
)
_COMMUNITY: Final[tuple[_Row, ...]] = (
    ("F23-01", "P0 - Domestic home, no new support need", "P0", "P0", _HOME),
    ("F23-02", "P0 - Other, no new support need", "P0", "P0", None),
    ("F23-03", "P1 - Domestic home or setting to continute with rehabilitation, reablement, and recovery",
     "P1", "P1", _HOME),
    ("F23-04", ("P1 - Domestic home or setting with a new care package to manage ongoing, long term care "
     "needs"), "P1", "P1", _HOME),
    ("F23-05", ("P1 - Hotel or other temporary accomodation to continue rehabilitation, reablement and "
     "recovery"), "P1", "P1", _TEMPORARY),
    ("F23-06", ("P1 - Hotel or other temporary accomodation with a new care package to manage ongoing, long "
     "term care needs"), "P1", "P1", _TEMPORARY),
    ("F23-07", ("P1 - Hospice at home to continue with rehabilitation, reablement and recovery and "
     "end-of-life care"), "P1", "P1", _HOME),
    ("F23-08", "P1 - Hospice at home for End-of-Life care", "P1", "P1", _HOME),
    ("F23-09", "P2 - Hospice for end-of-life care", "P2", None, _HOSPICE),
    ("F23-10", "P2 - Another pathway 2 bed to continue with rehabilitation, reablement and recovery", "P2",
     "P2", None),
    ("F23-11", ("P2 - homeless hostel or extra care facility to continue with rehabilitation, reablement and "
     "recovery"), "P2", "P2", _TEMPORARY),
    ("F23-12", "P3 - Care Home (new admission, likely permanent)", "P3", "P3", _CARE_HOME),
    ("F23-13", ("P3 - Discharge from rehabilitation, reablement and recovery services as a new admission to "
     "a care home for end-of-life care"), "P3", "P3", _CARE_HOME),
    ("F23-14", "P3b - Care Home (existing resident discharged back)", "P3b", None, _CARE_HOME),
)
BY_LIST: Final = {ADSR_2024: _2024, ADSR_2022: _2022, COMMUNITY_2023: _COMMUNITY}
"""In the order that decides where one wording stands on several and no scheme is said."""
_TERMS: Final = {
    name: {
        spelling: Destination(code, name, pathway, pathway_2024, group)
        for code, words, pathway, pathway_2024, group in rows
        for spelling in (label(code), label(words))
    }
    for name, rows in BY_LIST.items()
}

_OLD_ONLY: Final = frozenset({"38", "54", "65", "85"})
_NEW_ONLY: Final = frozenset({"40", "42", "55", "56", "89"})


def destination(raw: str, scheme: str | None) -> Destination:
    """The destination of a wording or code: of the list its scheme names, else of the newest that has it."""
    spelling, named = label(raw), scheme_of(scheme)
    found = [name for name, terms in _TERMS.items() if spelling in terms]
    if not found:
        return Destination()
    return _TERMS[named if named in found else found[0]][spelling]


def code_list(code: str | None) -> str | None:
    """Which list of PV1-37 codes a code is of: `old`, `new`, or `both`; None where it is of none."""
    if code is None:
        return None
    return "old" if code in _OLD_ONLY else "new" if code in _NEW_ONLY else "both"
