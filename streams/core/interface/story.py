"""The people of the contract's example lines: invented, told as facts, reduced like any other.

Nobody here is real; the NHS number is of the 999 test range.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.fact import Fact
from schemas.ids import package_id, spell_id, support_id, task_id
from streams.core.config import CoreConfig, Exclusion, RecipientRule
from streams.core.interface.way_out import around, way_out
from streams.core.reduce import reduce_person
from streams.core.views.lines import CandidateLink, IdentityView, lines

EDITH: Final = "p1:" + "EDITH".ljust(26, "A")
RETIRED: Final = "p1:" + "RETIRED".ljust(26, "A")
OTHER: Final = "p1:" + "OTHER".ljust(26, "A")
ADT, HUB, COUNCIL, CHARITY, OWN = "pruh-adt", "hub-list", "lbb-webhook", "bwell-webhook", "homeward"
SPELL: Final = spell_id("RJZ-VISIT", "V700123")
EARLIER: Final = spell_id("RJZ-VISIT", "V688001")
TASK: Final = task_id(SPELL, "P1 dom care")
PACKAGE: Final = package_id("LBB", "CP-4471")
SUPPORT: Final = support_id("BWELL", "S-208")

CONFIG: Final = CoreConfig(
    partners=(ADT, HUB, COUNCIL, CHARITY, OWN),
    precedence={"ready": (HUB, ADT), "expected_discharge": (HUB, ADT)},
    recipients=(
        RecipientRule("lbb", "London Borough of Bromley brokerage", ("discharged",), "council"),
        RecipientRule("oakfield", "Oakfield Homecare", ("discharged",), "package"),
        RecipientRule("bromley-well", "Bromley Well", ("discharged",), "voluntary"),
        RecipientRule("gp", "Registered GP practice"),
    ),
    councils=("E09000006",),
    hub="bromley-spa",
    icb="QKK",
    exclusions=(Exclusion("rehabilitation", specialties=("314",)),),
    lapse_days={COUNCIL: 14},
    fast_track_hours=48,
    checklist={"medicines": "hospital", "transport_booked": "hospital"},
)


def at(text: str) -> int:
    """Read `2027-01-12 14:32` (UTC) as µs."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def _fact(kind: str, when: str, partner: str, thing: str, instance: str = "", **body: Any) -> Fact:
    moment = at(when)
    name = f"{kind}/{when}/{partner}/{thing}/{instance}/{sorted(body.items())}"
    flags = tuple(body.pop("flags", ()))
    ident = str(uuid5(UUID(int=0), name))
    times = (moment, moment, moment)
    return Fact(ident, kind, partner, EDITH, None, thing, *times, instance, flags=flags, body=body)


def _place(text: str, prefix: str = "") -> dict[str, Any]:
    place = dict(zip((f"{prefix}poc", f"{prefix}room", f"{prefix}bed"), text.split("^"), strict=True))
    return place if prefix else place | {"facility": "RJZ30"}


def _hospital() -> list[Fact]:
    visit: dict[str, Any] = {
        "visit_number": "V700123",
        "patient_class": "I",
        "admitted_at": at("2027-01-07 22:10"),
    }
    planned: dict[str, Any] = {
        "visit_number": "V700123",
        "patient_class": "I",
        "expected_at": at("2027-01-08 08:00"),
    }
    moved: dict[str, Any] = _place("M4^A^2") | _place("AMU^B^7", "prior_")
    return [
        _fact("SpellPlanned", "2027-01-06 09:00", ADT, SPELL, **planned, **_place("M4^A^2")),
        _fact("SpellAdmitted", "2027-01-07 22:10", ADT, SPELL, **visit, **_place("AMU^B^7")),
        _fact("SpellTransferred", "2027-01-08 16:45", ADT, SPELL, "MV2", **visit, **moved, movement_id="MV2"),
        _fact("SpellLeaveStarted", "2027-01-09 14:00", ADT, SPELL, "MV3", **visit, movement_id="MV3"),
        _fact("SpellLeaveEnded", "2027-01-09 19:30", ADT, SPELL, "MV4", **visit, movement_id="MV4"),
        _fact(
            "DischargePending", "2027-01-11 09:00", ADT, SPELL, **visit, expected_at=at("2027-01-12 12:00")
        ),
        _fact("DischargePendingCancelled", "2027-01-11 15:00", ADT, SPELL, **visit),
        _fact(
            "SpellDischarged",
            "2027-01-12 14:32",
            ADT,
            SPELL,
            **visit,
            **_place("M4^A^2"),
            discharge_method="1",
            discharge_destination="19",
        ),
    ]


def _earlier() -> list[Fact]:
    visit: dict[str, Any] = {
        "visit_number": "V688001",
        "patient_class": "I",
        "admitted_at": at("2026-11-02 10:00"),
    }
    return [
        _fact(
            "SpellTransferred",
            "2026-11-03 11:00",
            ADT,
            EARLIER,
            "MV1",
            **visit,
            **_place("M6^C^1"),
            **_place("AMU^B^1", "prior_"),
            flags=("ambiguous",),
        ),
        _fact(
            "SpellDischarged",
            "2026-11-05 16:00",
            ADT,
            EARLIER,
            **visit,
            **_place("M6^C^1"),
            discharge_method="1",
            discharge_destination="19",
        ),
    ]


def _hub() -> list[Fact]:
    task: dict[str, Any] = {
        "task_kind": "P1 dom care",
        "owner": "council",
        "due_at": at("2027-01-12 12:00"),
        "spell_id": SPELL,
    }
    return [
        _fact("CriteriaToResideAssessed", "2027-01-10 10:20", HUB, SPELL, "a", result="no_longer_meets"),
        _fact("PathwaySet", "2027-01-10 11:00", HUB, SPELL, "expected", stage="expected", pathway="1"),
        _fact(
            "PathwaySet", "2027-01-10 16:20", HUB, SPELL, "confirmed", stage="confirmed", pathway="Pathway 1"
        ),
        _fact(
            "ExpectedDischargeSet",
            "2027-01-11 08:00",
            HUB,
            SPELL,
            "b",
            expected_discharge_at=at("2027-01-12 14:00"),
        ),
        _fact(
            "DelayReasonSet",
            "2027-01-11 11:05",
            HUB,
            SPELL,
            "c",
            reason="IF2",
            owner="council",
            scheme="2024",
            set_by="case manager",
        ),
        _fact("TaskRequested", "2027-01-11 11:05", HUB, TASK, **task),
        _fact(
            "TaskOnHold",
            "2027-01-11 17:00",
            HUB,
            TASK,
            reason="no capacity",
            planned_start_at=at("2027-01-12 18:00"),
        ),
    ]


def _community() -> list[Fact]:
    care: dict[str, Any] = {
        "service_type": "Long term support: Community",
        "component": "Home support or domiciliary care",
        "provider": "Oakfield Homecare",
        "units_per_week": 10.5,
        "record_ref": "CP-4471",
    }
    return [
        _fact("CarePackageRequested", "2027-01-11 12:00", COUNCIL, PACKAGE, **care),
        _fact(
            "CarePackageApproved",
            "2027-01-12 14:06",
            COUNCIL,
            PACKAGE,
            first_call_at=at("2027-01-12 18:00"),
            reason="brokered",
            record_ref="CP-4471",
        ),
        _fact("CarePackageRowGone", "2027-01-12 14:20", COUNCIL, PACKAGE),
        _fact(
            "SupportRequested",
            "2027-01-12 09:00",
            CHARITY,
            SUPPORT,
            service="Settle in at home",
            planned_at=at("2027-01-12 17:00"),
            consent="given",
            record_ref="S-208",
        ),
        _fact("SupportVisitDone", "2027-01-12 13:00", CHARITY, SUPPORT),
        _fact("SupportRowGone", "2027-01-12 14:10", CHARITY, SUPPORT),
    ]


def _told(facts: list[Fact]) -> list[Fact]:
    out = []
    for notice in reduce_person(facts, CONFIG).owed:
        about = {
            "recipient": notice.recipient,
            "fact": notice.fact,
            "about": notice.about,
            "fact_id": notice.fact_id,
        }
        out.append(_fact("NoticeSent", "2027-01-12 14:33", OWN, notice.notice_id, **about, how="webhook"))
        out.append(_fact("NoticeAcknowledged", "2027-01-12 14:34", OWN, notice.notice_id, **about))
    return out


def example_lines() -> list[bytes]:
    """Lines of the story: Edith before and after the cancelled discharge, a death, and a retired key."""
    home = [*_earlier(), *_hospital(), *_hub(), *_community()]
    home += [*way_out(_fact, SPELL, EARLIER, TASK), *around(_fact, SPELL)]
    told = [*home, *_told(home)]
    back = [*told, _fact("SpellDischargeCancelled", "2027-01-12 14:41", ADT, SPELL, **_place("M4^A^2"))]
    death: dict[str, Any] = {"death_at": at("2027-01-14 03:10"), "indicator": "Y"}
    died = [*_earlier(), _fact("DeathRecorded", "2027-01-14 04:00", ADT, "person", **death)]
    alive = IdentityView(
        EDITH, None, True, ("no_fixed_abode",), (CandidateLink(OTHER, "name_dob_postcode", 0.9, "proposed"),)
    )
    who: dict[str, Any] = {"family": "Marlow", "given": "Edith", "birth_date": "1942-03-05"}
    ids = [
        {"system": "MRN", "authority": "RJZ", "value": "H1002003", "status": ""},
        {"system": "NHS", "authority": "NHS", "value": "9990000018", "status": "NSTS01"},
    ]
    named = [
        _fact("PersonIdentified", "2027-01-07 22:10", ADT, "person", ids=ids, **who),
        _fact("PersonIdentified", "2027-01-11 12:00", COUNCIL, "person", **who | {"given": "Edie"}),
    ]
    before = lines(reduce_person(told, CONFIG), EDITH, alive, CONFIG, identified=named)
    after = lines(reduce_person(back, CONFIG), EDITH, alive, CONFIG)
    gone = lines(reduce_person(died, CONFIG), EDITH, IdentityView(EDITH), CONFIG)
    retired = lines(reduce_person([], CONFIG), RETIRED, IdentityView(RETIRED, EDITH, status="merged"), CONFIG)
    return [*before, *after[1:], gone[1], *retired]
