"""Figures from outside: their fields, the names of what is counted, and their compact form.

In: a decoded record of `toc.capacity.v1`. Out: a `Fact` whose key is a site, provider or care home and whose
thing is `site` or `site/part`: the shape select and the journal know, of no person. Names of metrics follow
domain 02 §2.1 to §2.3; thresholds are nowhere here.
"""
from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from schemas.catalogue import BY_ID
from schemas.codec import decode, packed
from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.reasons import Reason
from schemas.released import field_names

FIGURE_COMMON: Final = (
    "event_id", "partner", "site", "part", "occurred_at", "recorded_at", "received_at", "sequence",
    "translator_rev", "content_tag", "flags", "withdrawn",
)
"""The fields every figure starts with, in order."""
FIGURE_KINDS: Final = frozenset(BY_ID["capacity"].kinds)
ACTION_KINDS: Final = frozenset(BY_ID["action"].kinds)
PLACE_KINDS: Final = FIGURE_KINDS | ACTION_KINDS
"""Facts about a place and nobody: figures, and what was agreed at its calls; one shape."""

METRICS: Final[dict[str, str]] = {
    "decision_to_admit": "people in the emergency department with a decision to admit and no bed",
    "discharges_confirmed": "discharges that are sure, by the hour in `until_at`",
    "discharges_possible": "discharges that may come on top of the sure ones, by the hour in `until_at`",
    "ed_attendances": "people in the emergency department",
    "ed_4h_percent": "share admitted or gone within four hours, since midnight",
    "ed_majors_resus_percent": "majors and resuscitation occupancy",
    "ed_median_minutes_to_treatment": "median time to treatment, since midnight",
    "ed_over_12h_percent": "share of people in the department over twelve hours",
    "ed_referred_percent": "share of people in the department who are referred to a service",
    "ed_12h_from_decision": "waits over twelve hours from the decision to admit",
    "ed_12h_from_arrival": "waits over twelve hours from arrival",
    "ambulance_handover_minutes": "average handover, since midnight",
    "ambulance_over_30": "handovers of 30 to 60 minutes",
    "ambulance_over_60": "handovers over 60 minutes",
    "ambulance_hours_lost": "hours lost to handover beyond 15 minutes",
    "category_2_minutes": "mean response to category 2 calls",
    "calls_999_seconds": "mean time to answer 999",
    "calls_111_offered": "calls to 111",
    "calls_111_abandoned_percent": "share of 111 calls abandoned",
    "no_longer_meets_percent": "share of beds with people who no longer meet the criteria to reside",
}
"""Metric -> meaning: a closed list; a partner's own word is mapped to one of them in its dialect."""


@cache
def figure_fields(kind: str) -> tuple[str, ...]:
    """Kind-specific fields of a fact about a place, in `withdrawn` bit order. Raises UNKNOWN_EVENT_TYPE."""
    if kind not in PLACE_KINDS:
        raise ContractViolation(Reason.UNKNOWN_EVENT_TYPE)
    return field_names(kind)[len(FIGURE_COMMON) :]


def pack_figure(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a three-state body into Avro fields. Raises BAD_VALUE for a field the kind does not have."""
    return packed(figure_fields(kind), body)


def decode_figure(payload: bytes) -> Fact:
    """Read a framed figure. Raises as `decode` does, and UNKNOWN_EVENT_TYPE for another record."""
    return figure_from_record(*decode(payload))


def figure_from_record(kind: str, record: Mapping[str, Any]) -> Fact:
    """Make the compact form; three-state as person events are."""
    names = figure_fields(kind)
    body = {name: value for name in names if (value := record[name]) is not None}
    body |= {name: None for bit, name in enumerate(names) if record["withdrawn"] >> bit & 1}
    site, part = record["site"], record["part"]
    return Fact(
        record["event_id"], kind, record["partner"], site, None, f"{site}/{part}" if part else site,
        record["occurred_at"], record["recorded_at"], record["received_at"],
        sequence=record["sequence"], revision=record["translator_rev"], tag=record["content_tag"],
        flags=tuple(record["flags"]), body=body,
    )
