"""Mutants of readiness, reasons, responsibility, tasks and packages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from schemas.fact import Fact
from streams.core import codes, reduce
from streams.core.spells import care, checklist, delay_lists, delays, responsible
from streams.core.spells.spell import Spell
from streams.core.transfer import join as transfer
from streams.core.transfer import steps, why
from tests.scenarios.broken.registry import Patch, mutant


@mutant("what nobody spoke of is done")
def unspoken_is_done(patch: Patch) -> None:
    real = care.checklist_of

    def checklist_of(facts: Iterable[Fact], *rest: Any, **named: Any) -> tuple[checklist.Item, ...]:
        return tuple(item for item in real(facts, *rest, **named) if item.source)

    patch.setattr(care, "checklist_of", checklist_of)


@mutant("an emptied item stays done")
def emptied_stays_done(patch: Patch) -> None:
    real = care.checklist_of

    def checklist_of(facts: Iterable[Fact], *rest: Any, **named: Any) -> tuple[checklist.Item, ...]:
        kept = [fact for fact in facts if fact.body.get("item", "") is not None]
        return real(kept, *rest, **named)

    patch.setattr(care, "checklist_of", checklist_of)


@mutant("what failed is nobody's move")
def failed_is_nobodys(patch: Patch) -> None:
    real = steps._derived_at

    def derived_at(around: steps.Around, at: int) -> Any:
        bare: Spell = msgspec.structs.replace(around.spell, checklist=())
        return real(around._replace(spell=bare), at)

    patch.setattr(steps, "_derived_at", derived_at)


@mutant("everybody is the place's own")
def all_are_ours(patch: Patch) -> None:
    patch.setattr(care, "_whose", lambda *_: {})


@mutant("the strongest claim alone is shown")
def no_disputes(patch: Patch) -> None:
    real = responsible.responsible_of

    def responsible_of(*said: Any) -> responsible.Responsible:
        held = real(*said)
        return held._replace(basis=held.claims[0].basis, claims=()) if held.claims else held

    patch.setattr(care, "responsible_of", responsible_of)


@mutant("a wish ends with the stay")
def wishes_end(patch: Patch) -> None:
    patch.setattr(reduce, "PERSONAL", frozenset())


@mutant("a corrected pointer stands twice")
def pointers_twice(patch: Patch) -> None:
    patch.setattr(reduce, "winners", list)


@mutant("each reason has its own clock")
def own_clocks(patch: Patch) -> None:
    def why_of(waiting: Any, given: Iterable[delays.Delay]) -> tuple[why.Stretch, ...]:
        return tuple(
            why.Stretch(one.owner or "", one.reason, one.term.group, one.since, one.until) for one in given
        )

    patch.setattr(transfer, "why_of", why_of)


@mutant("labels match letter by letter")
def labels_letter_by_letter(patch: Patch) -> None:
    for module in (codes, delay_lists):
        patch.setattr(module, "label", str.casefold)


@mutant("one reason a cell")
def one_reason_a_cell(patch: Patch) -> None:
    patch.setattr(delays, "_APART", re.compile("(?!)"))
