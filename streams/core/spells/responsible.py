"""Whose patient: responsible council, ICB and hub, by what and since when (domain 01 §1.15).

In: what sources said of responsibility on one spell, the place's own council. Out: a `Responsible`. The
newest word of each source counts; sources that name different councils are a dispute, shown with every claim,
the strongest source's first (`precedence.responsible`). Nobody's word: the place's own. Never an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, cast

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.select import in_time

KIND: Final = "ResponsibilitySet"
DISPUTED: Final = "disputed"


class Claim(NamedTuple):
    """What one source says, since it says that council."""

    source: str | None
    council: str | None
    icb: str | None
    hub: str | None
    basis: str | None
    since: int | None


class Responsible(NamedTuple):
    """What holds; `claims` are all that differ, where they do."""

    council: str | None
    icb: str | None
    hub: str | None
    basis: str | None
    since: int | None
    claims: tuple[Claim, ...] = ()


def responsible_of(facts: Iterable[Fact], start: int, config: CoreConfig) -> Responsible:
    """Say who is responsible; `start` is when the spell began."""
    said: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == KIND:
            said.setdefault(fact.partner, []).append(fact)
    claims = sorted(
        (claim for source, words in said.items() if (claim := _claim(source, words, config))),
        key=lambda claim: config.strength("responsible", claim.source or ""),
    )
    if not claims:
        return _of_place(start, config)
    best = claims[0]
    differ = len({claim.council for claim in claims if claim.council}) > 1
    disputed = differ or any(claim.basis == DISPUTED for claim in claims)
    basis = DISPUTED if disputed else best.basis
    return Responsible(
        best.council, best.icb, best.hub, basis, best.since, tuple(claims) if disputed else ()
    )


def out_of_area(responsible: Responsible, config: CoreConfig) -> bool:
    """Another place's person: such people have their own list (reason IF12)."""
    return bool(
        config.councils and responsible.council is not None and responsible.council not in config.councils
    )


def _claim(source: str, words: Sequence[Fact], config: CoreConfig) -> Claim | None:
    """The newest word of a source; None where it took back what it said."""
    history = sorted(words, key=in_time)
    last = history[-1].body
    if not any(last.get(field) for field in ("council", "icb", "hub")):
        return None
    council = cast("str | None", last.get("council") or None)
    since = history[-1].occurred_at
    for fact in reversed(history):
        if (fact.body.get("council") or None) != council:
            break
        since = fact.occurred_at
    icb, hub = config.serving(council)
    basis = cast("str | None", last.get("basis") or None)
    return Claim(source, council, last.get("icb") or icb, last.get("hub") or hub, basis, since)


def _of_place(start: int, config: CoreConfig) -> Responsible:
    council = config.councils[0] if len(config.councils) == 1 else None
    known = bool(council or config.icb or config.hub)
    return Responsible(
        council, config.icb or None, config.hub or None, "place" if known else None, start if known else None
    )
