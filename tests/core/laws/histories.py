"""Histories as they happen, generated: what hospital, census, hub, council and charity say of one person.

Times have minute precision and small ranges, so that ties are common; facts are cancelled, re-asserted,
corrected, sent again under the same id and re-queued under a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.reduce import reduce_person
from streams.core.transfer.told import Notice
from tests.core.story import CONFIG, HOUR, MINUTE, PERSON, SPELL, at, fact

START = at("9 08:00")
OTHER_SPELL = "0" * 8 + SPELL[8:]
PLACES = ("M4^A^1", "M4^A^2", "M5^B^1", "ED^R^", "LOUNGE^^")
CHECKLIST = (
    ("ChecklistItemDone", {"item": "transport_booked", "owner": "ward"}),
    ("ChecklistItemFailed", {"item": "transport_booked", "reason": "no crew"}),
    ("ChecklistItemNotNeeded", {"item": "equipment"}),
    ("ChecklistItemDone", {"item": None}),
)
WAY_OUT = (
    ("ResponsibilitySet", {"basis": "address", "council": "E09000006"}),
    ("ResponsibilitySet", {"basis": "stated", "council": "E09000011", "icb": "QKK"}),
    ("ResponsibilitySet", {"basis": None, "council": None}),
    ("DelayReasonOpened", {"reason": "CA2", "owner": "council"}),
    ("DelayReasonClosed", {"reason": "CA2"}),
    ("DelayReasonOpened", {"reason": "Awaiting transport"}),
    ("ClinicallyReadyAssessed", {"result": "ready"}),
    ("ClinicallyReadyAssessed", {"result": "not_ready"}),
    ("DestinationSet", {"destination": "D3"}),
    ("PreferredPlaceRecorded", {"place": "home", "purpose": "death"}),
    ("UnpaidCarerRecorded", {"involved": True, "told": False}),
    ("DocumentArrived", {"document_ref": "D1", "document_type": "discharge summary", "recipient": "gp"}),
)
INSTANCED = {
    "SpellTransferred", "SpellTransferCancelled", "SpellLeaveStarted", "SpellLeaveStartCancelled",
    "SpellLeaveEnded", "SpellLeaveEndCancelled", "TransferPending", "TransferPendingCancelled",
}  # fmt: skip
"""Kinds of which a visit has several, told apart by a movement id."""
PLACELESS = {
    "SpellPlanCancelled", "SpellAdmissionCancelled", "DischargePendingCancelled", "SpellDeleted",
    "SpellLeaveStarted", "SpellLeaveStartCancelled", "SpellLeaveEndCancelled", "TransferPendingCancelled",
}  # fmt: skip
MORE_TASKS = (
    ("TaskCancelled", "hub-list", "t1", {"reason": "needs a bed"}),
    ("TaskStarted", "homeward", "t1", {}),
    ("TaskRejected", "homeward", "t2", {"reason": "no capacity"}),
    ("TaskAcknowledged", "homeward", "t2", {"parent_id": "t1", "owner": "community"}),
    ("TaskRequested", "homeward", "t3", {"task_kind": "fast track", "parent_id": "t2"}),
    ("TaskAccepted", "homeward", "t3", {}),
    ("TaskRequested", "homeward", "t4", {"task_kind": "duty to refer", "parent_id": "t4"}),
)
MORE_PACKAGES = (
    ("CarePackageLapsed", "lbb-webhook", "p1", {"reason": "14 days in hospital"}),
    ("CarePackageRestarted", "lbb-webhook", "p1", {}),
    ("CarePackageEnteredInError", "lbb-webhook", "p2", {}),
    ("CarePackageStarted", "lbb-webhook", "p3", {"first_call_at": at("9 09:00")}),
    ("PersonFlagged", "pruh-adt", "person", {"no_fixed_abode": True}),
    ("PersonFlagged", "pruh-adt", "person", {"no_fixed_abode": False}),
)
SAID_OF_NOTICES = ("NoticeSent", "NoticeAcknowledged", "NoticeFailed", "NoticeToldByPhone")
Draw = Callable[..., Any]

minutes = st.integers(0, 40).map(lambda n: START + n * 15 * MINUTE)
lags = st.sampled_from((0, 0, 0, MINUTE, 20 * MINUTE, 5 * HOUR))


def _times(draw: Draw) -> dict[str, Any]:
    occurred = draw(minutes)
    recorded = occurred + draw(lags)
    return {"when": occurred, "recorded": recorded, "received": recorded + draw(lags)}


def _visit_body(draw: Draw) -> dict[str, Any]:
    body: dict[str, Any] = {
        "patient_class": draw(st.sampled_from(("I", "I", "I", "E"))),
        "visit_number": "V1",
    }
    if draw(st.booleans()):
        body["admitted_at"] = START + draw(st.integers(0, 3)) * 15 * MINUTE
    return body


def _amendment(draw: Draw) -> dict[str, Any]:
    times = st.one_of(st.none(), minutes)
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "expected_discharge_at": times,
                "discharged_at": times,
                "medically_fit": st.sampled_from(("Y", "N", None)),
                "medically_fit_at": times,
                "discharge_method": st.sampled_from(("1", "4", "6", None)),
                "discharge_destination": st.sampled_from(("19", "85", "zz", None)),
                "admitted_at": minutes,
            },
        )
    )


def _movement(draw: Draw, kind: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"instance": draw(st.sampled_from(("", "m1", "m2", "m3")))}
    if not kind.endswith("Cancelled") and not fields["instance"]:
        fields["instance"] = "m1"
    if draw(st.booleans()):
        place = draw(st.sampled_from(PLACES))
        if kind.startswith("SpellTransfer"):
            fields["prior"] = place
        elif kind.startswith("TransferPending"):
            names = ("pending_poc", "pending_room", "pending_bed")
            fields |= dict(zip(names, place.split("^"), strict=True))
    return fields


@st.composite
def hospital_fact(draw: Draw) -> Fact:
    """One ADT or census fact on one of two visits."""
    kind = draw(
        st.sampled_from(
            (
                "SpellPlanned",
                "SpellPlanCancelled",
                "SpellRegistered",
                "SpellAdmitted",
                "SpellAdmitted",
                "SpellAdmissionCancelled",
                "SpellTransferred",
                "SpellTransferred",
                "SpellTransferred",
                "SpellTransferCancelled",
                "SpellDischarged",
                "SpellDischarged",
                "SpellDischargeCancelled",
                "DischargePending",
                "DischargePendingCancelled",
                "SpellAmended",
                "SpellAmended",
                "SpellAmended",
                "SpellCensused",
                "SpellClassChanged",
                "SpellClassChanged",
                "SpellDeleted",
                "SpellLeaveStarted",
                "SpellLeaveStarted",
                "SpellLeaveStartCancelled",
                "SpellLeaveEnded",
                "SpellLeaveEndCancelled",
                "TransferPending",
                "TransferPendingCancelled",
            )
        )
    )
    body = _visit_body(draw)
    if kind in INSTANCED:
        body |= _movement(draw, kind)
    if kind == "SpellAmended":
        body |= _amendment(draw)
    elif kind not in PLACELESS:
        body["place"] = draw(st.sampled_from(PLACES))
    if kind in ("DischargePending", "SpellPlanned", "TransferPending"):
        body["expected_at"] = draw(minutes)
    if kind == "SpellDischarged":
        body |= {"discharge_method": draw(st.sampled_from(("1", "4"))), "discharge_destination": "19"}
    partner = "pruh-census" if kind == "SpellCensused" else "pruh-adt"
    thing = draw(st.sampled_from((SPELL, SPELL, SPELL, OTHER_SPELL)))
    return fact(kind, **_times(draw), thing=thing, partner=partner, **body)


@st.composite
def amendment_fact(draw: Draw) -> Fact:
    """One A08 on one of two visits."""
    thing = draw(st.sampled_from((SPELL, SPELL, SPELL, OTHER_SPELL)))
    return fact("SpellAmended", **_times(draw), thing=thing, **(_visit_body(draw) | _amendment(draw)))


@st.composite
def filing_fact(draw: Draw) -> Fact:
    """A visit is part of another, or is moved to or from another person's record."""
    thing, other = draw(st.permutations((SPELL, OTHER_SPELL)))
    if draw(st.booleans()):
        into = draw(st.sampled_from((other, other, thing)))
        return fact("SpellMerged", **_times(draw), thing=thing, visit_number="V2", into_spell=into)
    source, target = draw(st.permutations((PERSON, "p1:" + "B" * 26)))
    return fact("SpellReassigned", **_times(draw), thing=thing, source_key=source, target_key=target)


@st.composite
def hub_fact(draw: Draw) -> Fact:
    """One fact of the hub's list, on the visit or on a row without a visit number."""
    kind, body = draw(
        st.sampled_from(
            (
                ("CriteriaToResideAssessed", {"result": "no_longer_meets"}),
                ("CriteriaToResideAssessed", {"result": "meets"}),
                ("CriteriaToResideAssessed", {"result": "no_longer_meets"}),
                ("CriteriaToResideAssessed", {"result": "UNKNOWN"}),
                ("PathwaySet", {"stage": "expected", "pathway": "Pathway 1"}),
                ("PathwaySet", {"stage": "confirmed", "pathway": "0"}),
                ("ExpectedDischargeSet", {"expected_discharge_at": at("12 10:00")}),
                ("ExpectedDischargeSet", {"expected_discharge_at": None}),
                ("DelayReasonSet", {"reason": "IF2", "owner": "council", "scheme": "2024"}),
                ("DelayReasonSet", {"reason": None}),
                ("DelayReasonSet", {"reason": "CA5", "scheme": "2024"}),
                ("OwnerSet", {"owner": "hub"}),
                ("OwnerSet", {"owner": "ward"}),
                ("NextStepSet", {"step": "book_transport", "due_at": at("12 16:00")}),
                ("NextStepSet", {"step": None}),
                ("WorklistRowSeen", {"ward": "M4", "bed": "1"}),
                ("WorklistRowGone", {}),
                *CHECKLIST,
                *WAY_OUT,
            )
        )
    )
    times = _times(draw)
    instance = body.get("stage") or body.get("item") or body.get("document_ref") or str(times["when"])
    thing = draw(st.sampled_from((SPELL, SPELL, "row:" + OTHER_SPELL)))
    partner = draw(st.sampled_from(("hub-list", "hub-list", "homeward")))
    return fact(kind, **times, thing=thing, partner=partner, instance=instance, **body)


@st.composite
def community_fact(draw: Draw) -> Fact:
    """One fact of a task, a care package, a voluntary support, or a death."""
    kind, partner, thing, body = draw(
        st.sampled_from(
            (
                ("TaskRequested", "hub-list", "t1", {"task_kind": "P1 dom care", "spell_id": SPELL}),
                ("TaskAccepted", "hub-list", "t1", {}),
                ("TaskOnHold", "hub-list", "t1", {"reason": "no capacity"}),
                ("TaskCompleted", "hub-list", "t1", {}),
                ("TaskReassigned", "hub-list", "t1", {"owner": "community"}),
                ("TaskRequested", "hub-list", "t2", {"task_kind": "equipment"}),
                *MORE_TASKS,
                *MORE_PACKAGES,
                (
                    "CarePackageRequested",
                    "lbb-webhook",
                    "p1",
                    {"provider": "Oakfield Homecare", "units_per_week": 10.5},
                ),
                ("CarePackageApproved", "lbb-webhook", "p1", {"first_call_at": at("12 18:00")}),
                ("CarePackageStarted", "lbb-csv", "p1", {}),
                ("CarePackageSuspended", "lbb-csv", "p1", {}),
                ("CarePackageEnded", "lbb-webhook", "p1", {"reason": "ended"}),
                ("CarePackageRowGone", "lbb-csv", "p1", {}),
                ("CarePackageChanged", "lbb-webhook", "p2", {"provider": "Other"}),
                ("SupportRequested", "bwell-webhook", "s1", {"service": "settle in", "consent": "given"}),
                ("SupportAccepted", "bwell-webhook", "s1", {"planned_at": at("12 16:00")}),
                ("SupportVisitDone", "bwell-webhook", "s1", {}),
                ("SupportClosed", "bwell-webhook", "s1", {}),
                ("SupportRowGone", "bwell-webhook", "s1", {}),
                ("DeathRecorded", "pruh-adt", "person", {"death_at": at("12 03:00"), "indicator": "N"}),
                ("DeathRecorded", "pruh-adt", "person", {"death_at": None, "indicator": None}),
            )
        )
    )
    return fact(kind, **_times(draw), thing=thing, partner=partner, **body)


def _about(notice: Notice) -> dict[str, Any]:
    return {
        "thing": notice.notice_id,
        "partner": "homeward",
        "recipient": notice.recipient,
        "fact": notice.fact,
        "about": notice.about,
        "fact_id": notice.fact_id,
        "retracts": notice.retracts,
    }


@st.composite
def notice_facts(draw: Draw, facts: list[Fact]) -> list[Fact]:
    """What was sent, acknowledged or phoned of what was owed when part of the history was known."""
    out: list[Fact] = []
    known = facts[: draw(st.integers(0, len(facts)))]
    for notice in reduce_person(known, CONFIG).owed:
        kinds = draw(st.sets(st.sampled_from(SAID_OF_NOTICES)))
        out += [fact(kind, **_times(draw), **_about(notice)) for kind in sorted(kinds)]
    return out


@st.composite
def histories(draw: Draw, max_size: int = 14, filings: bool = False) -> list[Fact]:
    """A person's history: facts of every sector, some told, some said again; with `filings` visits may be
    merged and moved, so that one of them may show no line of its own.
    """
    kinds = [hospital_fact(), hospital_fact(), hub_fact(), community_fact()]
    facts: list[Fact] = draw(
        st.lists(
            st.one_of(*kinds, *([filing_fact()] if filings else [])),
            min_size=1,
            max_size=max_size,
        )
    )
    facts += draw(notice_facts(facts))
    return unique(facts)


@st.composite
def visits(draw: Draw, max_size: int = 12) -> list[Fact]:
    """The hospital facts of one visit only."""
    facts = draw(st.lists(hospital_fact(), min_size=1, max_size=max_size))
    return unique([msgspec.structs.replace(f, thing=SPELL, id=f.id[:-4] + "5e11") for f in facts])


def unique(facts: list[Fact]) -> list[Fact]:
    """One fact per id: an id names one content."""
    return list({one.id: one for one in facts}.values())


def resent(original: Fact, later: int) -> Fact:
    """The same message again: same id, received later."""
    return msgspec.structs.replace(original, received_at=original.received_at + later)


def tagged(original: Fact) -> Fact:
    """A fact whose content carries a tag, as sealing makes it."""
    return msgspec.structs.replace(original, tag=original.id)


def requeued(original: Fact, later: int) -> Fact:
    """The same content under a new message id, as an engine's re-queue sends it (new MSH-10, new MSH-7)."""
    return msgspec.structs.replace(
        original,
        id=original.id[:-4] + "dead",
        received_at=original.received_at + later,
        tag=original.id,
    )
