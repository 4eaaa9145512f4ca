"""Amendments compacted field by field within one source, older than the retraction window (design.md §4
law 7).

In: a `PersonState`, now. Out: the same facts, without the fields that no line can show any more, whatever
comes later and however late. What an amendment says of such a field counts only until a later amendment of
the same source says it: a cancel, a deletion or a merge that takes out the later word takes out the earlier
one too. Fields of which histories are shown (expected discharge, readiness, places) stay, and so do ids,
times and tags: a fact sent again is still known, and the events behind what is shown are still named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.select import WITHDRAWN, distinct, place_in_order
from streams.core.state.person import PersonState

AMENDED: Final = "SpellAmended"
NEWEST_ONLY: Final = frozenset({
    "visit_number", "patient_class", "admitted_at", "specialty", "discharged_at", "discharge_method",
    "discharge_destination", "admission_method", "admission_source",
})  # fmt: skip
"""Fields of which only the newest word is ever looked at; a property of tests/core/laws holds them to it."""


def compact(state: PersonState, now_us: int, config: CoreConfig) -> bool:
    """Leave out what is superseded for good; says whether anything was. What came within the retraction
    window may still be taken back by a newer translation, and would bring back what it superseded.
    """
    if state.restriction.cuts():
        return False  # erased words supersede nothing
    before = now_us - config.retraction_us
    changed = False
    standing: frozenset[str] | None = None
    for stream in state.streams.values():
        old = [f for f in stream.journal if f.kind == AMENDED and f.received_at <= before]
        if len(old) < 2:
            continue
        if standing is None:
            held = (fact for other in state.streams.values() for fact in other.journal)
            standing = frozenset(fact.id for fact in distinct(held))
        smaller = list(_smaller([fact for fact in old if fact.id in standing]))
        stream.journal.shrink(smaller)
        changed = changed or bool(smaller)
    if changed:
        state.rewrite, state.knowledge = True, state.knowledge + 1
    return changed


def _smaller(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The facts that can do with fewer fields."""
    said: dict[tuple[str, str, str], int] = {}
    given: dict[tuple[str, str, str], int] = {}
    for fact in sorted(facts, key=place_in_order, reverse=True):
        if WITHDRAWN in fact.flags:
            continue
        body: dict[str, Any] = {}
        for field, value in fact.body.items():
            name = (fact.partner, fact.thing, field)
            # Of one moment ids decide, and a re-queue has another; a word taken back hides no earlier one.
            by = given.get(name, -1) if value else said.get(name, -1)
            if field not in NEWEST_ONLY or by <= fact.recorded_at:
                body[field] = value
            said.setdefault(name, fact.recorded_at)
            if value:
                given.setdefault(name, fact.recorded_at)
        if len(body) < len(fact.body):
            yield msgspec.structs.replace(fact, body=body)
