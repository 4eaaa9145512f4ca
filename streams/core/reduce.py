"""Reduce: the state of a person as a function of the set of their facts (design.md §4).

In: facts in any order, any number of times. Out: a `Picture`. Total: any facts of the vocabulary give a
picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from schemas.fact import Fact
from streams.core.account import Account, account_of
from streams.core.care import attach, complete, hub_only
from streams.core.config import CoreConfig
from streams.core.death import NOBODY, Death, death_of
from streams.core.packages import Package, package_of
from streams.core.select import distinct, grouped, winners
from streams.core.spell import Spell
from streams.core.support import Support, support_of
from streams.core.tasks import Task, task_of
from streams.core.told import Notice, due, telling_of
from streams.core.transfer import Things, Transfer, current_spell, transfer_of

T = TypeVar("T", Package, Support)


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
) -> Picture:
    """Reduce distinct facts already sorted by family and thing, for a caller that keeps them so."""
    tasks = [task_of(thing, facts) for thing, facts in sorted(groups.get("task", {}).items())]
    packages = _made(package_of, groups.get("council-care-package", {}))
    supports = _made(support_of, groups.get("voluntary-support", {}))
    deaths = groups.get("death", {})
    death = death_of(fact for facts in deaths.values() for fact in facts) if deaths else NOBODY
    accounts = {
        thing: account_of(thing, facts, config)
        for thing, facts in sorted(groups.get("hospital-spell", {}).items())
    }
    hub = attach(accounts, groups.get("hub-worklist", {}))
    for thing, facts in sorted(hub.items()):
        if thing not in accounts and any(fact.kind != "WorklistRowGone" for fact in facts):
            accounts[thing] = hub_only(thing, facts, config)
    spells = _completed(accounts, hub, tasks, death, config)
    telling = telling_of(spells, packages, supports, groups.get("notice", {}), config)
    now = current_spell(spells)
    around = winners(hub.get(now.spell_id, [])) if now else []
    transfer = transfer_of(Things(spells, tasks, packages, supports, telling), around)
    return Picture(tuple(spells), transfer, heard)


def _made(make: Callable[[str, Sequence[Fact]], T | None], things: Mapping[str, list[Fact]]) -> list[T]:
    return [made for thing, facts in sorted(things.items()) if (made := make(thing, facts)) is not None]


def _completed(
    accounts: Mapping[str, Account],
    hub: Mapping[str, list[Fact]],
    tasks: Sequence[Task],
    death: Death,
    config: CoreConfig,
) -> list[Spell]:
    """A death belongs to the spell that is open, else to the newest.

    Tasks suggest for the spell they name, else the same.
    """
    now = current_spell(account.spell for account in accounts.values())
    return [
        complete(
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
