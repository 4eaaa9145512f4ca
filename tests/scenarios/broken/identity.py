"""Mutants of identity: who is joined, who is not, and what follows them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from connectors import identity, sealing
from connectors.identity import RANK_TRACED, Identity
from connectors.nhs_number import NumberVerdict
from connectors.partners.hl7_adt import merges
from runtime.pseudonym import KeyRing
from streams.core.identity import candidates, exchange, identified, links, routes
from streams.core.identity.links import MERGE, NUMBER, Decision, LinkSet
from streams.core.identity.messages import Addressed, Contribute
from streams.core.identity.restriction import Restriction
from streams.core.identity.routes import Routes, Way
from tests.scenarios.broken.registry import Patch, mutant


def _sealed_as(patch: Patch, instead: Callable[[Identity], Identity]) -> None:
    real = sealing.identify
    patch.setattr(sealing, "identify", lambda *said: instead(real(*said)))


@mutant("join on name")
def join_on_name(patch: Patch) -> None:
    def by_name(found: Identity) -> Identity:
        if not found.match_tags:
            return found
        return dataclasses.replace(found, key=KeyRing.offline().person_key("LOCAL", "", found.match_tags[0]))

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


@mutant("unlink ignored")
def unlink_ignored(patch: Patch) -> None:
    patch.delitem(links._RANK, "unlink")


@mutant("a parting takes back every link")
def parting_takes_all(patch: Patch) -> None:
    real = links._link_of

    def link_of(fact: Any, rank: int, target: str | None) -> Any:
        return real(fact, rank, None if fact.body.get("basis") == "unlink" else target)

    patch.setattr(links, "parts", lambda fact: False)
    patch.setattr(links, "_link_of", link_of)


@mutant("two linked records stay two")
def linked_stay_two(patch: Patch) -> None:
    patch.setattr(merges, "PAIRS", frozenset())
    patch.setattr(merges, "_groups", lambda context: [])


@mutant("a deleted person keeps the name")
def deleted_keeps_name(patch: Patch) -> None:
    def newest(said: Any, field: str) -> str | None:
        return next((str(fact.body[field]) for fact in reversed(said) if fact.body.get(field)), None)

    patch.setattr(identified, "_newest", newest)


@mutant("a moved record stays with the wrong person")
def moved_stays(patch: Patch) -> None:
    patch.setattr(merges, "_moved", lambda context: [])


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


@mutant("a denial of an unproposed pair is not listed")
def denial_unlisted(patch: Patch) -> None:
    patch.setattr(candidates, "_decided", lambda state, members: ())


@mutant("a denial cannot be taken back")
def denial_for_ever(patch: Patch) -> None:
    real = LinkSet._decide

    def _decide(self: LinkSet, decision: Decision) -> bool:
        old = self.decisions.get(decision.other)
        taken_back = decision.word == "undone" and old is not None and old.word == "not_same"
        return not taken_back and real(self, decision)

    patch.setattr(LinkSet, "_decide", _decide)
