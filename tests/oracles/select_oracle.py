"""An independent account of one visit: select by comparing every pair, then ask where the person was at a
moment.

Written from design.md §4 and domain 03 §3.1, not from the code: no slots, no single pass, quadratic on
purpose.
"""

from __future__ import annotations

from schemas.fact import Fact

ASSERTS = {
    "SpellAdmissionCancelled": "SpellAdmitted",
    "SpellDischargeCancelled": "SpellDischarged",
    "SpellTransferCancelled": "SpellTransferred",
    "SpellPlanCancelled": "SpellPlanned",
    "DischargePendingCancelled": "DischargePending",
    "SpellLeaveStartCancelled": "SpellLeaveStarted",
    "SpellLeaveEndCancelled": "SpellLeaveEnded",
    "TransferPendingCancelled": "TransferPending",
}
DELETION = "SpellDeleted"
BEGINS = ("SpellPlanned", "SpellRegistered", "SpellAdmitted", "SpellClassChanged")
SEVERAL = ("SpellTransferred", "SpellLeaveStarted", "SpellLeaveEnded", "TransferPending")
RANKS = {
    "SpellLeaveEnded": 5,
    "SpellRegistered": 1,
    "SpellAdmitted": 2,
    "SpellTransferred": 4,
    "SpellTransferCancelled": 5,
    "SpellDischargeCancelled": 5,
    "SpellDischarged": 9,
}


def order(fact: Fact) -> tuple[int, int, int, str]:
    """(recorded_at, sequence or -1, cancel after assert, ce_id)."""
    return (fact.recorded_at, fact.sequence, 1 if fact.kind in (*ASSERTS, DELETION) else 0, fact.id)


def place(fact: Fact, prefix: str = "") -> tuple[str, str, str]:
    """Ward, room and bed a fact names, empty where it names none."""
    room = [fact.body.get(prefix + part) or "" for part in ("poc", "room", "bed")]
    return (room[0], room[1], room[2])


def undeleted(facts: list[Fact]) -> list[Fact]:
    """What a deletion of the visit leaves: nothing recorded before it, and after it nothing until the source
    opens the visit anew.
    """
    gone = [one for one in facts if one.kind == DELETION]
    if not gone:
        return facts
    last = max(order(one) for one in gone)
    after = [one for one in facts if order(one) > last]
    opened = min((order(one) for one in after if one.kind in BEGINS), default=None)
    return [one for one in after if opened is not None and order(one) >= opened]


def outside(fact: Fact) -> bool:
    """Whether a class change says that the person only attends."""
    return fact.body.get("patient_class") in ("E", "O")


def key_of(fact: Fact, facts: list[Fact]) -> tuple[str, str] | None:
    """The fact key an assertion has, or the one its cancel takes back; None for a cancel without a victim."""
    if fact.kind not in ASSERTS:
        return (fact.kind, fact.instance if fact.kind in SEVERAL else "")
    if fact.kind == "SpellAdmissionCancelled":
        before = [one for one in facts if order(one) < order(fact)]
        earlier = {one.kind for one in before}
        changes = [one for one in standing(before) if one.kind == "SpellClassChanged"]
        if "SpellAdmitted" not in earlier and changes and not outside(changes[0]):
            return ("SpellClassChanged", "")
        taken = [one for one in facts if one.kind == "SpellAdmissionCancelled" and order(one) < order(fact)]
        alone = "SpellAdmitted" not in earlier and "SpellRegistered" in earlier
        if alone and not any(
            key_of(one, facts) == ("SpellRegistered", "")
            and _newest_below(facts, fact, "SpellRegistered") < order(one)
            for one in taken
        ):
            return ("SpellRegistered", "")
        return ("SpellAdmitted", "")
    several = ASSERTS[fact.kind] in SEVERAL
    if several and not fact.instance:
        return _victim(fact, facts)
    return (ASSERTS[fact.kind], fact.instance if several else "")


def _newest_below(facts: list[Fact], bound: Fact, kind: str) -> tuple[int, int, int, str]:
    return max(order(one) for one in facts if one.kind == kind and order(one) < order(bound))


def _victim(cancel: Fact, facts: list[Fact]) -> tuple[str, str] | None:
    before = [one for one in facts if order(one) < order(cancel)]
    moves = [one for one in standing(before) if one.kind == ASSERTS[cancel.kind]]
    planned = cancel.kind == "TransferPendingCancelled"
    said = place(cancel, "pending_" if planned else "prior_")
    moves = [one for one in moves if not any(said) or place(one, "pending_" if planned else "") == said]
    if not moves:
        return None
    newest = max(moves, key=lambda one: (one.occurred_at, one.recorded_at, one.instance))
    return (newest.kind, newest.instance)


def standing(facts: list[Fact]) -> list[Fact]:
    """Assertions that are the greatest of their key, where no cancel of the key is greater."""
    out = []
    facts = undeleted(facts)
    for fact in facts:
        if fact.kind in ASSERTS or fact.kind == "SpellAmended":
            continue
        rivals = [
            one for one in facts if one.kind != "SpellAmended" and key_of(one, facts) == key_of(fact, facts)
        ]
        if all(order(one) <= order(fact) for one in rivals):
            out.append(fact)
    return out


def admitting(live: list[Fact]) -> Fact | None:
    """The newest word on whether the person is an inpatient, where it says yes."""
    words = [one for one in live if one.kind in ("SpellAdmitted", "SpellClassChanged")]
    if not words:
        return None
    newest = max(words, key=order)
    return None if newest.kind == "SpellClassChanged" and outside(newest) else newest


def left_emergency(discharge: Fact, admission: Fact | None) -> bool:
    """Whether an A03 of class E speaks of somebody who is admitted."""
    if admission is None or discharge.body.get("patient_class") != "E":
        return False
    return admission.body.get("patient_class") != "E"


def said_place(facts: list[Fact], moment: int) -> tuple[str, str, str] | None:
    """Where the person was at a moment as the standing facts say; None = out, not in yet, or nobody says.

    Amended times are not looked at: histories for this oracle carry none.
    """
    facts = undeleted(facts)
    live = standing(facts)
    admission = admitting(live)
    steps = [one for one in live if one.kind in RANKS]
    steps = [one for one in steps if one.kind != "SpellDischarged" or not left_emergency(one, admission)]
    changes = [one for one in live if one.kind == "SpellClassChanged"]
    steps += [
        one
        for one in facts
        if one.kind in ("SpellTransferCancelled", "SpellDischargeCancelled") and any(place(one))
    ]
    ranked = [(one, RANKS[one.kind]) for one in steps] + [(one, 5 if outside(one) else 2) for one in changes]
    ranked = [(one, rank) for one, rank in ranked if one.occurred_at <= moment]
    ranked.sort(key=lambda s: (s[0].occurred_at, s[1], s[0].recorded_at, s[0].instance, s[0].id))
    inside, where = True, None
    for step, rank in ranked:
        if step.kind == "SpellDischarged":
            inside, where = False, None
        elif inside or rank <= 2:
            inside = True
            where = place(step) if any(place(step)) else where
    return where if inside else None
