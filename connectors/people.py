"""The person of a row or webhook as a `Subject`, and what the restricted identity topic is told of them.

In: identifiers and demographics as sent, the dialect's authorities. Out: `Subject`, `Draft` of
PersonIdentified. Pure. A wrong NHS number is not refused here: sealing judges it, and the local id stays the
key.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.message import Draft, Identifier, Subject
from runtime.place import Partner

IDENTITY_FIELDS: Final = (
    "mrn", "person_id", "nhs_number", "nhs_status", "family", "given", "birth_date", "postcode"
)
"""Fields that say who somebody is."""

CONSENT_REFUSED: Final = "consent_refused"
"""Flag: the person did not agree that what a charity knows of them is shared; whoever shows it must look."""


def subject(dialect: Partner, system: str, said: Mapping[str, Any]) -> Subject:
    """The person of `said` (names of IDENTITY_FIELDS); `system` names the local id's kind: MRN, SOCIAL_CARE
    or LOCAL.
    """
    local = said.get("mrn") or said.get("person_id") or ""
    number = said.get("nhs_number") or ""
    ids = [Identifier(system, dialect.identifiers.default_authority, local)] if local else []
    if number:
        ids.append(Identifier("NHS", "", number, said.get("nhs_status") or ""))
    return Subject(
        tuple(ids), family=said.get("family") or "", given=said.get("given") or "",
        birth_date=said.get("birth_date") or "", postcode=said.get("postcode") or "",
    )


def identified(person: Subject, occurred_at: int, recorded_at: int, sequence: int = -1) -> Draft:
    """The draft that tells the identity topic who this is; sealing adds the match tags."""
    return Draft(
        "PersonIdentified", "person", person,
        occurred_at=occurred_at, recorded_at=recorded_at, sequence=sequence,
    )


def anonymous(person: Subject) -> Subject:
    """The same record with nothing to match it by: its local id alone, or what it came with where that is all
    there is.
    """
    local = tuple(one for one in person.ids if one.system != "NHS")
    return Subject(local or person.ids)
