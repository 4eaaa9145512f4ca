"""Candidate links of a person: who may be the same, why, and what a human said of it (design.md §5).

In: proposals and link sets held at a survivor's key. Out: the list its person line shows. Proposals only
grow, until so many bear what two records have in common that it proposes nobody any more; a pair that was
joined by itself is hidden, one that was joined by a human is listed as `joined` so that it can be undone, and
one that a human denied is never hidden. What a human decided of a pair that nobody had proposed (two records
that share a verified number, say) is listed too, as `decided`: else nobody could find it to take it back.
Nothing here joins anybody.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.fact import Fact
from streams.core.identity.claims import At
from streams.core.identity.links import Decision
from streams.core.identity.matching import CROWDED, PROPOSED
from streams.core.identity.routes import Routes
from streams.core.state.person import DOB_MISMATCH, NAME_DOB_POSTCODE, UNVERIFIED_NUMBER, PersonState
from streams.core.views.lines import CandidateLink

SCORES = {NAME_DOB_POSTCODE: 0.9, UNVERIFIED_NUMBER: 0.8, DOB_MISMATCH: 0.5}
"""How likely the reasons make it, for sorting only: no number of them joins anybody."""

DECIDED = "decided"
"""The reason of a pair that only a human's word put here."""

Proposal = tuple[str, str, str]
"""(record of this person, other record, reason)."""


def candidates(
    state: PersonState, routes: Routes, heard: Sequence[Fact]
) -> tuple[CandidateLink, ...]:
    """The candidate links of the person whose survivor this key is, each other person once a reason; `heard`
    is `about_matches`.
    """
    members = _members(state, routes)
    found: dict[tuple[str, str], CandidateLink] = {}
    for proposal in sorted(_pairs(state, routes, members, heard)):
        link = _candidate(state, routes, members, proposal)
        if link is not None:
            found.setdefault((link.person_key, link.reason), link)
    proposed = {key for key, reason in found if reason != DECIDED}
    return tuple(found[key] for key in sorted(found) if key[1] != DECIDED or key[0] not in proposed)


def proposals(state: PersonState, routes: Routes) -> set[Proposal]:
    """Every pair that counts here: what was proposed for records held here, what dates of birth keep apart,
    and what a human decided.
    """
    return _pairs(state, routes, _members(state, routes), about_matches(state, routes))


def _pairs(
    state: PersonState, routes: Routes, members: set[str], heard: Sequence[Fact]
) -> set[Proposal]:
    return {*_carried(heard), *_mismatches(members, routes), *_decided(state, members)}


def _members(state: PersonState, routes: Routes) -> set[str]:
    """The records this key is the survivor of."""
    return {key for key in (*state.known, state.key) if routes.root(key) == state.key}


def _carried(heard: Sequence[Fact]) -> Iterable[Proposal]:
    void = {(fact.key, fact.thing, fact.instance) for fact in heard if fact.kind == CROWDED}
    return (
        (fact.key, fact.thing, fact.instance)
        for fact in heard
        if fact.kind == PROPOSED and (fact.key, fact.partner, fact.instance) not in void
    )


def about_matches(state: PersonState, routes: Routes) -> list[Fact]:
    """What the records held here heard of whom they have something in common with."""
    return [
        fact
        for stream in state.streams.values()
        if stream.id.local == stream.id.origin and routes.way(stream.id, state.key).path is not None
        for fact in stream.journal
    ]


def crowded(heard: Sequence[Fact]) -> bool:
    """Whether a match of a record held here was not proposed because too many would have been."""
    return any(fact.kind == CROWDED for fact in heard)


def _mismatches(members: Iterable[str], routes: Routes) -> Iterable[Proposal]:
    """A record and the number that refuses it are listed on both sides."""
    for member in members:
        stance = routes.stance(member)
        yield from ((member, other, DOB_MISMATCH) for other in stance.refused_by | stance.refuses)


def _decided(state: PersonState, members: Iterable[str]) -> Iterable[Proposal]:
    """Pairs of which a human's word stands."""
    for member in members:
        links = state.known.get(member)
        if links is not None:
            others = {*links.decisions, *links.doubts}
            yield from ((member, other, DECIDED) for other in others if links.decided(other) is not None)


def _candidate(
    state: PersonState, routes: Routes, members: set[str], proposal: Proposal,
) -> CandidateLink | None:
    record, other, reason = proposal
    root = routes.root(other)
    if root != state.key:
        said = _word(state, members, routes.chain(other))
        return CandidateLink(root, reason, SCORES.get(reason), said or "proposed")
    word = _word(state, routes.chain(record), routes.chain(other))
    if word not in ("same", "not_same"):
        return None
    away = min({record, other} - {state.key})
    return CandidateLink(away, reason, SCORES.get(reason), "joined" if word == "same" else word)


def _word(state: PersonState, ours: Iterable[str], theirs: Iterable[str]) -> str | None:
    """The newest decision that any of our records carries about any of theirs."""
    theirs = list(theirs)
    decisions = [
        decision for one in ours if (links := state.known.get(one)) is not None
        for other in theirs if (decision := links.decided(other)) is not None
    ]
    newest = max(decisions, key=_at, default=None)
    return newest.word if newest else None


def _at(decision: Decision) -> At:
    return decision.at
