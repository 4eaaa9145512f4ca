"""Whose visit it is, and which visit: moved to another record (A44, A45), part of another visit (A35, A36,
A41, A42, A06 with MRG-5; domain 03 §3.1 "re-parent").

In: the `SpellReassigned` and `SpellMerged` facts of one visit as one source tells it. Out: whether the visit
is still filed here, and the visit it is part of. A move is told to both records, so that each key decides by
what it holds: the newest word counts, and a key that holds both records has the visit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from schemas.fact import Fact

REASSIGNED: Final = "SpellReassigned"
MERGED: Final = "SpellMerged"


def arrives(move: Fact) -> bool:
    """Whether a move was told to the record the visit belongs to, not to the one it leaves."""
    return move.record == move.body.get("target_key")


def gone(moves: Iterable[Fact]) -> bool:
    """Whether the newest move leads away. Of moves of one instant the end of their way counts, of several
    ends the greatest, so that every record that hears of them comes to the same and one shows the visit.
    """
    told = list(moves)
    at = max(((one.recorded_at, one.sequence) for one in told), default=None)
    last = [one for one in told if (one.recorded_at, one.sequence) == at]
    left = {_end(one, "source_key") for one in last}
    ends = {_end(one, "target_key") for one in last}
    target = max(ends - left or ends, default=None)
    return target is not None and not any(arrives(one) and one.record == target for one in last)


def _end(move: Fact, end: str) -> str:
    return str(move.body.get(end))


def times_filed(moves: Iterable[Fact]) -> int:
    """How often a visit was moved: what was told of it before, was told of somebody else."""
    ends = ("source_key", "target_key")
    return len({(one.recorded_at, one.sequence, *(_end(one, end) for end in ends)) for one in moves})


def roots(parts: Mapping[str, Fact]) -> dict[str, str]:
    """Visit -> the visit it ends up in; `parts` are the merges that stand. In a cycle the newest merge names
    the survivor.
    """
    out: dict[str, str] = {}
    for start in parts:
        way = [start]
        while (follows := _into(parts, way[-1])) and follows not in way:
            way.append(follows)
        if follows:
            cycle = way[way.index(follows) :]
            newest = max(cycle, key=lambda visit: (parts[visit].recorded_at, parts[visit].id))
            root = str(parts[newest].body["into_spell"])
        else:
            root = way[-1]
        if root != start:
            out[start] = root
    return out


def _into(parts: Mapping[str, Fact], visit: str) -> str | None:
    merge = parts.get(visit)
    return merge.body.get("into_spell") if merge is not None else None
