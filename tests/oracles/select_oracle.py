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
}
RANKS = {
    "SpellRegistered": 1,
    "SpellAdmitted": 2,
    "SpellTransferred": 4,
    "SpellTransferCancelled": 5,
    "SpellDischargeCancelled": 5,
    "SpellDischarged": 9,
}


def order(fact: Fact) -> tuple[int, int, int, str]:
    """(recorded_at, sequence or -1, cancel after assert, ce_id)."""
    return (fact.recorded_at, fact.sequence, 1 if fact.kind in ASSERTS else 0, fact.id)


def place(fact: Fact, prefix: str = "") -> tuple[str, str, str]:
    """Ward, room and bed a fact names, empty where it names none."""
    room = [fact.body.get(prefix + part) or "" for part in ("poc", "room", "bed")]
    return (room[0], room[1], room[2])


def key_of(fact: Fact, facts: list[Fact]) -> tuple[str, str] | None:
    """The fact key an assertion has, or the one its cancel takes back; None for a cancel without a victim."""
    if fact.kind not in ASSERTS:
        return (fact.kind, fact.instance if fact.kind == "SpellTransferred" else "")
    if fact.kind == "SpellAdmissionCancelled":
        earlier = {one.kind for one in facts if order(one) < order(fact)}
        taken = [one for one in facts if one.kind == "SpellAdmissionCancelled" and order(one) < order(fact)]
        alone = "SpellAdmitted" not in earlier and "SpellRegistered" in earlier
        if alone and not any(
            key_of(one, facts) == ("SpellRegistered", "")
            and _newest_below(facts, fact, "SpellRegistered") < order(one)
            for one in taken
        ):
            return ("SpellRegistered", "")
        return ("SpellAdmitted", "")
    if fact.kind == "SpellTransferCancelled" and not fact.instance:
        return _victim(fact, facts)
    return (ASSERTS[fact.kind], fact.instance if fact.kind == "SpellTransferCancelled" else "")


def _newest_below(facts: list[Fact], bound: Fact, kind: str) -> tuple[int, int, int, str]:
    return max(order(one) for one in facts if one.kind == kind and order(one) < order(bound))


def _victim(cancel: Fact, facts: list[Fact]) -> tuple[str, str] | None:
    before = [one for one in facts if order(one) < order(cancel)]
    moves = [one for one in standing(before) if one.kind == "SpellTransferred"]
    said = place(cancel, "prior_")
    moves = [one for one in moves if not any(said) or place(one) == said]
    if not moves:
        return None
    newest = max(moves, key=lambda one: (one.occurred_at, one.recorded_at, one.instance))
    return ("SpellTransferred", newest.instance)


def standing(facts: list[Fact]) -> list[Fact]:
    """Assertions that are the greatest of their key, where no cancel of the key is greater."""
    out = []
    for fact in facts:
        if fact.kind in ASSERTS or fact.kind == "SpellAmended":
            continue
        rivals = [
            one for one in facts if one.kind != "SpellAmended" and key_of(one, facts) == key_of(fact, facts)
        ]
        if all(order(one) <= order(fact) for one in rivals):
            out.append(fact)
    return out


def said_place(facts: list[Fact], moment: int) -> tuple[str, str, str] | None:
    """Where the person was at a moment as the standing facts say; None = out, not in yet, or nobody says.

    Amended times are not looked at: histories for this oracle carry none.
    """
    steps = [one for one in standing(facts) if one.kind in RANKS]
    steps += [
        one
        for one in facts
        if one.kind in ("SpellTransferCancelled", "SpellDischargeCancelled") and any(place(one))
    ]
    steps = [one for one in steps if one.occurred_at <= moment]
    steps.sort(key=lambda one: (one.occurred_at, RANKS[one.kind], one.recorded_at, one.instance, one.id))
    inside, where = True, None
    for step in steps:
        if step.kind == "SpellDischarged":
            inside, where = False, None
        elif inside or step.kind in ("SpellAdmitted", "SpellRegistered"):
            inside = True
            where = place(step) if any(place(step)) else where
    return where if inside else None
