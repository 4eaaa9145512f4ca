"""Mutants: the program with one rule broken, each by one small replacement. A scenario names in its story the
mutants it kills: its expected lines must differ under each of them.

In: pytest's monkeypatch. Out: a program that is wrong in one named way until the fixture undoes it. Never a
setting.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import pytest

from connectors import file_history, identity, sealing, times
from connectors.identity import RANK_TRACED, Identity
from connectors.nhs_number import NumberVerdict
from connectors.partners.hl7_adt import reading, visits
from connectors.partners.hl7_adt import translate as hl7
from connectors.partners.voluntary_webhook import translate as voluntary_webhook
from runtime import freshness
from schemas.fact import Fact
from streams.core import (
    account,
    care,
    exchange,
    identified,
    journal,
    links,
    packages,
    reduce,
    routes,
    select,
    stays,
    support,
    told,
    visit,
)
from streams.core.config import CoreConfig
from streams.core.death import Death
from streams.core.links import MERGE, NUMBER, LinkSet
from streams.core.messages import Addressed, Contribute
from streams.core.restriction import Restriction
from streams.core.routes import Routes, Way

Patch = pytest.MonkeyPatch
Mutant = Callable[[Patch], None]

MUTANTS: dict[str, Mutant] = {}


def mutant(name: str) -> Callable[[Mutant], Mutant]:
    """Enter a mutant under its name."""

    def enter(apply: Mutant) -> Mutant:
        assert name not in MUTANTS
        MUTANTS[name] = apply
        return apply

    return enter


def _ignored(trigger: str) -> None:
    """A trigger that says nothing of its own."""
    MUTANTS[f"{trigger} ignored"] = lambda patch: patch.delitem(visits.FACTS, trigger)  # type: ignore[arg-type]


for _trigger in ("A11", "A12", "A13", "A25", "A38"):
    _ignored(_trigger)


# Reading


@mutant("EVN-2 for EVN-6")
def written_for_happened(patch: Patch) -> None:
    real = hl7.context_of

    def context_of(message: Any, dialect: Any, trigger: str) -> Any:
        return real(message, dialect.model_copy(update={"event_time": dialect.recorded_time}), trigger)

    patch.setattr(hl7, "context_of", context_of)


@mutant("absent = delete")
def absent_deletes(patch: Patch) -> None:
    _reads(patch, lambda value: None if value is reading.ABSENT else value)


@mutant("deleted = absent")
def deleted_is_absent(patch: Patch) -> None:
    _reads(patch, lambda value: reading.ABSENT if value is None else value)


def _reads(patch: Patch, instead: Callable[[Any], Any]) -> None:
    real = reading.Segment.value
    patch.setattr(reading.Segment, "value", lambda self, *where: instead(real(self, *where)))


@mutant("daylight saving off")
def no_daylight_saving(patch: Patch) -> None:
    patch.setattr(times, "zone", lambda name: times.UTC)
    patch.setattr(times, "moment", times.moment.__wrapped__)


@mutant("test traffic accepted")
def test_traffic(patch: Patch) -> None:
    real = hl7._trigger

    def trigger(header: Any, dialect: Any) -> str:
        return real(header, dialect.model_copy(update={"processing_id": header.text(11)}))

    patch.setattr(hl7, "_trigger", trigger)


@mutant("refused consent read as given")
def consent_ignored(patch: Patch) -> None:
    real = voluntary_webhook.read_body
    patch.setattr(
        voluntary_webhook, "read_body", lambda *said: real(*said).model_copy(update={"consent": "given"})
    )


@mutant("a vanished row says nothing")
def vanished_says_nothing(patch: Patch) -> None:
    real = file_history._tokens
    patch.setattr(file_history, "_tokens", lambda past, now: real(past, now) - {file_history.GONE})


@mutant("a late file is held against one neighbour")
def one_neighbour(patch: Patch) -> None:
    patch.setattr(file_history, "_said_again", lambda *_: iter(()))


# Identity


def _sealed_as(patch: Patch, instead: Callable[[Identity], Identity]) -> None:
    real = sealing.identify
    patch.setattr(sealing, "identify", lambda *said: instead(real(*said)))


@mutant("join on name")
def join_on_name(patch: Patch) -> None:
    def by_name(found: Identity) -> Identity:
        return dataclasses.replace(found, key=f"p1:{found.match_tags[0]}") if found.match_tags else found

    _sealed_as(patch, by_name)


@mutant("placeholders are numbers")
def placeholders_join(patch: Patch) -> None:
    real = identity.judge

    def judge(*said: Any) -> tuple[str, NumberVerdict]:
        number, verdict = real(*said)
        return number, NumberVerdict.VALID if verdict is NumberVerdict.PLACEHOLDER else verdict

    patch.setattr(identity, "judge", judge)


@mutant("unverified numbers join")
def unverified_join(patch: Patch) -> None:
    real = identity._rank
    patch.setattr(identity, "_rank", lambda *said: max(real(*said), RANK_TRACED))


@mutant("no link from number")
def no_number_links(patch: Patch) -> None:
    patch.setattr(sealing.Sealer, "_number_links", lambda *_: iter(()))


@mutant("dates of birth not compared")
def births_not_compared(patch: Patch) -> None:
    for module in (exchange, links):
        patch.setattr(module, "refused", lambda claims: frozenset())


@mutant("facts stay with the number")
def facts_stay(patch: Patch) -> None:
    patch.setattr(Routes, "start", lambda self, origin, local: origin)


@mutant("merge ignored")
def merge_ignored(patch: Patch) -> None:
    patch.delitem(links._RANK, "merge")


@mutant("one-way merge")
def one_way_merge(patch: Patch) -> None:
    """What is written under the old number after the merge stays there."""
    real = exchange._Exchange._give

    def give(self: Any, stream: Any, to: str, path: Any) -> None:
        stance, log = self.routes.stance(self.key), stream.journal.log
        if stance.rank != MERGE or stream.given.get((to, path), 0) == len(log):
            return real(self, stream, to, path)
        early = tuple(fact for fact in log if fact.recorded_at <= stance.at[0])
        self._tell({self.key, *path}, to)
        self.facts.append(Addressed(to, Contribute(stream.id.origin, stream.id.local, path, early, True)))
        stream.given[to, path] = len(log)
        return None

    patch.setattr(exchange._Exchange, "_give", give)


@mutant("one hop only")
def one_hop(patch: Patch) -> None:
    real = Routes.way

    def way(self: Routes, stream: Any, holder: str) -> Way:
        found = real(self, stream, holder)
        return Way(found.path) if stream.path else found

    patch.setattr(Routes, "way", way)


@mutant("decisions ignored")
def decisions_ignored(patch: Patch) -> None:
    patch.setattr(LinkSet, "_decide", lambda self, decision: False)


@mutant("undo ignored")
def undo_ignored(patch: Patch) -> None:
    real = LinkSet.add
    patch.setattr(LinkSet, "add", lambda self, fact: fact.kind != "MatchUndone" and real(self, fact))


@mutant("not-same forgotten on a re-send")
def not_same_forgotten(patch: Patch) -> None:
    real = routes.stance_of

    def stance_of(key: str, known: LinkSet | None) -> Any:
        if known is None:
            return real(key, known)
        newest = max((link.at for link in known.links.values() if link.rank == NUMBER), default=())
        kept = {o: d for o, d in known.decisions.items() if d.word != "not_same" or d.at > newest}
        copy = known.copy()
        copy.decisions = kept
        return real(key, copy)

    patch.setattr(routes, "stance_of", stance_of)


@mutant("restriction off")
def restriction_off(patch: Patch) -> None:
    patch.setattr(Restriction, "holds", lambda self, field: False)


@mutant("retired ids forgotten")
def retired_forgotten(patch: Patch) -> None:
    patch.setattr(identified, "_retired", lambda ordered: frozenset())


# The fold


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
    def cancel_move(on: visit.Visit, cancel: Fact) -> None:
        visit._place(on, cancel)
        victim = visit._victim(on, None)
        if victim is not None:
            victim.void(cancel)

    patch.setattr(visit, "_cancel_move", cancel_move)


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


# Telling


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
    patch.setattr(told, "_concerned", lambda *_: True)


@mutant("told-log off")
def told_log_off(patch: Patch) -> None:
    real = reduce.telling_of
    patch.setattr(reduce, "telling_of", lambda s, p, v, facts, config: real(s, p, v, {}, config))


@mutant("silence off")
def silence_off(patch: Patch) -> None:
    patch.setattr(freshness, "is_stale", lambda *_: False)
