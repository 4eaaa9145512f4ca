"""What the hub adds to a spell: readiness, pathway, delays, expected discharge (domain 03 §3.9).

In: spells as their hospitals tell them, and hub facts. Out: complete spells. A hub fact without a visit
number goes to the spell it falls in, as a function of the whole set: when the spell becomes known
later, the fact is there already.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.facts.select import in_time, latest, place_in_order, winners
from streams.core.spells import stays
from streams.core.spells.account import Account
from streams.core.spells.care_homes import MISMATCH, mismatch, return_of
from streams.core.spells.checklist import checklist_of
from streams.core.spells.coverage import Stay, coverage_of
from streams.core.spells.death import NOBODY, Death
from streams.core.spells.delays import delays_of, suggest
from streams.core.spells.location import NOWHERE, Location
from streams.core.spells.plan import (
    expected_discharge,
    expected_history,
    pathway,
    pathway_history,
    planned_destination,
)
from streams.core.spells.readiness import (
    MEDICALLY_FIT,
    Findings,
    Interval,
    assessed,
    disagree,
    discharge_ready_at,
    intervals,
    medically_fit,
    strongest,
)
from streams.core.spells.responsible import KIND as RESPONSIBILITY
from streams.core.spells.responsible import out_of_area, responsible_of
from streams.core.spells.spell import Spell
from streams.core.spells.visit import Visit
from streams.core.transfer.tasks import Task

NOT_OF_A_LIST = frozenset({
    "WorklistRowGone",
    "ResponsibilitySet",
    "PreferredPlaceRecorded",
    "UnpaidCarerRecorded",
    "DocumentArrived",
    "CareHomeReturnStated",
})
"""Hub facts that alone do not say that anybody is in a bed."""
ROW = "row:"
"""How the thing of a hub row without a visit number begins."""


def attach(accounts: Mapping[str, Account], hub: Mapping[str, list[Fact]]) -> dict[str, list[Fact]]:
    """Give each hub fact its spell.

    By id, else the last that began before it, else the first; else one of its own.
    """
    by_time = sorted(
        (account.spell.start, spell_id)
        for spell_id, account in accounts.items()
        if account.spell.status in ("registered", "admitted", "discharged")
    )
    starts = [start for start, _ in by_time]
    out: dict[str, list[Fact]] = {}
    for thing, facts in hub.items():
        if thing in accounts or not thing.startswith(ROW) or not by_time:
            out.setdefault(thing.removeprefix(ROW), []).extend(facts)
            continue
        for fact in facts:
            index = max(bisect_right(starts, fact.occurred_at) - 1, 0)
            out.setdefault(by_time[index][1], []).append(fact)
    return out


def hub_only(spell_id: str, facts: Sequence[Fact], config: CoreConfig) -> Account:
    """Someone the hub lists whom no hospital feed has told of yet: in a bed, as far as anyone knows."""
    partner = min({fact.partner for fact in facts}, key=lambda name: config.strength("spell", name))
    seen = max((fact for fact in facts if fact.kind == "WorklistRowSeen"), key=place_in_order, default=None)
    place = Location(seen.body.get("ward"), None, seen.body.get("bed")) if seen else NOWHERE
    lies = (stays.Stay(None, None, place, inferred=True),) if place.text else ()
    spell = Spell(
        spell_id=spell_id,
        partner=partner,
        status="admitted",
        location=place,
        stays=lies,
        flags=frozenset({"hub_only"}),
        start=min(fact.occurred_at for fact in facts),
    )
    return Account(spell, ())


def complete(
    account: Account,
    facts: Sequence[Fact],
    tasks: Iterable[Task],
    death: Death,
    config: CoreConfig,
) -> Spell:
    """Add what the hub said of a spell; `facts` are the hub facts attached to it."""
    spell, visits = account.spell, account.visits
    said = winners(facts)
    added: dict[str, Any] = {
        "expected_discharge_at": expected_discharge(visits, said, config),
        "expected_history": expected_history(visits, facts),
    }
    if death != NOBODY or spell.discharged_at is not None:
        added |= _death(spell, death)
    if spell.status not in ("planned", "cancelled"):
        findings = assessed(said)
        for visit in visits:
            if fit := medically_fit(visit.ordered):
                findings[visit.partner, MEDICALLY_FIT] = fit
        added |= _readiness(spell, findings, visits, config)
        ready_since = _ready_since(added.get("ready", ()))
        if said:
            added |= _by_hub(spell, said, added.get("flags", spell.flags), config)
            added["owners"] = _owners(said)
            added["pathway_history"] = pathway_history(facts, config)
            left = spell.discharged_at is not None
            added |= _whose(spell, said, added.get("flags", spell.flags), config)
            added["checklist"] = checklist_of(said, ready_since, left=left, config=config)
        added["delays"] = suggest(added.get("delays", ()), tasks, ready_since)
    return msgspec.structs.replace(spell, **added)


def _readiness(
    spell: Spell, findings: Findings, visits: Sequence[Visit], config: CoreConfig
) -> dict[str, Any]:
    name, found = strongest(findings, "ready", config)
    left_at = spell.discharged_at
    ready = intervals(found, name, left_at) if name else ()
    stay = _ended(spell, visits)
    coverage = coverage_of(stay, ready, found, config) if stay else None
    if name is None:
        return {"coverage": coverage}
    differ = left_at is None and disagree(findings)
    return {
        "ready": ready,
        "discharge_ready_at": discharge_ready_at(ready, discharged=left_at is not None),
        "flags": spell.flags | {"ready_conflict"} if differ else spell.flags,
        "coverage": coverage,
    }


def _ended(spell: Spell, visits: Sequence[Visit]) -> Stay | None:
    if spell.status != "discharged" or spell.discharged_at is None:
        return None
    specialty = next((said for visit in visits if (said := latest(visit.ordered, "specialty"))), None)
    patient_class, method = spell.patient_class, spell.discharge_method
    return Stay(
        spell.start,
        spell.discharged_at,
        patient_class.code if patient_class else None,
        method.code if method else None,
        cast("str | None", specialty),
    )


def _whose(spell: Spell, said: Sequence[Fact], flags: frozenset[str], config: CoreConfig) -> dict[str, Any]:
    if spell.status == "deleted" or not any(fact.kind == RESPONSIBILITY for fact in said):
        return {}
    responsible = responsible_of(said, spell.start, config)
    return {
        "responsible": responsible,
        "flags": flags | {"out_of_area"} if out_of_area(responsible, config) else flags,
    }


def _by_hub(spell: Spell, said: Sequence[Fact], flags: frozenset[str], config: CoreConfig) -> dict[str, Any]:
    doubts = {flag for fact in said for flag in fact.flags}
    doubts |= {"hub_row_gone"} if spell.open and _row_gone(said) else set()
    delays = tuple(delays_of(said, spell.discharged_at, config))
    doubts |= {"reason_outdated"} if any(not delay.term.in_force for delay in delays) else set()
    expected, confirmed = pathway("expected", said, config), pathway("confirmed", said, config)
    stated = return_of(said)
    doubts |= {MISMATCH} if spell.open and mismatch(stated, expected, confirmed) else set()
    return {
        "pathway_expected": expected,
        "pathway_confirmed": confirmed,
        "care_home": stated,
        "planned": planned_destination(said, config),
        "delays": delays,
        "flags": flags | doubts,
    }


def _owners(said: Iterable[Fact]) -> tuple[tuple[int, str], ...]:
    """Who was named when; a reason without an owner says nothing of one."""
    words = [
        fact for fact in said
        if (fact.kind == "OwnerSet" and "owner" in fact.body)
        or (fact.kind == "DelayReasonSet" and fact.body.get("owner"))
    ]
    return tuple((fact.occurred_at, str(fact.body["owner"] or "")) for fact in sorted(words, key=in_time))


def _ready_since(ready: Sequence[Interval]) -> int | None:
    return ready[-1].since if ready and ready[-1].until is None else None


def _death(spell: Spell, death: Death) -> dict[str, int | None]:
    """A discharge of method 4 confirms a death; so does what the sources wrote."""
    by_discharge = (
        spell.discharged_at if spell.discharge_method and spell.discharge_method.code == "4" else None
    )
    confirmed = _earliest(death.confirmed_at, by_discharge)
    return {"death_stated_at": _earliest(death.stated_at, confirmed), "death_confirmed_at": confirmed}


def _earliest(*times: int | None) -> int | None:
    return min((at for at in times if at is not None), default=None)


def _row_gone(said: Sequence[Fact]) -> bool:
    """A row that vanished from its list is "unknown since", never "discharged"."""
    last = {fact.partner: fact for fact in sorted(said, key=place_in_order)}
    return bool(last) and all(fact.kind == "WorklistRowGone" for fact in last.values())
