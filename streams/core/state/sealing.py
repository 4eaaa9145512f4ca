"""A thing that has ended is sealed into its summary once no admissible fact can reach it (design.md §4 law
7).

In: a `PersonState`, now. Out: the state, holding of each sealed thing the least set of its facts that says
the same of it. Such a summary goes where facts go: to another key by a link, through the reduce, onto the
lines. A stay, a task, a package or a charity's support is sealed when it has ended, no open task and no
retraction is about it, and all that was ever said of it lies further back than any of its sources may reach.
What is said of it afterwards is refused: the one stated exception to law 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.filing import MERGED, REASSIGNED
from streams.core.facts.journal import Journal
from streams.core.facts.select import FAMILIES, distinct, grouped, latest, place_in_order
from streams.core.reduce import Picture, heard_of, reduce_person
from streams.core.spells.account import account_of
from streams.core.spells.plan import expected_discharge, expected_history
from streams.core.spells.readiness import medically_fit
from streams.core.state.person import PersonState, Stream
from streams.core.transfer.packages import package_of
from streams.core.transfer.support import support_of
from streams.core.transfer.tasks import tasks_of
from streams.core.views.view import held

Says = Callable[[Sequence[Fact]], object]
"""Everything of a thing that anything else is made of."""
WORK: Final = 100_000
"""Facts that may be looked at to seal one thing, half a second: thousands of amendments that all differ stay.
"""
_SPELLS: Final = "hospital-spell"
_OVER: Final = frozenset({"discharged", "cancelled", "deleted"})
_FILED: Final = frozenset({MERGED, REASSIGNED})


class Ended(NamedTuple):
    """A thing that has ended, and when nothing can reach it any more."""

    thing: str
    family: str
    facts: Sequence[Fact]
    beyond_at: int


def seal(state: PersonState, now_us: int, config: CoreConfig) -> int:
    """Seal what can be; gives the time to look again."""
    routes = state.map()
    erased = state.restriction.cuts()
    if erased or state.shown.status != "alive" or routes.root(state.key) != state.key:
        return now_us + config.horizon_us
    facts = distinct(held(state, routes)[0])
    ended = list(_ended(facts, reduce_person(facts, config), state.sealed, config))
    for thing in ended:
        stream = _home(state, thing)
        if thing.beyond_at <= now_us and stream is not None:
            _leave(stream, thing, least(thing.facts, _says(thing.family, thing.thing, config)))
            state.sealed[thing.thing] = now_us
            state.rewrite, state.knowledge = True, state.knowledge + 1
    later = [thing.beyond_at for thing in ended if thing.beyond_at > now_us]
    return min([*later, now_us + config.horizon_us])


def _ended(
    facts: Sequence[Fact], picture: Picture, sealed: Mapping[str, int], config: CoreConfig
) -> Iterator[Ended]:
    groups = grouped(facts)
    over = _over(picture, facts)
    for family in (_SPELLS, "task", "council-care-package", "voluntary-support"):
        for thing, own in groups.get(family, {}).items():
            if thing in sealed or (thing not in over if family == _SPELLS else _goes_on(family, thing, own)):
                continue
            said = [fact for about in groups.values() for fact in about.get(thing, ())]
            newest = max(max(fact.occurred_at, fact.recorded_at, fact.received_at) for fact in said)
            reach = max(config.horizons.get(fact.partner, config.horizon_us) for fact in said)
            beyond_at = max(newest, over.get(thing, 0)) + max(reach, config.retraction_us) + 1
            yield Ended(thing, family, own, beyond_at)


def _over(picture: Picture, facts: Sequence[Fact]) -> dict[str, int]:
    """Stays that are over for everybody, and since when: no task about them is open, nobody has still to be
    told otherwise, and they are neither part of another stay nor another's.
    """
    filed = {fact.thing for fact in facts if fact.kind in _FILED}
    filed |= {str(fact.body.get("into_spell")) for fact in facts if fact.kind == MERGED}
    transfer = picture.transfer
    busy = set(filed)
    if transfer is not None:
        busy |= {task.spell_id for task in transfer.tasks if task.open and task.spell_id}
        busy |= {retraction.told.about for retraction in transfer.telling.must_retract}
    return {
        spell.spell_id: spell.discharged_at or spell.start
        for spell in picture.spells
        if spell.status in _OVER and spell.spell_id not in busy
    }


def _goes_on(family: str, thing: str, facts: Sequence[Fact]) -> bool:
    if family == "task":
        return any(task.open for task in tasks_of(thing, facts))
    found = package_of(thing, facts) if family == "council-care-package" else support_of(thing, facts)
    return found is not None and found.open


def _home(state: PersonState, ended: Ended) -> Stream | None:
    """The one stream that holds the thing, where nothing of it was given to another key: what is held in
    several places may part again.
    """
    homes = [s for s in state.streams.values() if any(_of(fact, ended) for fact in s.journal)]
    one = homes[0] if len(homes) == 1 else None
    return one if one is not None and not one.given and not one.id.path else None


def _of(fact: Fact, ended: Ended) -> bool:
    return fact.thing == ended.thing and FAMILIES.get(fact.kind) == ended.family


def _leave(stream: Stream, ended: Ended, kept: Sequence[Fact]) -> None:
    ids = {fact.id for fact in kept}
    stream.journal = Journal(fact for fact in stream.journal if fact.id in ids or not _of(fact, ended))


def _says(family: str, thing: str, config: CoreConfig) -> Says:
    """Tells whether two sets of facts say the same of a thing, to all that is made of it."""

    def says(facts: Sequence[Fact]) -> object:
        if family == _SPELLS:
            made: object = _stay(thing, facts, config)
        elif family == "task":
            made = tasks_of(thing, facts)
        else:
            made = package_of(thing, facts) if family == "council-care-package" else support_of(thing, facts)
        return made, heard_of(facts)

    return says


def _stay(thing: str, facts: Sequence[Fact], config: CoreConfig) -> object:
    """The stay, and what the hub's words about it are put together with (`care.py`)."""
    account = account_of(thing, facts, config)
    visits = [
        (
            visit.partner, visit.only_census, medically_fit(visit.ordered),
            latest(visit.ordered, "specialty"), expected_discharge([visit], (), config),
            expected_history([visit], ()),
        )
        for visit in account.visits
    ]  # fmt: skip
    return account.spell, account.merged, account.gone, visits


def least(facts: Sequence[Fact], says: Says) -> list[Fact]:
    """A least set of these facts that says the same: large parts are tried first, then smaller ones, until
    none of it can be left out or `WORK` is done.
    """
    kept = sorted(facts, key=place_in_order)
    whole = says(kept)
    size, done = len(kept) // 2, 0
    while size:
        at = 0
        while at < len(kept):
            rest = kept[:at] + kept[at + size:]
            done += len(rest)
            if done > WORK:
                return kept
            if rest and says(rest) == whole:
                kept = rest
            else:
                at += size
        size //= 2
    return kept
