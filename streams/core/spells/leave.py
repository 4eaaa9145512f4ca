"""Leave of absence: away from the ward with the bed held (A21, A22, A52, A53; domain 03 §3.1).

In: the leave facts of a visit that stand. Out: stretches of leave by event time. The spell stays open and the
stay in the held bed goes on: somebody on leave has not left hospital.
"""

from __future__ import annotations

from typing import NamedTuple

from streams.core.spells.visit import Visit


class Leave(NamedTuple):
    """One stretch away; `since` None = its start was not heard, `until` None = still away."""

    since: int | None
    until: int | None


def leave_of(visit: Visit, left_at: int | None) -> tuple[Leave, ...]:
    """Pair starts with returns.

    A start said while away goes on since the first one; a discharge ends what is open, and nothing after it
    counts.
    """
    steps = [(fact.occurred_at, False) for slot in visit.leave_starts.values() if (fact := slot.standing)]
    steps += [(fact.occurred_at, True) for slot in visit.leave_ends.values() if (fact := slot.standing)]
    stretches: list[Leave] = []
    away: int | None = None
    for at, back in sorted(steps):
        if left_at is not None and at >= left_at:
            break
        if back:
            stretches.append(Leave(away, at))
            away = None
        elif away is None:
            away = at
    if away is not None:
        stretches.append(Leave(away, left_at))
    return tuple(stretches)
