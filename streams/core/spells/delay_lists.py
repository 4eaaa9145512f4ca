"""The national lists of delay reasons with their dates, and how the older ones map to the newest (domain 01
§1.4, §1.5).

In: a reason as sent, its scheme and when it began. Out: a `Term`: which list it is of, its code there, its
group and the 2024 code where only one is possible. Codes of the two older lists and the mapping are ours
([p]: not verified nationally); the wording is as published. The community list of June to September 2023 is
not held: its wording was not to be had.
"""
from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from streams.core.spells.delay_codes import DELAY_REASONS, REASONS_2024, label

ADSR_2022: Final = "adsr-2022"
ADSR_2024: Final = "adsr-2024"
COMMUNITY_2023: Final = "community-2023"


class DelayList(NamedTuple):
    """A list and the days it is in force, both included; None = still."""

    title: str
    valid_from: str
    valid_to: str | None


LISTS: Final = {
    ADSR_2024: DelayList("acute discharge situation report, 2024 specification", "2024-05-27", None),
    ADSR_2022: DelayList("acute discharge situation report, 2022 specification", "2022-05-27", "2024-05-26"),
    COMMUNITY_2023: DelayList("community discharge situation report DAPB3136", "2023-11-01", None),
}
"""In the order that decides where one wording stands on several."""


class Older(NamedTuple):
    """A reason of an older list; `to` are the 2024 codes it may mean."""

    code: str
    words: str
    to: tuple[str, ...] = ()


REASONS_2022: Final = (
    Older("A22-01", "Awaiting a medical decision/ intervention including writing the discharge summary",
          ("HP2", "HP5")),
    Older("A22-02", "Awaiting community equipment and adaptations to housing", ("CA9", "CA10")),
    Older("A22-03", "Awaiting confirmation from community hub/single point of access that referral received "
          "and actioned", ("CTH1", "CTH2")),
    Older("A22-04", "Awaiting Diagnostic test", ("HP7",)),
    Older("A22-05", "Awaiting medicines to take home", ("HP5",)),
    Older("A22-06", "Awaiting referral to community single point of access", ("HP3",)),
    Older("A22-07", "Awaiting therapy decision to discharge", ("HP1",)),
    Older("A22-08", "Awaiting transport", ("HP4",)),
    Older("A22-09", "Declared as not meeting the criteria to reside at morning board round and then later in "
          "the day meets the criteria to reside so discharge stopped"),
    Older("A22-10", "Homeless/no right of recourse to public funds/no place to discharge to",
          ("IF4", "IF9", "CA4")),
    Older("A22-11", "Individual/ family not in agreement with discharge plans", ("WB1", "IF11")),
    Older("A22-12", "No Plan"),
    Older("A22-13", "Pathway 1: awaiting availability of resource for assessment and start of care at home",
          ("CA1", "CA2", "CA3")),
    Older("A22-14", "Pathway 2: awaiting availability of rehabilitation bed in community hospital or other "
          "bedded setting", ("CA5",)),
    Older("A22-15", "Pathway 3: awaiting availability of a bed in a residential or nursing home that is "
          "likely to be a permanent placement", ("CA7",)),
    Older("A22-16", "Remains in hospital to avoid spread of infectious disease and because there is no other "
          "suitable location to discharge to", ("HP6",)),
    Older("A22-17", "Repatriation/Transfer to another acute trust for specialist treatment or ongoing "
          "treatment"),
    Older("A22-18", "Safeguarding concern preventing discharge or Court of Protection", ("WB2", "WB3")),
)
REASONS_COMMUNITY: Final = (
    Older("C23-01", "Awaiting a medical decision/intervention including writing the discharge summary",
          ("HP2", "HP5")),
    Older("C23-02", "Awaiting a therapy decision/intervention to proceed with discharge, including writing "
          "onward referrals, equipment ordering", ("HP1",)),
    Older("C23-03", "Awaiting referral to care transfer hub or receiving service", ("HP3",)),
    Older("C23-04", "Awaiting medicines to take home", ("HP5",)),
    Older("C23-05", "Awaiting transport", ("HP4",)),
    Older("C23-06", "Awaiting confirmation from care transfer hub or receiving service that referral "
          "received and actioned.", ("CTH1", "CTH2")),
    Older("C23-07", "Pathway 1: awaiting availability of resource for assessment and start of care at home "
          "(not a continuation of rehabilitation, recovery and reablement)", ("CA2", "CA3")),
    Older("C23-08", "Pathway 1: Awaiting availability of resource for continuation of rehabilitation, "
          "reablement and recovery at home", ("CA1",)),
    Older("C23-09", "Pathway 2: awaiting availability of another rehabilitation, reablement and recovery bed "
          "in a community bedded setting", ("CA5",)),
    Older("C23-10", "Pathway 3: awaiting availability of a bed in a residential or nursing home that is "
          "likely to be a permanent placement", ("CA7",)),
    Older("C23-11", "Pathway 3: awaiting availability of a bed in a residential or nursing home for "
          "end-of-life care.", ("CA8",)),
    Older("C23-12", "Awaiting equipment and adaptations to housing", ("CA9", "CA10")),
    Older("C23-13", "Individual/family not in agreement with discharge plans", ("WB1", "IF11")),
    Older("C23-14", "Homeless/no right of recourse to public funds/no place to discharge to/lack of housing "
          "offers when previous residence no longer suitable", ("IF4", "IF9", "CA4")),
    Older("C23-15", "Safeguarding concern preventing discharge or Court of Protection", ("WB2", "WB3")),
    Older("C23-16", "Awaiting readmission to an acute trust"),
    Older("C23-17", "No Plan"),
    Older("C23-18", "Awaiting Diagnostic test", ("HP7",)),
    Older("C23-19", "Remains in non-specialist Community bed to avoid spread of infectious disease and "
          "because there is no other suitable location to discharge to", ("HP6",)),
    Older("C23-20", "Awaiting outcome of decision for CHC funding", ("CTH3",)),
)


class Term(NamedTuple):
    """A reason as a national list has it; all None where none does."""

    code: str | None = None
    list: str | None = None
    group: str | None = None
    code_2024: str | None = None
    in_force: bool = True
    """Whether its list was in force when the reason began."""


_DAY_US: Final = 86_400_000_000
_GROUP: Final = {reason.code: reason.group for reason in REASONS_2024}


def _spelt(name: str, reasons: tuple[Older, ...]) -> dict[str, Term]:
    return {
        spelling: Term(reason.code, name, _group(reason.to), reason.to[0] if len(reason.to) == 1 else None)
        for reason in reasons
        for spelling in (label(reason.code), label(reason.words))
    }


def _group(codes: tuple[str, ...]) -> str | None:
    """The group that all possible codes share; none where they do not."""
    groups = {_GROUP[code] for code in codes}
    return groups.pop() if len(groups) == 1 else None


TERMS: Final[dict[str, dict[str, Term]]] = {
    ADSR_2024: {
        spelling: Term(code, ADSR_2024, _GROUP[code], code) for spelling, code in DELAY_REASONS.items()
    },
    ADSR_2022: _spelt(ADSR_2022, REASONS_2022),
    COMMUNITY_2023: _spelt(COMMUNITY_2023, REASONS_COMMUNITY),
}
"""List -> letters and digits of a code or wording -> term."""


def term(raw: str, scheme: str | None, since: int) -> Term:
    """The term of a reason that began at `since` (µs); see `_term`."""
    return _term(raw, scheme, since // _DAY_US)


@lru_cache(maxsize=16_384)
def _term(raw: str, scheme: str | None, days: int) -> Term:
    """The term of a reason: of the list its scheme names, else of an acute one; the community's where no
    other has the wording.
    """
    spelling = label(raw)
    found = [name for name, terms in TERMS.items() if spelling in terms]
    if not found:
        return Term()
    named = scheme_of(scheme)
    day = _day(days)
    best = min(found, key=lambda name: (name != named, name == COMMUNITY_2023, not _valid(name, day)))
    return TERMS[best][spelling]._replace(in_force=_valid(best, day))


def scheme_of(scheme: str | None) -> str | None:
    """The list a scheme as sent names, if it says enough."""
    text = label(scheme or "")
    if "community" in text or "dapb3136" in text:
        return COMMUNITY_2023
    return ADSR_2022 if "2022" in text else ADSR_2024 if "2024" in text else None


def _valid(name: str, day: str) -> bool:
    held = LISTS[name]
    return held.valid_from <= day and (held.valid_to is None or day <= held.valid_to)


def _day(days: int) -> str:
    try:
        return (date(1970, 1, 1) + timedelta(days=days)).isoformat()
    except OverflowError:
        return "9999-12-31"
