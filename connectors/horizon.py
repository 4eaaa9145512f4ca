"""Near enough to now: which drafts of a message may be taken, and why the others are not
(design.md §4 law 7).
"""

from __future__ import annotations

from typing import Final

from connectors.message import Draft, Refusal, Translation
from schemas.reasons import Reason

_DAY_US: Final = 86_400_000_000
_FUTURE_US: Final = _DAY_US
_PLANS: Final = frozenset(
    {
        "SpellPlanned",
        "SpellPlanCancelled",
        "DischargePending",
        "DischargePendingCancelled",
        "TransferPending",
        "TransferPendingCancelled",
        "ExpectedDischargeSet",
    }
)
"""About what is to come: a date ahead is what they are for."""
_WHEN: Final = "occurred_at"


def admissible(
    translation: Translation, received_at: int, horizon_days: float
) -> tuple[list[Draft], tuple[Refusal, ...]]:
    """Drafts that stand, and refusals: those of the translation, and each reason why drafts do not stand
    once.
    """
    standing: list[Draft] = []
    late = {Reason.BEHIND_HORIZON: False, Reason.EVENT_IN_FUTURE: False}
    oldest = received_at - int(horizon_days * _DAY_US)
    for draft in translation.drafts:
        if draft.occurred_at < oldest:
            late[Reason.BEHIND_HORIZON] = True
        elif draft.occurred_at > received_at + _FUTURE_US and draft.kind not in _PLANS:
            late[Reason.EVENT_IN_FUTURE] = True
        else:
            standing.append(draft)
    return standing, (*translation.refusals, *(Refusal(why, _WHEN) for why, there in late.items() if there))
