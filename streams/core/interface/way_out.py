"""What is said of Edith's way out in the contract's example lines, beside the rest of her story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schemas.fact import Fact

HUB: Final = "hub-list"
ADT: Final = "pruh-adt"
COUNCIL: Final = "lbb-webhook"
THREE_O_CLOCK: Final = 1_799_766_000_000_000
"""2027-01-12T15:00:00Z."""


def way_out(fact: Callable[..., Fact], spell: str, earlier: str, task: str) -> list[Fact]:
    """The checklist and what else hubs and wards say, about one spell and an earlier one."""
    plan = {"stage": "expected", "pathway": "2", "set_by": "ward manager"}
    date = {"expected_discharge_at": THREE_O_CLOCK, "set_by": "consultant"}
    return [
        fact("SpellAmended", "2026-11-04 11:00", ADT, earlier, specialty="314"),
        fact("PathwaySet", "2027-01-09 11:00", HUB, spell, "expected", **plan),
        fact("ExpectedDischargeSet", "2027-01-09 11:00", HUB, spell, "a", **date),
        fact(
            "ChecklistItemFailed",
            "2027-01-12 10:30",
            HUB,
            spell,
            "transport_booked",
            item="transport_booked",
            planned_at=THREE_O_CLOCK,
            reason="no crew",
        ),
        fact("ResponsibilitySet", "2027-01-10 12:00", HUB, spell, "a", basis="address", council="E09000006"),
        fact(
            "CareHomeReturnStated",
            "2027-01-11 10:15",
            "homeward",
            spell,
            "a",
            home="VM1A7",
            can_take_back=True,
            reason="bed kept",
        ),
        fact("ResponsibilitySet", "2027-01-11 12:00", ADT, spell, "b", basis="gp", council="E09000011"),
        fact(
            "PreferredPlaceRecorded", "2027-01-10 12:00", HUB, spell, "death", place="home", purpose="death"
        ),
        fact(
            "DestinationSet",
            "2027-01-11 09:30",
            HUB,
            spell,
            "a",
            destination="Pathway 1: Discharge to a domestic home, hotel, or other temporary accommodation, "
            "or hospice at home with rehabilitation, reablement and recovery",
            scheme="ADSR-2024",
            set_by="case manager",
        ),
        fact("TaskCancelled", "2027-01-10 17:00", HUB, task, reason="pathway changed"),
        fact("TaskRequested", "2027-01-10 16:30", HUB, task, task_kind="P1 dom care", parent_id=spell),
        fact("UnpaidCarerRecorded", "2027-01-10 12:00", HUB, spell, "a", involved=True, told=False),
        fact(
            "DocumentArrived",
            "2027-01-12 15:10",
            HUB,
            spell,
            "TOC-2027-0117",
            document_ref="TOC-2027-0117",
            document_type="discharge summary",
            recipient="gp",
        ),
    ]


def around(fact: Callable[..., Fact], spell: str) -> list[Fact]:
    """Packages older than the stay, and the clocks that guidance sets."""
    call = {"first_call_at": THREE_O_CLOCK, "provider": "Oakfield Homecare", "record_ref": "CP-3001"}
    return [
        fact("CarePackageStarted", "2026-10-01 09:00", COUNCIL, "older", **call),
        fact("CarePackageSuspended", "2026-11-02 12:00", COUNCIL, "older"),
        fact("CarePackageRestarted", "2026-11-06 09:00", COUNCIL, "older"),
        fact("TaskRequested", "2027-01-10 11:00", HUB, "fast", task_kind="fast track", spell_id=spell),
        fact("TaskAccepted", "2027-01-10 12:00", HUB, "fast"),
        fact("TaskCompleted", "2027-01-10 13:00", HUB, "fast"),
        fact("PersonFlagged", "2027-01-07 22:10", ADT, "person", no_fixed_abode=True),
        fact("TaskRequested", "2027-01-10 11:00", HUB, "roof", task_kind="duty to refer", spell_id=spell),
        fact("TaskCompleted", "2027-01-10 15:00", HUB, "roof"),
    ]
