"""The ready-to-go checklist: what has to be ready before a person can leave, and who owes what is not (domain
01 §1.13).

In: checklist facts attached to a spell, the place's list of items with who owes them. Out: items. Each source
has one word on an item, its newest by event time; of several sources the newest counts, and of two at one
moment the worse. Where nobody keeps a checklist nothing is known to be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, cast

import msgspec

from schemas.fact import Fact
from streams.core.codes import coded
from streams.core.config import CoreConfig
from streams.core.facts.select import place_in_order, winners

STATES: Final = {
    "ChecklistItemNotNeeded": "not_needed",
    "ChecklistItemDone": "done",
    "ChecklistItemFailed": "failed",
}
"""Kind -> state, in the order that decides between words of one moment: who failed is heard."""
MISSING: Final = "missing"
"""Nobody said it is done, or who said so says it no longer."""
RANKS: Final = {kind: rank for rank, kind in enumerate(STATES)}

History = tuple[tuple[int, str], ...]


class Item(msgspec.Struct, frozen=True):
    """One item. `history` is (time, state) oldest first, of the source whose word counts."""

    item: str
    state: str
    source: str | None = None
    at: int | None = None
    owner: str | None = None
    planned_at: int | None = None
    reason: str | None = None
    history: History = ()


def checklist_of(
    facts: Iterable[Fact], ready_since: int | None, *, left: bool, config: CoreConfig
) -> tuple[Item, ...]:
    """Give the items in the place's order, then others by name.

    What the place lists and nobody spoke of is missing, once anybody keeps the list and until the person
    left; owed since the person is ready.
    """
    said: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind in STATES and (name := _name(fact, config)):
            said.setdefault(name, []).append(fact)
    if not said:
        return ()
    items = {name: _item(name, about, config) for name, about in said.items()}
    if not left:
        for name, owner in config.checklist.items():
            items.setdefault(name, Item(name, MISSING, None, ready_since, owner or None))
    order = {name: place for place, name in enumerate(config.checklist)}
    return tuple(items[name] for name in sorted(items, key=lambda name: (order.get(name, len(order)), name)))


def _name(fact: Fact, config: CoreConfig) -> str:
    """The item a fact is about: one that is withdrawn still stands in the instance."""
    raw = fact.body.get("item") or fact.instance.partition("@")[0]
    code = coded("checklist_item", raw, fact.partner, config)
    return (code.code or code.raw) if code else ""


def _item(name: str, facts: Sequence[Fact], config: CoreConfig) -> Item:
    by_source: dict[str, list[Fact]] = {}
    for fact in winners(facts):
        by_source.setdefault(fact.partner, []).append(fact)
    for words in by_source.values():
        words.sort(key=_when)
    partner = max(by_source, key=lambda source: (_when(by_source[source][-1])[:2], source))
    words = by_source[partner]
    last = words[-1]
    history = tuple(_begun(words))
    return Item(
        name,
        history[-1][1],
        partner,
        history[-1][0],
        cast("str | None", last.body.get("owner")) or config.checklist.get(name) or None,
        cast("int | None", last.body.get("planned_at")),
        cast("str | None", last.body.get("reason")),
        history,
    )


def _when(fact: Fact) -> tuple[int, int, tuple[int, int, bool, str]]:
    return fact.occurred_at, RANKS[fact.kind], place_in_order(fact)


def _begun(words: Iterable[Fact]) -> Iterable[tuple[int, str]]:
    """A state said again goes on since it was first said."""
    before = ""
    for fact in words:
        withdrawn = "item" in fact.body and fact.body["item"] is None
        state = MISSING if withdrawn else STATES[fact.kind]
        if state != before:
            yield fact.occurred_at, state
        before = state
