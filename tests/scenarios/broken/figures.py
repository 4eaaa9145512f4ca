"""Mutants of figures from outside: what was said, what it adds up to, and the conditions made of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from connectors.partners.capacity_csv import translate as capacity_csv
from streams.core.pressure import as_at as pressure
from streams.core.pressure import figures, measures, opel
from streams.core.spells import care, care_homes
from tests.scenarios.broken.registry import Patch, mutant


@mutant("an empty cell is zero")
def empty_is_zero(patch: Patch) -> None:
    real = capacity_csv._values

    def values(record: Any, *rest: Any) -> Any:
        beds = record.cells[:3] + tuple(cell or "0" for cell in record.cells[3:9]) + record.cells[9:]
        return real(replace(record, cells=beds), *rest)

    patch.setattr(capacity_csv, "_values", values)


@mutant("a sum hides the ward that is missing")
def sums_hide(patch: Patch) -> None:
    real = measures.beds

    def beds(*said: Any) -> Any:
        found = real(*said)
        return found and msgspec.structs.replace(found, complete=True)

    for module in (measures, pressure):
        patch.setattr(module, "beds", beds)


@mutant("more people than beds is clipped")
def clipped(patch: Patch) -> None:
    real = measures.share

    def share(*said: Any) -> Any:
        found = real(*said)
        return found and msgspec.structs.replace(found, value=found.value and min(found.value, 100))

    for module in (measures, pressure):
        patch.setattr(module, "share", share)


@mutant("the last to arrive is right")
def last_to_arrive(patch: Patch) -> None:
    patch.setattr(figures, "place_in_order", lambda fact: (fact.received_at, fact.sequence, False, fact.id))


@mutant("the first figure of a moment stands")
def first_stands(patch: Patch) -> None:
    patch.setattr(figures, "place_in_order", lambda fact: (-fact.recorded_at, fact.sequence, False, fact.id))


@mutant("a level has no past")
def no_past(patch: Patch) -> None:
    patch.setattr(opel, "_before", lambda book, site, now, config: now)


@mutant("the worst band is the level")
def worst_band(patch: Patch) -> None:
    real = opel._level

    def level(scored: Any, scheme: Any) -> opel.Level:
        return real(scored, scheme)._replace(level=max(one.band or 1 for one in scored))

    patch.setattr(opel, "_level", level)


@mutant("a missing parameter is calm")
def missing_is_calm(patch: Patch) -> None:
    real = opel._level
    patch.setattr(opel, "_level", lambda *said: real(*said)._replace(complete=True))


@mutant("yesterday counts since midnight")
def yesterday_counts(patch: Patch) -> None:
    real = opel._scored

    def scored(book: Any, site: Any, parameter: Any, *rest: Any) -> opel.Scored:
        return real(book, site, msgspec.structs.replace(parameter, since_midnight=False), *rest)

    patch.setattr(opel, "_scored", scored)


@mutant("figures never grow old")
def never_old(patch: Patch) -> None:
    patch.setattr(measures, "HOUR_US", measures.HOUR_US * 1000)


@mutant("closed for whatever reason is an outbreak")
def any_closure(patch: Patch) -> None:
    real = pressure.beds

    def beds(book: Any, subject: Any, name: str, *rest: Any) -> Any:
        return real(book, subject, "beds_closed" if name == "beds_closed_infection" else name, *rest)

    patch.setattr(pressure, "beds", beds)


@mutant("a home that takes nobody is quiet")
def closed_home_is_quiet(patch: Patch) -> None:
    patch.setattr(pressure, "CLOSED", "nothing")


@mutant("what may come does not count")
def only_sure(patch: Patch) -> None:
    patch.setattr(pressure, "EXPECTED", pressure.EXPECTED[:1])


@mutant("what nobody said is none")
def unsaid_is_none(patch: Patch) -> None:
    real = figures.Book.at

    def at(self: figures.Book, subject: str, measure: str, as_at: int, until: int | None = None) -> Any:
        found = real(self, subject, measure, as_at, until)
        if found is None and measure in pressure.EXPECTED:
            known = real(self, subject, pressure.NEEDED, as_at)
            return known and known._replace(measure=measure, value=0.0)
        return found

    patch.setattr(figures.Book, "at", at)


@mutant("nobody asks the home")
def nobody_asks(patch: Patch) -> None:
    patch.setattr(care, "mismatch", lambda *_: False)


@mutant("the home's first word counts")
def first_word(patch: Patch) -> None:
    patch.setattr(care_homes, "in_time", lambda fact: (-fact.occurred_at, fact.id))
