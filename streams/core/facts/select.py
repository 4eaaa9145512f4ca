"""Select: which facts stand (design.md §4). Pure functions of the *set* of facts: no order of arrival
is ever looked at.

In: facts of one person. Out: distinct facts by family and thing, and per single-valued kind a `Slot`
saying what is asserted, what cancels it and which run of assertions it belongs to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from schemas.catalogue import BY_ID
from schemas.fact import Fact
from streams.core.facts.copies import newer

WITHDRAWN: Final = "withdrawn"
"""Flag of a higher translator revision that no longer makes the fact.

It takes the fact out (design.md §3).
"""

FAMILIES: Final[dict[str, str]] = {
    kind: short
    for short in (
        "hospital-spell",
        "hub-worklist",
        "task",
        "council-care-package",
        "voluntary-support",
        "notice",
    )
    for kind in BY_ID[short].kinds
} | {"DeathRecorded": "death", "PersonFlagged": "flag"}
"""Kind -> family the reduce reads; other kinds belong to the identity side."""

CANCELS: Final = frozenset(
    {
        "SpellPlanCancelled",
        "SpellAdmissionCancelled",
        "SpellTransferCancelled",
        "SpellDischargeCancelled",
        "DischargePendingCancelled",
        "TransferPendingCancelled",
        "SpellLeaveStartCancelled",
        "SpellLeaveEndCancelled",
        "SpellDeleted",
    }
)
DELETION: Final = "SpellDeleted"
"""Takes back whatever its source said of the visit before (A23)."""

Order = tuple[int, int, bool, str]
Grouped = dict[str, dict[str, list[Fact]]]
"""Family -> thing -> distinct facts."""


class Slot(msgspec.Struct):
    """What is known of one fact key: the newest assertion, and the cancel in force (None: the assertion
    stands).

    `epoch` counts the runs of cancels before the run of assertions that stands: it names the run
    whatever arrives late inside it.
    """

    fact: Fact | None = None
    cancel: Fact | None = None
    run: list[Fact] = []
    epoch: int = 0
    last_cancel: Fact | None = None
    """The newest cancel, in force or not: what was said of the thing before it is gone."""

    @property
    def standing(self) -> Fact | None:
        """The assertion that lives, if any."""
        return None if self.cancel else self.fact

    @property
    def called_off(self) -> Fact | None:
        """The cancel in force, where it took back this thing and not the whole visit."""
        return self.cancel if self.cancel and self.cancel.kind != DELETION else None

    def claim(self, fact: Fact) -> None:
        """Take an assertion recorded after everything taken so far; a cancelled thing lives again."""
        if self.cancel is not None:
            self.run, self.cancel = [], None
        self.run.append(fact)
        self.fact = fact

    def void(self, cancel: Fact) -> None:
        """Take a cancel recorded after everything taken so far."""
        if self.cancel is None:
            self.epoch += 1
        self.cancel = self.last_cancel = cancel

    def erase(self, deletion: Fact) -> None:
        """Take the deletion of the visit: not even a trace of what was said stays."""
        self.void(deletion)
        self.fact, self.run = None, []


def place_in_order(fact: Fact) -> Order:
    """Where a fact stands among those of its source.

    (recorded_at, sequence or -1, cancel after assert, ce_id).
    """
    return (fact.recorded_at, fact.sequence, fact.kind in CANCELS, fact.id)


def in_time(fact: Fact) -> tuple[int, Order]:
    """Where a fact stands among those of its source by when it happened; of one moment by select order."""
    return (fact.occurred_at, place_in_order(fact))


def state_at(history: Sequence[tuple[int, str]], at: int) -> tuple[int, str]:
    """(Since, state) at a moment, of (time, state) oldest first; (-1, "") before the first."""
    index = bisect_right(history, at, key=lambda step: step[0]) - 1
    return history[index] if index >= 0 else (-1, "")


def as_of(facts: Iterable[Fact], known_at: int) -> list[Fact]:
    """Keep what had been received by `known_at` (law 6)."""
    return [fact for fact in facts if fact.received_at <= known_at]


def distinct(facts: Iterable[Fact]) -> list[Fact]:
    """Leave one fact per ce_id (highest revision, least received_at) and one per semantic duplicate
    (law 2).
    """
    by_id: dict[str, Fact] = {}
    for fact in facts:
        held = by_id.get(fact.id)
        by_id[fact.id] = fact if held is None or held is fact else newer(held, fact)
    meant: dict[tuple[str, ...], Fact] = {}
    kept: list[Fact] = []
    for fact in by_id.values():
        if WITHDRAWN in fact.flags:
            continue
        name = meaning(fact)
        if name is None:
            kept.append(fact)
            continue
        held = meant.get(name)
        if held is None or _heard(fact) < _heard(held):
            meant[name] = fact
    kept.extend(meant.values())
    return kept


def meaning(fact: Fact) -> tuple[str, ...] | None:
    """Equal for semantic duplicates (law 2); None where the fact has no tag to tell by."""
    if not fact.tag:
        return None
    return (fact.partner, fact.kind, fact.thing, fact.instance, fact.tag)


def _heard(fact: Fact) -> tuple[int, int, str]:
    return (fact.recorded_at, fact.received_at, fact.id)


def grouped(facts: Iterable[Fact]) -> Grouped:
    """Sort distinct facts by family and thing; kinds of other families are left out."""
    out: Grouped = {}
    for fact in facts:
        family = FAMILIES.get(fact.kind)
        if family is not None:
            out.setdefault(family, {}).setdefault(fact.thing, []).append(fact)
    return out


def by_partner(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Split the facts of a thing by source: facts of different partners never share a fact key."""
    out: dict[str, list[Fact]] = {}
    for fact in facts:
        out.setdefault(fact.partner, []).append(fact)
    return out


def winners(facts: Iterable[Fact]) -> list[Fact]:
    """Leave the newest assertion of each (partner, thing, kind, instance).

    For families that know no cancels.
    """
    best: dict[tuple[str, str, str, str], Fact] = {}
    for fact in facts:
        key = (fact.partner, fact.thing, fact.kind, fact.instance)
        held = best.get(key)
        if held is None or place_in_order(fact) > place_in_order(held):
            best[key] = fact
    return list(best.values())


def latest(facts: Sequence[Fact], field: str) -> object:
    """Give a field's newest said value.

    None when deleted or never said. `facts` are in select order (amendments are per field).
    """
    for fact in reversed(facts):
        if field in fact.body:
            return fact.body[field]
    return None


def begun(steps: Iterable[Fact]) -> Iterator[Fact]:
    """Leave, of steps in time order, those that begin something.

    A state said again, as every full file says it again, goes on since it was first said.
    """
    kind = ""
    for fact in steps:
        if fact.kind != kind:
            yield fact
        kind = fact.kind
