"""One visit out of several: what the retired one said fills what the surviving one leaves open (A35, A36,
A41, A42; domain 03 §3.1).

In: two accounts of one source. Out: one. The survivor's own word on a step counts alone; movements, leaves
and plans of both stay, because somebody lay in those beds. What ended the retired visit ends nothing once the
survivor was opened by itself: a visit registered twice and discharged once goes on.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from streams.core.facts.filing import MERGED
from streams.core.spells.visit import Visit

_STEPS: Final = ("planned", "registered", "admitted", "changed", "pending", "censused")
_TABLES: Final = ("moves", "leave_starts", "leave_ends", "pending_moves")


def absorbed(own: Visit, other: Visit) -> Visit:
    """The surviving visit with what the retired one knew."""
    if other.deleted or own.deleted:
        return own
    merges = [fact for fact in other.ordered if fact.kind == MERGED]
    before = [fact for fact in other.ordered if fact.kind != MERGED]
    said: dict[str, Any] = {name: _either(own, other, name) for name in _STEPS}
    if not (own.registered.fact or own.admitted.fact or own.changed.fact):
        said["discharged"] = _either(own, other, "discharged")
    for name in _TABLES:
        said[name] = {**getattr(other, name), **getattr(own, name)}
    # The merge is written with the survivor's number and class, so it comes after the retired visit's words.
    ordered = [*before, *merges, *own.ordered]
    return msgspec.structs.replace(
        own, ordered=ordered, placements=[*other.placements, *own.placements], **said
    )


def _either(own: Visit, other: Visit, name: str) -> object:
    slot = getattr(own, name)
    return slot if slot.fact or slot.cancel else getattr(other, name)
