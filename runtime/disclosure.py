"""What each role may be told of a person: paths of lines (docs/interface.md), an allow-list a role and view.

What is on no list is not shown, so a new field of a line is nobody's until somebody puts it here. Sources:
domain 05 (Caldicott 3: least data, IG-05, IG-06, IG-23), the needs of domain 06 §6.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EVERYTHING: Final = ("*",)
PERSON: Final = ("view", "person_key", "merged_into", "restricted", "flags")
FROZEN: Final = ("view", "person_key", "state", "frozen_since", "unread", "erased_at", "must_tell")
"""A parked person, of whom it is not known what holds, or one who was erased: only that, and whom to tell."""

_NAMED: Final = ("view", "spell_id", "person_key")
_WHEN: Final = ("status", "admitted_at", "discharged_at", "expected_discharge_at", "death")
_WAY_OUT: Final = (
    "class", "pending[].kind", "pending[].requested_at", "pending[].expected_at", "pending[].cancelled_at",
    "pending[].done_at", "ready", "discharge_ready_at", "pathway", "delays", "discharge.method",
    "discharge.group", "responsible", "flags", "ready_coverage", "expected_discharge_history",
)  # fmt: skip
_COUNCIL_SPELL: Final = (
    *_NAMED, "partner", *_WHEN, *_WAY_OUT, "location.poc", "location.facility", "checklist",
    "planned_destination",
)  # fmt: skip
_TOLD: Final = ("notices", "told", "must_retract")
_PLAN: Final = ("next_step", "waiting", "why", "priority", "duty_to_refer", "unpaid_carer")

BY_ROLE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "ward": {"person": PERSON, "spell": EVERYTHING, "transfer": EVERYTHING},
    "hub": {"person": (*PERSON, "candidate_links"), "spell": EVERYTHING, "transfer": EVERYTHING},
    "council": {
        "person": PERSON,
        "spell": _COUNCIL_SPELL,
        "transfer": (*_NAMED, "packages", "tasks", "support", *_TOLD, *_PLAN, "freshness"),
    },
    "provider": {
        "person": PERSON,
        "spell": (*_NAMED, *_WHEN),
        "transfer": (*_NAMED, "packages", *_TOLD),
    },
    "hospice": {
        "person": PERSON,
        "spell": (*_NAMED, *_WHEN, "ready", "pathway", "location.poc", "location.facility"),
        "transfer": (*_NAMED, "tasks", "preferred_places", "priority", *_TOLD, "freshness"),
    },
    "voluntary": {
        "person": PERSON,
        "spell": (*_NAMED, *_WHEN),
        "transfer": (*_NAMED, "support", *_TOLD),
    },
    "control_centre": {
        "spell": ("view", "spell_id", "partner", *_WHEN, *_WAY_OUT, "location.poc", "location.facility"),
    },
    "auditor": {"person": PERSON, "transfer": (*_NAMED, *_TOLD)},
}
"""Role -> view -> paths. A role or a view that is not here gets no line. Whoever watches the whole (viewer)
and whoever builds feeds (integrator) need no person at all.
"""

KEPT_OF_RESTRICTED: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("view", "person_key", "merged_into", "restricted"),
    "spell": (*_NAMED, "status", "discharged_at", "expected_discharge_at", "death"),
    "transfer": (
        *_NAMED, *_TOLD,
        *(f"packages[].{field}" for field in ("package_id", "ref", "state", "since", "first_call_at")),
        *(f"support[].{field}" for field in ("support_id", "ref", "state", "since", "planned_at", "consent")),
    ),
}  # fmt: skip
"""The short note: that there is somebody, whether they are in hospital, and the reader's own things by their
own references. No place, no service, no kind of need (IG-06).
"""
KEPT_WHERE_TREATED: Final[Mapping[str, tuple[str, ...]]] = {
    "person": (*PERSON, "candidate_links"),
    "spell": (
        *KEPT_OF_RESTRICTED["spell"],
        *("partner", "visit_number", "class", "admitted_at", "location", "flags"),
    ),
    "transfer": (*_NAMED, *_TOLD, "next_step", "freshness"),
}
"""IG-05: ward and hub of the treating trust see ward and bed, and go to the EPR for the rest."""
KEPT_OF_HIDDEN: Final[Mapping[str, tuple[str, ...]]] = {
    "person": (*PERSON, "candidate_links"),
    "spell": (
        *_NAMED, *_WHEN, "class", "ready[].from", "ready[].to", "ready[].basis", "discharge_ready_at",
        "pathway.expected.code", "pathway.confirmed.code",
        *(f"delays[].{field}" for field in ("reason.code", "from", "to", "group", "code_2024")),
        "checklist[].item", "checklist[].state", "checklist[].at", "flags",
    ),
    "transfer": (
        *KEPT_OF_RESTRICTED["transfer"],
        *(f"tasks[].{field}" for field in ("task_id", "code", "state", "since", "requested_at", "due_at")),
        *(f"why[].{field}" for field in ("group", "from", "to", "minutes")),
        "priority", "next_step.what", "next_step.since", "next_step.due",
    ),
}  # fmt: skip
"""Whereabouts hidden: what is done for them and when, without anything that says where they are or live: no
ward, no hospital, no home, venue, provider, council or source of a fact.
"""
WITHOUT_CONSENT: Final = ("support_id", "source", "state", "since", "consent")
"""Of a support whose consent was refused: what a charity knows goes no further (IG-22)."""
