"""Records that are one person, or are not: merges, changed identifiers, links and unlinks (domain/03 §3.1,
lessons.md §4.5).

In: the PID/MRG groups, or the pairs of PIDs. Out: a link from each retired record to its survivor, and who
both are. A link joins records, so it runs from local id to local id of the same authority; an NHS number in
MRG-1 gives way only to another, verified one. A changed identifier (A46, A47) is a merge of the old one: it
stays listed, and late messages that name it find the person.
"""

from __future__ import annotations

from typing import Final

from connectors.identity import is_verified
from connectors.message import Draft, Identifier, Refusal, Subject
from connectors.nhs_number import digits_of
from connectors.partners.hl7_adt.context import Context, needed
from connectors.partners.hl7_adt.people import describes, identifiers, identity_fields, subject_of, usable
from connectors.partners.hl7_adt.reading import Segment
from runtime.place import Partner
from schemas.reasons import Reason

MERGES: Final = frozenset({"A34", "A36", "A39", "A40", "A43", "A46", "A47"})
_BY_OLD_ID: Final = frozenset({"A39", "A46"})
"""These may name the retired record in MRG-4, the prior patient id, and the survivor in PID-2."""
PAIRS: Final = frozenset({"A24", "A37"})
"""Two PIDs: linked without a survivor of their own, or no longer linked."""
TRIGGERS: Final = MERGES | PAIRS


def _groups(context: Context) -> list[tuple[Segment | None, list[Segment]]]:
    """Every PID with the MRGs after it; an MRG before any PID has none."""
    groups: list[tuple[Segment | None, list[Segment]]] = []
    for segment in context.message.segments:
        if segment.name == "PID":
            groups.append((segment, []))
        elif segment.name == "MRG":
            if not groups:
                groups.append((None, []))
            groups[-1][1].append(segment)
    return groups


def _target(retired: Identifier, survivor: Subject) -> Identifier:
    """The survivor's id a retired one points to: same system and authority first, then any local one."""
    same = [i for i in survivor.ids if (i.system, i.authority) == (retired.system, retired.authority)]
    return same[0] if same else survivor.local or survivor.ids[0]


def _same(one: Identifier, other: Identifier) -> bool:
    if (one.system, one.authority) != (other.system, other.authority):
        return False
    return one.value == other.value or (
        one.system == "NHS" and digits_of(one.value) == digits_of(other.value)
    )


def _basis(old: Identifier, new: Identifier, dialect: Partner) -> str:
    """Why an id of MRG-1 points to one of PID-3; "" where the message does not say enough to join anyone.

    A number is superseded only by a verified one: else two people's numbers would be joined on nobody's word.
    """
    if not (usable((old,), dialect) and usable((new,), dialect)):
        return ""
    if old.system != "NHS":
        return "merge"
    return "superseded" if new.system == "NHS" and is_verified(new.status, dialect) else ""


def _links(context: Context, survivor: Subject, merge: Segment, where: str) -> list[Draft]:
    retired = tuple(identifiers(merge, 1, context.dialect))
    if context.trigger in _BY_OLD_ID and not retired:
        retired = tuple(identifiers(merge, 4, context.dialect))
    if not usable(retired, context.dialect):
        raise Refusal(Reason.NO_IDENTIFIER, f"{where}-1")
    # Where a record's own id is there, a number repeated beside it says nothing of its own.
    records = [old for old in retired if old.system != "NHS"]
    if all(_same(old, _target(old, survivor)) for old in records or retired):
        raise Refusal(Reason.SELF_MERGE, f"{where}-1")
    moving = [(old, new) for old in retired if not _same(old, new := _target(old, survivor))]
    drafts = [
        context.draft(
            "PersonsLinked",
            f"{where}-1[{number}]",
            Subject(ids=(old,)),
            {"basis": basis},
            other=Subject(ids=(new,)),
        )
        for number, (old, new) in enumerate(moving, 1)
        if (basis := _basis(old, new, context.dialect))
    ]
    if not drafts:
        raise Refusal(Reason.NO_IDENTIFIER, f"{where}-1")
    return [*drafts, context.draft("PersonIdentified", where, Subject(ids=retired), {})]


def _pair(
    context: Context, number: int, pid: Segment | None, merges: list[Segment], first_merge: int
) -> list[Draft]:
    if pid is None:
        raise Refusal(Reason.FIELD_MISSING, "PID")
    survivor, flags = subject_of(pid, context.message, context.dialect, f"PID[{number}]-3")
    if not merges:
        raise Refusal(Reason.FIELD_MISSING, f"MRG[{number}]")
    drafts: list[Draft] = []
    for place, merge in enumerate(merges, first_merge):
        drafts += _links(context, survivor, merge, f"MRG[{place}]")
    fields = identity_fields(pid) if describes(pid) else {}
    return [*drafts, context.draft("PersonIdentified", f"PID[{number}]", survivor, fields, flags=flags)]


def _couple(context: Context) -> list[Draft]:
    """A24: the second record belongs with the first. A37: neither belongs with the other, whichever of them
    a merge or a link named as the survivor; older links of theirs to anybody else stand.
    """
    pids = [segment for segment in context.message.segments if segment.name == "PID"]
    if len(pids) < 2:
        raise Refusal(Reason.FIELD_MISSING, f"PID[{len(pids) + 1}]")
    first, second = (
        subject_of(pid, context.message, context.dialect, f"PID[{number}]-3")[0]
        for number, pid in enumerate(pids[:2], 1)
    )
    if _same(one := first.local or first.ids[0], other := second.local or second.ids[0]):
        raise Refusal(Reason.SELF_MERGE, "PID[2]-3")
    one_alone, other_alone = Subject(ids=(one,)), Subject(ids=(other,))
    basis = "merge" if context.trigger == "A24" else "unlink"
    drafts = [context.draft("PersonsLinked", "PID[2]", other_alone, {"basis": basis}, other=one_alone)]
    if basis == "unlink":
        back = context.draft("PersonsLinked", "PID[1]", one_alone, {"basis": basis}, other=other_alone)
        drafts.append(back)
    return [
        *drafts,
        *(
            context.draft("PersonIdentified", f"PID[{number}]", subject, {})
            for number, subject in ((1, Subject(ids=first.ids)), (2, Subject(ids=second.ids)))
        ),
    ]


def _moved(context: Context) -> list[Draft]:
    """A43: the record in MRG-1 was filed under the wrong person (MRG-4) and belongs to another (PID-2).

    MRG-1 and PID-3 are then the same record. Where the persons have no ids of their own, the number that
    stands beside the record in PID-3 names the person, and sealing links it.
    """
    pid, merge = needed(context.message, "PID"), needed(context.message, "MRG")
    moved = Subject(ids=tuple(identifiers(merge, 1, context.dialect))).local
    if moved is None:
        raise Refusal(Reason.NO_IDENTIFIER, "MRG[1]-1")
    subject, flags = subject_of(pid, context.message, context.dialect, "PID[1]-3")
    record = Subject(ids=(moved,))
    ends = (
        ("unlink", next(identifiers(merge, 4, context.dialect), None)),
        ("merge", next(identifiers(pid, 2, context.dialect), None)),
    )
    drafts = [
        context.draft("PersonsLinked", f"PID[1]-{basis}", record, {"basis": basis}, other=Subject(ids=(end,)))
        for basis, end in ends
        if end is not None and end.system != "NHS" and not _same(end, moved)
    ]
    if not any(_same(moved, one) for one in subject.ids):
        return _pair(context, 1, pid, [merge], 1)
    return [*drafts, context.draft("PersonIdentified", "PID[1]", subject, identity_fields(pid), flags=flags)]


def merge_drafts(context: Context) -> tuple[list[Draft], tuple[Refusal, ...]]:
    """Links of every pair; a bad pair is refused alone while the others are taken. Raises where all are."""
    if context.trigger in PAIRS:
        return _couple(context), ()
    if context.trigger == "A43":
        return _moved(context), ()
    drafts: list[Draft] = []
    refusals: list[Refusal] = []
    merges_before = 0
    for number, (pid, merges) in enumerate(_groups(context), 1):
        try:
            drafts += _pair(context, number, pid, merges, merges_before + 1)
        except Refusal as refusal:
            refusals.append(refusal)
        merges_before += len(merges)
    if drafts:
        return drafts, tuple(refusals)
    raise refusals[0] if refusals else Refusal(Reason.FIELD_MISSING, "PID")
