"""What a return looks at of each person: were they in hospital that day, had they stopped to meet the
criteria to reside, why do they wait (domain 01 §1.2-1.4, §1.15).

In: the facts of one person that stand, the config, a `Snapshot`. Out: a `Seen` for each of their spells with
the trust that touches the day. The same readings as the views' (account, readiness, plan, delays,
responsible), over what had happened by then. A function of the set of facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple, cast

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.select import distinct, grouped, latest, winners
from streams.core.moments import local_date
from streams.core.reduce import reduce_person
from streams.core.spells.account import Account, account_of
from streams.core.spells.care import NOT_OF_A_LIST, attach
from streams.core.spells.coverage import Stay, applies
from streams.core.spells.delays import Delay, delays_of
from streams.core.spells.joining import joined
from streams.core.spells.plan import pathway, planned_destination
from streams.core.spells.readiness import (
    MEDICALLY_FIT,
    Finding,
    Interval,
    assessed,
    intervals,
    medically_fit,
    strongest,
)
from streams.core.spells.responsible import KIND as RESPONSIBILITY
from streams.core.spells.responsible import out_of_area, responsible_of
from streams.returns.day import Snapshot

OWN, OUT_OF_AREA, UNSAID = "own", "out_of_area", "unsaid"
_ATTENDS: Final = frozenset({"E", "O"})
"""Classes of people who attend without being admitted: not of a return of inpatients."""


class Seen(NamedTuple):
    """One spell on the day. `left_at` None: still in hospital."""

    spell_id: str
    facts: tuple[Fact, ...]
    """What had happened by then."""
    days: int | None
    """Length of stay: nights by the clock in England; None = nobody said since when."""
    left_at: int | None
    ready: Interval | None
    """Since when they no longer meet the criteria, at the end of their day: midnight, or when they left."""
    assessed: bool
    """Whether any clinician's result of the source that counts is known; without one it is unknown."""
    was_ready: bool
    """Whether they did not meet them at some moment of the day."""
    pathway: str | None
    destination: tuple[str | None, str | None]
    """(List, code) of where to, as planned."""
    reasons: tuple[Delay, ...]
    """A human's, that run: the one that counts first."""
    disagrees: bool
    """The tasks imply another reason than the human's."""
    residents: str
    excluded: str | None


class Unplaced(NamedTuple):
    """Somebody the hub lists whom no hospital has told of: in no trust's count."""

    thing: str
    facts: tuple[Fact, ...]


def seen_of(
    facts: Sequence[Fact], partners: frozenset[str], snap: Snapshot, config: CoreConfig
) -> Iterator[Seen | Unplaced]:
    """One person's spells with the trust whose `partners` told of them."""
    accounts, hub = _things(facts, config)
    disagree = _disagree(facts, config)
    for thing, account in sorted(accounts.items()):
        if account.spell.partner in partners and _inpatient(account, snap):
            said = [fact for fact in hub.get(thing, ()) if fact.occurred_at < snap.before]
            yield _seen(account, said, snap, config, disagrees=thing in disagree)
    for thing, listed in sorted(hub.items()):
        said = [fact for fact in listed if fact.occurred_at < snap.before and fact.kind not in NOT_OF_A_LIST]
        if thing not in accounts and said:
            yield Unplaced(thing, tuple(said))


def _things(facts: Sequence[Fact], config: CoreConfig) -> tuple[dict[str, Account], dict[str, list[Fact]]]:
    groups = grouped(distinct(facts))
    visits, rows = groups.get("hospital-spell", {}), groups.get("hub-worklist", {})
    told = {thing: account_of(thing, said, config) for thing, said in visits.items()}
    accounts, hub, _ = joined(told, visits, rows, [], config)
    return accounts, attach(accounts, dict(hub))


def _disagree(facts: Sequence[Fact], config: CoreConfig) -> set[str]:
    """Spells whose open tasks imply another reason than the one a human gave."""
    return {
        spell.spell_id
        for spell in reduce_person(facts, config).spells
        if any(delay.disagrees for delay in spell.delays)
    }


def _inpatient(account: Account, snap: Snapshot) -> bool:
    spell = account.spell
    if spell.status not in ("admitted", "discharged") or spell.start >= snap.before:
        return False
    if spell.patient_class is not None and spell.patient_class.code in _ATTENDS:
        return False
    return spell.discharged_at is None or spell.discharged_at >= snap.starts


def _seen(
    account: Account, said: Sequence[Fact], snap: Snapshot, config: CoreConfig, *, disagrees: bool
) -> Seen:
    spell = account.spell
    left_at = spell.discharged_at
    if left_at is not None and left_at >= snap.before:
        left_at = None
    stands = winners(said)
    visits = [[fact for fact in visit.ordered if fact.occurred_at < snap.before] for visit in account.visits]
    at = snap.at if left_at is None else left_at
    ready, found = _readiness(stands, visits, left_at, config)
    heard = [finding for finding in found if finding.at <= at]
    begun = [one for one in ready if one.since <= at]
    way = pathway("confirmed", stands, config)
    planned = planned_destination(stands, config)
    running = [delay for delay in delays_of(stands, left_at, config) if delay.until in (None, left_at)]
    running.sort(key=lambda delay: (delay.since, delay.rank, delay.reason or ("", None), delay.source))
    return Seen(
        spell.spell_id,
        tuple(fact for visit in visits for fact in visit) + tuple(said),
        _nights(spell.admitted_at, snap.day),
        left_at,
        begun[-1] if begun and heard[-1].ready else None,
        bool(heard),
        any(one.until is None or one.until > snap.starts for one in begun),
        way.code if way else None,
        (planned.term.list, planned.term.code) if planned else (None, None),
        tuple(running),
        disagrees,
        _residents(stands, spell.start, config),
        _excluded(account, visits, left_at, config),
    )


def _readiness(
    stands: Sequence[Fact], visits: Iterable[Sequence[Fact]], left_at: int | None, config: CoreConfig
) -> tuple[tuple[Interval, ...], list[Finding]]:
    """Ready intervals of the source that counts, and its results."""
    findings = assessed(stands)
    for ordered in visits:
        if fit := medically_fit(ordered):
            findings[ordered[0].partner, MEDICALLY_FIT] = fit
    name, found = strongest(findings, "ready", config)
    return (intervals(found, name, left_at), found) if name else ((), [])


def _nights(admitted_at: int | None, day: date) -> int | None:
    came = local_date(admitted_at) if admitted_at is not None else None
    return None if came is None else (day - date.fromisoformat(came)).days


def _residents(stands: Sequence[Fact], start: int, config: CoreConfig) -> str:
    if not any(fact.kind == RESPONSIBILITY for fact in stands):
        return UNSAID
    responsible = responsible_of(stands, start, config)
    if responsible.basis == "place" or responsible.council is None:
        return UNSAID
    return OUT_OF_AREA if out_of_area(responsible, config) else OWN


def _excluded(
    account: Account, visits: Iterable[Sequence[Fact]], left_at: int | None, config: CoreConfig
) -> str | None:
    spell = account.spell
    method = spell.discharge_method if left_at is not None else None
    specialty = next((found for ordered in visits if (found := latest(ordered, "specialty"))), None)
    stay = Stay(
        spell.start,
        left_at or 0,
        spell.patient_class.code if spell.patient_class else None,
        method.code if method else None,
        cast("str | None", specialty),
    )
    return next((one.name for one in config.exclusions if applies(one, stay)), None)
