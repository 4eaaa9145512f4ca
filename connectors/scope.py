"""Scope before persist: may we hold this message at all? (design.md §7, IG-27)

In: what a kind reads from MSH, PV1 and PID-7 alone, and the partner's allow-list. Out: "" in scope, else a
class to count by; never a value of the message. Default deny: an axis the partner does not open lets nothing
through, and a visit event without a visit passes only where everything does. An unknown age passes among
adults, because a person brought in without a name has none and is an adult by the ward they lie on, unless
that ward is a children's; among children it does not. A place is of one or the other (IG-24, docs/adr/0009).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Final

from connectors.message import Translation
from runtime.place import Scope

ANY: Final = "*"
AGE: Final = "age"
OUT_OF_SCOPE: Final = "out of scope"
CHILDRENS: Final = frozenset({"420", "422", "424", "711"})
"""Treatment functions of children alone: paediatrics, neonatology, well babies, CAMHS (domain 04 §4.7)."""
_CLASSES: Final = frozenset("BCEINOPRUW")
"""PV1-2, HL7 table 0004 as ITK has it; anything else is counted as `class other`."""


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """What scope is judged on. Read, judged and forgotten; nothing here is kept when the message is out."""

    sender: str = ""
    """MSH-4."""
    person_event: bool = False
    """About a person, not a visit (A28, A31, A40)."""
    has_visit: bool = True
    patient_class: str = ""
    """PV1-2, normalised by the dialect."""
    site: str = ""
    """PV1-3.4, else MSH-4: whose bed it is in a shared record."""
    specialty: str = ""
    birth_dates: tuple[str, ...] = field(default=(), repr=False)
    """Of everyone the message is about; unknown ones left out."""
    at: int = 0
    """µs UTC at which ages are judged."""


def _open(value: str, allowed: tuple[str, ...]) -> bool:
    return ANY in allowed or (value != "" and value in allowed)


def age_years(birth_date: str, at: int) -> int:
    """Whole years between a date of birth and a time in µs UTC."""
    born, today = date.fromisoformat(birth_date), datetime.fromtimestamp(at // 1_000_000, UTC).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def of_age(birth_date: str, at: int, scope: Scope) -> bool:
    """Whether a person is of the ages a partner is open for, when it happened."""
    try:
        age = age_years(birth_date, at)
    except ValueError:  # none was given, or it was refused
        return scope.max_age_years is None
    least, below = scope.min_age_years, scope.max_age_years
    return (least is None or age >= least) and (below is None or age < below)


def within_age(translation: Translation, scope: Scope) -> Translation:
    """Without what is about somebody who was not of age when it happened: no kind of partner, and no row of a
    file, brings children among adults (IG-24).
    """
    drafts = translation.drafts
    mine = tuple(d for d in drafts if of_age(d.subject.birth_date, d.occurred_at, scope))
    if not scope.ages or len(mine) == len(drafts):
        return translation
    return replace(translation, drafts=mine, no_change=translation.no_change if mine else OUT_OF_SCOPE)


def _not_of_age(facts: ScopeFacts, scope: Scope) -> bool:
    """Whether nobody in the message is of age; where no date is given the ward says whose it is."""
    born = facts.birth_dates or ("",)
    if not facts.birth_dates and scope.min_age_years is not None:
        return facts.specialty in CHILDRENS
    return not any(of_age(one, facts.at, scope) for one in born)


def _visit_class(facts: ScopeFacts, scope: Scope) -> str:
    if not _open(facts.patient_class, scope.classes):
        known = facts.patient_class in _CLASSES
        return f"class {facts.patient_class if known else 'other'}" if facts.has_visit else "no visit"
    if not _open(facts.site, scope.sites):
        return "site"
    return "" if _open(facts.specialty, scope.specialties) else "specialty"


def out_of_scope(facts: ScopeFacts, scope: Scope) -> str:
    """Give the class a message is out of scope by, "" where it is in scope.

    Person events without a visit are taken by sender (MSH-4); they feed identity only.
    """
    if facts.person_event and not facts.has_visit:
        closed = "" if _open(facts.sender, scope.senders) else "sender"
    else:
        closed = _visit_class(facts, scope)
    return closed or (AGE if _not_of_age(facts, scope) else "")
