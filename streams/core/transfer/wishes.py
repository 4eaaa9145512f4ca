"""What the person wants, who cares for them, and which documents arrived: pointers and kinds, never content
(domain 01 §1.11, §1.13, domain 03 §3.2).

In: hub facts. Out: preferred places by purpose, the unpaid carer, document pointers. Sources do not share a
fact: of several the newest by event time counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from schemas.fact import Fact
from streams.core.facts.select import in_time, winners

PERSONAL: Final = frozenset({"PreferredPlaceRecorded", "UnpaidCarerRecorded"})
"""About the person, whichever stay they were said of."""


class Preferred(NamedTuple):
    """Where the person wants to be; `purpose` is care or death."""

    purpose: str
    place: str
    source: str
    since: int


class Carer(NamedTuple):
    """Whether an unpaid carer is involved and was told; None = not said."""

    involved: bool | None
    told: bool | None
    source: str
    since: int


class Document(NamedTuple):
    """A pointer to a document that arrived."""

    ref: str
    kind: str | None
    recipient: str | None
    source: str
    arrived_at: int


class Wishes(NamedTuple):
    """All of it."""

    preferred: tuple[Preferred, ...] = ()
    carer: Carer | None = None
    documents: tuple[Document, ...] = ()


def wishes_of(personal: Iterable[Fact], about_spell: Iterable[Fact]) -> Wishes:
    """Sum up what was said of the person, and what stands of the current spell."""
    said = sorted(winners(personal), key=in_time)
    return Wishes(
        _preferred([fact for fact in said if fact.kind == "PreferredPlaceRecorded"]),
        _carer([fact for fact in said if fact.kind == "UnpaidCarerRecorded"]),
        _documents(about_spell),
    )


def _preferred(said: Iterable[Fact]) -> tuple[Preferred, ...]:
    """The newest word on each purpose; one that was taken back is none."""
    newest: dict[str, Preferred | None] = {}
    for fact in said:
        purpose, place = fact.body.get("purpose") or "care", fact.body.get("place")
        before = newest.get(purpose)
        if before is None or before.place != place:
            newest[purpose] = Preferred(purpose, place, fact.partner, fact.occurred_at) if place else None
    return tuple(one for _, one in sorted(newest.items()) if one)


def _carer(said: Iterable[Fact]) -> Carer | None:
    """Each of the two answers as newest said."""
    involved: bool | None = None
    told: bool | None = None
    out: Carer | None = None
    for fact in said:
        involved = fact.body.get("involved", involved)
        told = fact.body.get("told", told)
        if out is None or (out.involved, out.told) != (involved, told):
            out = Carer(involved, told, fact.partner, fact.occurred_at)
    return None if involved is None and told is None else out


def _documents(facts: Iterable[Fact]) -> tuple[Document, ...]:
    return tuple(
        sorted(
            (
                Document(
                    fact.body.get("document_ref") or fact.instance,
                    fact.body.get("document_type"),
                    fact.body.get("recipient"),
                    fact.partner,
                    fact.occurred_at,
                )
                for fact in facts
                if fact.kind == "DocumentArrived"
            ),
            key=lambda document: (document.arrived_at, document.ref, document.source),
        )
    )
