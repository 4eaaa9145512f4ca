"""Mutants of the fold: what stands, when it was, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from schemas.fact import Fact
from streams.core import reduce
from streams.core.config import CoreConfig
from streams.core.facts import copies, journal, select
from streams.core.spells import account, care, stays, visit
from streams.core.spells.death import Death
from streams.core.transfer import packages, support, told
from streams.core.views import view
from tests.scenarios.broken.registry import Patch, mutant


@mutant("newest by arrival")
def newest_by_arrival(patch: Patch) -> None:
    patch.setattr(visit, "place_in_order", lambda fact: (fact.received_at, fact.sequence, fact.id))


@mutant("timeline by recording")
def timeline_by_recording(patch: Patch) -> None:
    real = stays._position
    patch.setattr(stays, "_position", lambda step: (step.fact.recorded_at, *real(step)))


@mutant("a re-queue is news")
def requeue_is_news(patch: Patch) -> None:
    def distinct(facts: Iterable[Fact]) -> list[Fact]:
        return list({fact.id: fact for fact in facts}.values())

    patch.setattr(reduce, "distinct", distinct)
    patch.setattr(journal.Journal, "_yields", lambda self, fact: True)


@mutant("cancel after re-assertion wins")
def cancel_wins(patch: Patch) -> None:
    def claim(self: select.Slot, fact: Fact) -> None:
        self.run.append(fact)
        self.fact = fact

    patch.setattr(select.Slot, "claim", claim)


@mutant("a cancel takes the newest move")
def cancels_newest(patch: Patch) -> None:
    def cancel_one(on: visit.Visit, table: visit.Table, cancel: Fact) -> None:
        visit._place(on, cancel)
        victim = visit._victim(table, None)
        if victim is not None:
            victim.void(cancel)

    patch.setattr(visit, "_cancel_one", cancel_one)


@mutant("an extract overrules the hospital")
def extract_overrules(patch: Patch) -> None:
    real = stays._steps

    def steps(*said: Any) -> Iterator[stays.Step]:
        for step in real(*said):
            listed = step.rank is stays.Rank.CENSUSED
            yield step._replace(rank=stays.Rank.PLACED) if listed else step

    patch.setattr(stays, "_steps", steps)


@mutant("the first ready date counts")
def first_ready(patch: Patch) -> None:
    patch.setattr(care, "discharge_ready_at", lambda ready, **_: ready[0].since if ready else None)


@mutant("one delay at a time")
def one_delay(patch: Patch) -> None:
    real = care.delays_of

    def delays_of(facts: Iterable[Fact], *rest: Any) -> Any:
        return real([msgspec.structs.replace(fact, partner="one") for fact in facts], *rest)

    patch.setattr(care, "delays_of", delays_of)


@mutant("a vanished row has left")
def vanished_has_left(patch: Patch) -> None:
    real = reduce.complete

    def complete(*said: Any) -> Any:
        spell = real(*said)
        gone = "hub_row_gone" in spell.flags
        return msgspec.structs.replace(spell, status="discharged") if gone else spell

    patch.setattr(reduce, "complete", complete)


@mutant("a row without a visit stays alone")
def rows_stay_alone(patch: Patch) -> None:
    patch.setattr(reduce, "attach", lambda _, hub: {t.removeprefix("row:"): list(f) for t, f in hub.items()})


@mutant("the weaker source wins")
def weaker_wins(patch: Patch) -> None:
    real = CoreConfig.strength

    def strength(self: CoreConfig, conflict: str, partner: str) -> tuple[int, int, str]:
        named, placed, name = real(self, conflict, partner)
        return -named, -placed, name

    patch.setattr(CoreConfig, "strength", strength)


@mutant("package state by recording")
def package_by_recording(patch: Patch) -> None:
    real = reduce.package_of

    def package_of(package_id: str, facts: Iterable[Fact]) -> Any:
        return real(package_id, [msgspec.structs.replace(f, occurred_at=f.recorded_at) for f in facts])

    patch.setattr(reduce, "package_of", package_of)


@mutant("entered in error is no state")
def no_error_state(patch: Patch) -> None:
    patch.delitem(packages.STATES, "CarePackageEnteredInError")


@mutant("a vanished row has ended")
def vanished_has_ended(patch: Patch) -> None:
    for module, state in ((packages, "ended"), (support, "closed")):
        patch.setitem(module.STATES, module.GONE, state)
        patch.setitem(module.RANKS, module.GONE, len(module.RANKS))


@mutant("a stated death is a confirmed one")
def stated_is_confirmed(patch: Patch) -> None:
    real = reduce.death_of

    def death_of(facts: Iterable[Fact]) -> Death:
        death = real(facts)
        return Death(death.stated_at, death.stated_at)

    patch.setattr(reduce, "death_of", death_of)


@mutant("a stated death holds nothing")
def death_holds_nothing(patch: Patch) -> None:
    real = told._owed

    def owed(*said: Any) -> Iterator[told.Notice]:
        for notice in real(*said):
            yield msgspec.structs.replace(notice, state="owed")

    patch.setattr(told, "_owed", owed)


@mutant("notice horizon off")
def no_horizon(patch: Patch) -> None:
    real = account._departure

    def departure(*said: Any) -> Any:
        gone = real(*said)
        return gone and gone._replace(late=False)

    patch.setattr(account, "_departure", departure)


@mutant("the uninvolved are told")
def all_are_told(patch: Patch) -> None:
    patch.setattr(told, "concerned", lambda *_: True)


@mutant("told-log off")
def told_log_off(patch: Patch) -> None:
    real = reduce.telling_of
    patch.setattr(reduce, "telling_of", lambda s, p, v, facts, *rest: real(s, p, v, {}, *rest))


@mutant("who is parked is nobody")
def parked_is_nobody(patch: Patch) -> None:
    patch.setattr(view, "_parked", lambda *_: view.Sight(None))


@mutant("a copy forgets what another knew")
def copy_forgets(patch: Patch) -> None:
    patch.setattr(copies, "_united", lambda best, _other: best.flags)
