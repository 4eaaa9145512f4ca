"""Reduce: the state of a person as a function of the set of their facts (design.md §4).

In: facts in any order, any number of times. Out: a `Picture`. Total: any facts of the vocabulary give a
picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.select import distinct, grouped, winners
from streams.core.spells.account import Account, account_of
from streams.core.spells.care import NOT_OF_A_LIST, attach, complete, hub_only
from streams.core.spells.death import NOBODY, Death, death_of
from streams.core.spells.joining import joined
from streams.core.spells.spell import Spell
from streams.core.transfer.clocks import no_fixed_abode_since
from streams.core.transfer.in_hospital import with_hospital
from streams.core.transfer.join import Things, Transfer, current_spell, transfer_of
from streams.core.transfer.objection import objects
from streams.core.transfer.packages import package_of
from streams.core.transfer.support import support_of
from streams.core.transfer.tasks import Task, related, tasks_of
from streams.core.transfer.told import Notice, due, telling_of
from streams.core.transfer.wishes import PERSONAL

T = TypeVar("T")
Made = dict[tuple[str, str], Any]
"""(Family or step, thing) -> what was made of it. A caller that keeps it takes out what got new facts."""


class Picture(msgspec.Struct, frozen=True):
    """Everything the fold knows of one person, ready for lines, rules and notices."""

    spells: tuple[Spell, ...] = ()
    transfer: Transfer | None = None
    heard: tuple[tuple[str, int], ...] = ()
    """Newest `received_at` per source; alone it never emits (design.md §6 Freshness)."""

    @property
    def owed(self) -> tuple[Notice, ...]:
        """Notices that still have to go out."""
        return due(self.transfer.telling.notices) if self.transfer else ()

    @property
    def received_through(self) -> int:
        """The newest `received_at` of all."""
        return max((at for _, at in self.heard), default=0)


def reduce_person(facts: Iterable[Fact], config: CoreConfig) -> Picture:
    """Reduce the facts of one person to their picture."""
    held = distinct(facts)
    return reduce_things(grouped(held), heard_of(held), config)


def reduce_things(
    groups: Mapping[str, Mapping[str, list[Fact]]],
    heard: tuple[tuple[str, int], ...],
    config: CoreConfig,
    made: Made | None = None,
) -> Picture:
    """Reduce distinct facts already sorted by family and thing, for a caller that keeps them so, and may keep
    what was `made` of them.
    """
    made = {} if made is None else made
    tasks = related(task for run in _each("task", groups, made, tasks_of).values() for task in run)
    packages = [p for p in _each("council-care-package", groups, made, package_of).values() if p is not None]
    supports = [s for s in _each("voluntary-support", groups, made, support_of).values() if s is not None]
    deaths = groups.get("death", {})
    death = death_of(fact for facts in deaths.values() for fact in facts) if deaths else NOBODY
    accounts = _each("hospital-spell", groups, made, lambda thing, facts: account_of(thing, facts, config))
    visits = groups.get("hospital-spell", {})
    accounts, rows, tasks = joined(accounts, visits, groups.get("hub-worklist", {}), tasks, config)
    hub = attach(accounts, rows)
    for thing, facts in sorted(hub.items()):
        if thing not in accounts and any(fact.kind not in NOT_OF_A_LIST for fact in facts):
            accounts[thing] = hub_only(thing, facts, config)
    spells = _completed(accounts, hub, tasks, death, config, made)
    notices = {thing: list(facts) for thing, facts in groups.get("notice", {}).items()}
    flags = [fact for about in groups.get("flag", {}).values() for fact in about]
    objecting = bool(flags) and objects(flags)
    telling = _again("telling", "", made, telling_of, spells, packages, supports, notices, config, objecting)
    now = current_spell(spells)
    around = winners(hub.get(now.spell_id, [])) if now else []
    held = with_hospital(packages, spells, config)
    things = Things(spells, tasks, held, supports, telling)
    homeless = no_fixed_abode_since(flags) if flags else None
    personal = [fact for about in hub.values() for fact in about if fact.kind in PERSONAL]
    transfer = _again("transfer", "", made, transfer_of, things, around, personal, homeless, config)
    return Picture(tuple(spells), transfer, heard)


def _each(
    family: str,
    groups: Mapping[str, Mapping[str, list[Fact]]],
    made: Made,
    make: Callable[[str, Sequence[Fact]], T],
) -> dict[str, T]:
    """Make each thing of a family, by thing in order, unless it was made of these facts before."""
    out: dict[str, T] = {}
    for thing, facts in sorted(groups.get(family, {}).items()):
        name = (family, thing)
        if name not in made:
            made[name] = make(thing, facts)
        out[thing] = made[name]
    return out


def _again(step: str, thing: str, made: Made, make: Callable[..., T], *given: object) -> T:
    """Do a step unless it was done with equal things before; nobody changes what is `given` afterwards."""
    held: tuple[tuple[object, ...], T] | None = made.get((step, thing))
    if held is None or held[0] != given:
        held = made[step, thing] = (given, make(*given))
    return held[1]


def _completed(
    accounts: Mapping[str, Account],
    hub: Mapping[str, list[Fact]],
    tasks: Sequence[Task],
    death: Death,
    config: CoreConfig,
    made: Made,
) -> list[Spell]:
    """A death belongs to the spell that is open, else to the newest.

    Tasks suggest for the spell they name, else the same.
    """
    now = current_spell(account.spell for account in accounts.values())
    return [
        _again(
            "complete",
            thing,
            made,
            complete,
            account,
            hub.get(thing, ()),
            [
                task
                for task in tasks
                if task.spell_id == thing or (account.spell is now and not task.spell_id)
            ],
            death if account.spell is now or account.spell.open else NOBODY,
            config,
        )
        for thing, account in sorted(accounts.items())
    ]


def heard_of(facts: Iterable[Fact]) -> tuple[tuple[str, int], ...]:
    """Give the newest `received_at` of each source over distinct facts, by source."""
    newest: dict[str, int] = {}
    for fact in facts:
        held = newest.get(fact.partner)
        if held is None or fact.received_at > held:
            newest[fact.partner] = fact.received_at
    return tuple(sorted(newest.items()))
