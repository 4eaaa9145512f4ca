"""What the things of a person add to the measures of places (design.md §6 "Aggregates count things").

In: a `Picture`. Out: rows, one for each site a spell touched and one for each care package, under the source
that keeps it. A row says intervals and no person; whose it is, is the matter of the claim (`Said`) on it.
Only ordinary admissions count, and people in a bed of whom nobody says the class.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from schemas.errors import ContractViolation
from schemas.reasons import Reason
from streams.core.reduce import Picture
from streams.core.spells.spell import Spell
from streams.core.state.person import PersonState
from streams.core.transfer.in_hospital import ORDINARY
from streams.core.transfer.packages import Package
from streams.core.transfer.steps import Wait

Span = tuple[int | None, int | None]
"""From, until; None = unknown, and still."""
Name = tuple[str, str]
"""(Site, thing)."""
NO_PATHWAY: Final = "unknown"
MOVING: Final = -1
"""How new the link of a key is that leads elsewhere: whoever has the facts goes before it."""


class Stayed(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """What a spell adds to a site: when the person was there, was ready, waited for whom; of the site they
    left the hospital from also when and on which pathway.
    """

    source: str
    here: tuple[Span, ...]
    since: int | None
    """When the spell began, at whatever site."""
    ready: tuple[Span, ...] = ()
    waiting: tuple[tuple[str, int, int | None], ...] = ()
    left_at: int | None = None
    pathway: str = NO_PATHWAY
    died: bool = False


class Arranged(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    """What a care package adds to its source: when it was asked for and when it first began."""

    source: str
    requested_at: int
    started_at: int | None = None


Row = Stayed | Arranged


class Said(msgspec.Struct, frozen=True, array_like=True):
    """A holder's claim on a thing of a site; `row` None takes it back. Of one holder the greatest `sequence`
    stands, of several holders the newest-linked: the greatest `version`.
    """

    holder: str
    thing: str
    version: int
    sequence: int
    row: Row | None


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Said] = msgspec.msgpack.Decoder(Said)


def encode(said: Said | Row) -> bytes:
    """The wire form."""
    return _encoder.encode(said)


def decode(payload: bytes) -> Said:
    """The claim of a payload. Raises ContractViolation UNDECODABLE, without the payload."""
    try:
        return _decoder.decode(payload)
    except msgspec.MsgspecError:
        raise ContractViolation(Reason.UNDECODABLE) from None


def rows_of(picture: Picture) -> dict[Name, Row]:
    """Everything a person's things add to places."""
    transfer = picture.transfer
    found: dict[Name, Row] = {}
    for spell in picture.spells:
        if spell.status in ("admitted", "discharged") and _counts(spell):
            waiting = transfer.waiting if transfer and transfer.spell_id == spell.spell_id else ()
            found.update(_stayed(spell, waiting))
    for package in transfer.packages if transfer else ():
        row = _arranged(package)
        if row is not None:
            found[package.source, package.package_id] = row
    return found


def _counts(spell: Spell) -> bool:
    code = spell.patient_class.code if spell.patient_class else None
    return code is None or code == ORDINARY


def _stayed(spell: Spell, waiting: Iterable[Wait]) -> Iterator[tuple[Name, Row]]:
    spans = _by_site(spell)
    if not spans:
        return
    last = next(reversed(spans))
    pathway = spell.pathway_confirmed or spell.pathway_expected
    ready = tuple((since, until) for since, until, *_ in spell.ready)
    for site, here in spans.items():
        gone = site == last and spell.status == "discharged"
        row = Stayed(
            spell.partner, tuple(here), spell.admitted_at, ready,
            tuple((wait.owner, wait.since, wait.until) for wait in waiting),
        )  # fmt: skip
        if gone:
            code = (pathway.code if pathway else None) or NO_PATHWAY
            row = msgspec.structs.replace(
                row, left_at=spell.discharged_at, pathway=code, died=spell.discharge_group == "died"
            )
        yield (site, spell.spell_id), row


def _by_site(spell: Spell) -> dict[str, list[Span]]:
    """When the person was at which site, the last site last; where no place names one, at its source."""
    usual = spell.location.facility or spell.partner
    found: dict[str, list[Span]] = {}
    stays: list[tuple[int | None, int | None, str]] = [
        (since, until, (place.facility if place else None) or usual) for since, until, place, _ in spell.stays
    ]
    for since, until, site in stays or [(spell.admitted_at, spell.discharged_at, usual)]:
        spans = found.pop(site, [])
        if spans and spans[-1][1] == since and since is not None:
            spans[-1] = (spans[-1][0], until)
        else:
            spans.append((since, until))
        found[site] = spans
    return found


def _arranged(package: Package) -> Arranged | None:
    """A package entered in error was never asked for."""
    if package.state == "entered_in_error":
        return None
    asked = next((at for at, state in package.history if state == "requested"), None)
    if asked is None:
        return None
    started = next((at for at, state in package.history if state == "started" and at >= asked), None)
    return Arranged(package.source, asked, started)


def standing(claims: Mapping[str, Said]) -> Row | None:
    """The row of a thing that counts: the newest-linked holder's; None where nobody claims it."""
    alive = [said for said in claims.values() if said.row is not None]
    return max(alive, key=lambda said: (said.version, said.holder)).row if alive else None


def linked_at(state: PersonState) -> int:
    """How new the newest word is on the links of the records that are this person's, the end of a link
    included: when it was recorded; 0 where there is none.
    """
    if not state.known:
        return 0
    routes = state.map()
    if routes.root(state.key) != state.key:
        return MOVING
    here = [links for source, links in state.known.items() if routes.root(source) == state.key]
    return max((link.at[0] for links in here for link in links.links.values()), default=0)
