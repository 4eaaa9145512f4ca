"""Events of identity: links, flags, tags, decisions, and the one identifiable record."""
from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.events_base import Event, Long, PersonEvent, Texts

LinkBasis = Literal["number", "merge", "superseded", "unlink", "UNKNOWN"]
MatchDecision = Literal["same", "not_same", "unsure", "UNKNOWN"]


class PersonIdentifier(Event):
    """One identifier as sent: MRN, NHS, SOCIAL_CARE or LOCAL."""

    system: str
    authority: str = ""
    value: str
    status: str = ""


class PersonsLinked(PersonEvent):
    """A source says two records are one person, or no longer are (A40, a superseded number)."""

    source_key: str | None = None
    target_key: str | None = None
    basis: LinkBasis | None = None


class PersonFlagged(PersonEvent):
    """A source says how a person's record must be shown or shared."""

    restricted: bool | None = None
    location_hidden: bool | None = None
    sensitivity: str | None = None
    no_fixed_abode: bool | None = None
    sharing_objection: str | None = None


class PersonTagged(PersonEvent):
    """Keyed tags that may propose a match to a human; never join by themselves."""

    match_tags: Texts | None = None
    unverified_number_key: str | None = None


class PersonErased(PersonEvent):
    """It was ordered that what was received under this key until recorded_at counts no more; whoever was told
    of it is told so.
    """

    ordered_by: str | None = None
    reference: str | None = None


class DeathRecorded(PersonEvent):
    """A source states that the person has died (stated, not confirmed)."""

    death_at: Long | None = None
    indicator: str | None = None


class MatchDecided(PersonEvent):
    """A human decided whether two keys are one person; published once under each of the two."""

    other_key: str | None = None
    decision: MatchDecision | None = None
    survivor_key: str | None = None
    decided_by: str | None = None


class MatchUndone(PersonEvent):
    """A human took a match decision back; published once under each of the two keys."""

    other_key: str | None = None
    decided_by: str | None = None


class PersonIdentified(PersonEvent):
    """IDENTIFIABLE. Who a key is; only on the restricted identity topic, read under a named purpose."""

    ids: Annotated[tuple[PersonIdentifier, ...], Field(strict=False)] | None = None
    family: str | None = None
    given: str | None = None
    birth_date: str | None = None
    postcode: str | None = None
