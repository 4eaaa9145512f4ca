"""Visits that are part of others, or belong to another person: the accounts of a person put right (domain 03
§3.1, A35 to A45).

In: the account of every visit by itself, and the facts. Out: accounts as they are shown: a visit that belongs
to another record is left out with what hangs on it, one that is part of another leaves a tombstone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.filing import MERGED, roots
from streams.core.facts.select import latest
from streams.core.spells.account import Account, account_of
from streams.core.spells.spell import Spell
from streams.core.transfer.tasks import Task

PART = "visit_merged"
"""Flag of a tombstone: what was said of the visit counts in another."""
Facts = Mapping[str, list[Fact]]


class Joined(NamedTuple):
    """What is shown, and how the things that hang on visits follow them."""

    accounts: dict[str, Account]
    hub: Facts
    tasks: list[Task]


def joined(
    accounts: dict[str, Account], facts: Facts, hub: Facts, tasks: list[Task], config: CoreConfig
) -> Joined:
    """Put the accounts right; most persons have nothing to put right."""
    merges = {visit: account.merged for visit, account in accounts.items() if account.merged is not None}
    if not merges and not any(account.gone for account in accounts.values()):
        return Joined(accounts, hub, tasks)
    gone = {visit for visit, account in accounts.items() if account.gone}
    into = {part: whole for part, whole in roots(merges).items() if not {part, whole} & gone}
    shown = {visit: account for visit, account in accounts.items() if visit not in gone}
    for whole in sorted(set(into.values())):
        parts = [facts[part] for part in sorted(into) if into[part] == whole]
        shown[whole] = account_of(whole, facts.get(whole, ()), config, parts)
    for part in into:
        shown[part] = Account(_tombstone(accounts[part], facts[part]), ())
    moved: dict[str, list[Fact]] = {}
    for visit, said in hub.items():
        if visit not in gone:
            moved.setdefault(into.get(visit, visit), []).extend(said)
    return Joined(shown, moved, [_follow(task, into) for task in tasks if task.spell_id not in gone])


def _tombstone(account: Account, facts: Sequence[Fact]) -> Spell:
    spell = account.spell
    own = [fact for fact in account.visits[0].ordered if fact.kind != MERGED]
    number = latest(own, "visit_number")
    return Spell(
        spell_id=spell.spell_id,
        partner=spell.partner,
        status="deleted",
        visit_number=str(number) if number is not None else None,
        flags=frozenset({PART}),
        start=min(fact.occurred_at for fact in facts),
    )


def _follow(task: Task, into: Mapping[str, str]) -> Task:
    whole = into.get(task.spell_id or "")
    return task if whole is None else msgspec.structs.replace(task, spell_id=whole)
