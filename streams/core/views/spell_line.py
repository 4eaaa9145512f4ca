"""The row of a `view:"spell"` line (design.md §9), keys in the listed order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streams.core.codes import Code
from streams.core.config import CoreConfig
from streams.core.moments import utc_text
from streams.core.spells.care_homes import Return
from streams.core.spells.checklist import Item
from streams.core.spells.delays import Delay
from streams.core.spells.destination_lists import code_list
from streams.core.spells.location import Location
from streams.core.spells.plan import ExpectedStep, PathwayStep, Planned
from streams.core.spells.responsible import responsible_of
from streams.core.spells.spell import Spell

Row = dict[str, Any]


def spell_row(spell: Spell, person_key: str, config: CoreConfig) -> Row:
    """Write a spell as a row, times as text."""
    return {
        "view": "spell",
        "spell_id": spell.spell_id,
        "partner": spell.partner,
        "visit_number": spell.visit_number,
        "person_key": person_key,
        "class": _code(spell.patient_class),
        "status": spell.status,
        "admitted_at": utc_text(spell.admitted_at),
        "discharged_at": utc_text(spell.discharged_at),
        "expected_discharge_at": utc_text(spell.expected_discharge_at),
        "location": _location(spell.location),
        "stays": [
            {"from": utc_text(since), "to": utc_text(until), "place": _text(place), "inferred": inferred}
            for since, until, place, inferred in spell.stays
        ],
        "pending": [
            {
                "kind": item.kind,
                "place": _text(item.place),
                "requested_at": utc_text(item.requested_at),
                "expected_at": utc_text(item.expected_at),
                "cancelled_at": utc_text(item.cancelled_at),
                "done_at": utc_text(item.done_at),
            }
            for item in spell.pending
        ],
        "leave": [{"from": utc_text(since), "to": utc_text(until)} for since, until in spell.leave],
        "ready": [
            {"from": utc_text(since), "to": utc_text(until), "source": source, "basis": basis}
            for since, until, source, basis in spell.ready
        ],
        "discharge_ready_at": utc_text(spell.discharge_ready_at),
        "pathway": {
            "expected": _code(spell.pathway_expected),
            "confirmed": _code(spell.pathway_confirmed),
            "history": [_pathway_step(step) for step in spell.pathway_history],
        },
        "delays": _delays(spell.delays),
        "checklist": [_item(item) for item in spell.checklist],
        "discharge": {
            "method": _code(spell.discharge_method),
            "destination": _code(spell.discharge_destination),
            "group": spell.discharge_group,
            "list": code_list(spell.discharge_destination.code if spell.discharge_destination else None),
        },
        "death": {
            "stated_at": utc_text(spell.death_stated_at),
            "confirmed_at": utc_text(spell.death_confirmed_at),
        },
        "responsible": _responsible(spell, config),
        "flags": sorted(spell.flags),
        "expected_discharge_history": [_expected_step(step) for step in spell.expected_history],
        "planned_destination": _planned(spell.planned),
        "ready_coverage": {
            "state": spell.coverage.state if spell.coverage else None,
            "excluded_by": spell.coverage.excluded_by if spell.coverage else None,
        },
        "care_home": _return(spell.care_home),
    }


def _return(said: Return | None) -> Row | None:
    if said is None:
        return None
    return {
        "home": said.home,
        "can_take_back": said.can_take_back,
        "source": said.source,
        "at": utc_text(said.at),
        "reason": said.reason,
    }


def _pathway_step(step: PathwayStep) -> Row:
    return {
        "stage": step.stage,
        "pathway": _code(step.pathway),
        "at": utc_text(step.at),
        "source": step.source,
        "set_by": step.set_by,
    }


def _expected_step(step: ExpectedStep) -> Row:
    return {
        "expected_at": utc_text(step.expected_at),
        "at": utc_text(step.at),
        "source": step.source,
        "set_by": step.set_by,
    }


def _planned(plan: Planned | None) -> Row | None:
    if plan is None:
        return None
    return {
        "destination": {"raw": plan.raw, "code": plan.term.code},
        "scheme": plan.scheme,
        "list": plan.term.list,
        "pathway": plan.term.pathway,
        "pathway_2024": plan.term.pathway_2024,
        "group": plan.term.group,
        "source": plan.source,
        "at": utc_text(plan.at),
        "set_by": plan.set_by,
    }


def _code(code: Code | None) -> Row | None:
    return {"raw": code.raw, "code": code.code} if code else None


def _location(place: Location) -> Row:
    return {"poc": place.poc, "room": place.room, "bed": place.bed, "facility": place.facility}


def _text(place: Location | None) -> str | None:
    return place.text if place else None


def _delays(delays: Iterable[Delay]) -> list[Row]:
    return [
        {
            "reason": _code(delay.reason),
            "scheme": delay.scheme,
            "from": utc_text(delay.since),
            "to": utc_text(delay.until),
            "owner": delay.owner,
            "suggested": delay.suggested,
            "source": delay.source or None,
            "set_by": delay.set_by,
            "list": delay.term.list,
            "group": delay.term.group,
            "code_2024": delay.term.code_2024,
            "disagrees": delay.disagrees,
        }
        for delay in delays
    ]


def _item(item: Item) -> Row:
    return {
        "item": item.item,
        "state": item.state,
        "source": item.source,
        "at": utc_text(item.at),
        "owner": item.owner,
        "planned_at": utc_text(item.planned_at),
        "reason": item.reason,
    }


def _responsible(spell: Spell, config: CoreConfig) -> Row:
    """Whose patient (domain 01 §1.15): the place's own until somebody says otherwise."""
    held = spell.responsible or responsible_of((), spell.start, config)
    return {
        "council": held.council,
        "icb": held.icb,
        "hub": held.hub,
        "basis": held.basis,
        "since": utc_text(held.since),
        "claims": [
            {
                "source": claim.source,
                "council": claim.council,
                "icb": claim.icb,
                "hub": claim.hub,
                "basis": claim.basis,
                "since": utc_text(claim.since),
            }
            for claim in held.claims
        ],
    }
