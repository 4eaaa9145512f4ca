"""Which records claim a number now, and what the number says to them (design.md §5: dates of birth).

In: the state of a number's key. Out: claims, and a verdict in its own link set whenever it changed.
"""
from __future__ import annotations

from streams.core.identity.claims import KEYLESS, Claim, refused
from streams.core.identity.links import Verdict
from streams.core.identity.routes import Routes
from streams.core.state.person import PersonState


def current_claims(state: PersonState, routes: Routes) -> list[Claim]:
    """The claims that count at this number: records whose newest number is another, or of whom a human said
    they are someone else, left.

    Records that only a link names (a second local id in the same message) claim by that link.
    """
    stances = {source: routes.stance(source) for source in state.known}

    def stays(local: str) -> bool:
        stance = stances.get(local)
        return stance is None or not stance.numbered or (stance.number == state.key and stance.claims_number)

    claims = [claim for local, claim in state.claims.items() if local == KEYLESS or stays(local)]
    claims += [
        Claim(source, stance.number_rank, stance.dob_tag)
        for source, stance in stances.items()
        if stance.number == state.key and stance.claims_number and source not in state.claims
    ]
    return sorted(claims, key=_by_local)


def _by_local(claim: Claim) -> str:
    return claim.local


def judge_claims(state: PersonState, routes: Routes) -> None:
    """Put a changed verdict into this number's own link set, under a higher version."""
    claims = tuple(current_claims(state, routes))
    if not claims and not state.sent.verdicts:
        return
    out, said = refused(claims), state.sent.verdicts
    locals_ = {claim.local for claim in claims} | said.keys()
    if any((local in out) != said.get(local, False) for local in locals_):
        state.claims_version += 1
        state.links(state.key).hear(state.key, Verdict(state.claims_version, claims))
