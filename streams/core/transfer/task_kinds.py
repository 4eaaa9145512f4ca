"""The kinds of task between services, as senders spell them, and who owes each (domain 06 §6.1).

In: a kind as sent. Out: its code, or none: nothing is guessed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from streams.core.spells.delay_codes import label


class TaskKind(NamedTuple):
    """A kind of task: who owes it where its sender names nobody, and other spellings."""

    code: str
    owner: str
    words: str
    also: tuple[str, ...] = ()


KINDS: Final = (
    TaskKind("hub-trigger", "hub", "referral to the hub", ("trigger", "hub", "718524000")),
    TaskKind("therapy", "hospital", "therapy review"),
    TaskKind("p0-voluntary", "voluntary", "voluntary support at home", ("voluntary",)),
    TaskKind("p1-reablement", "community", "reablement at home", ("reablement", "rehabilitation")),
    TaskKind("p1-dom-care", "council", "domiciliary care", ("domcare", "homecare", "domiciliary care")),
    TaskKind("p1-nursing", "community", "community nursing", ("nursing", "district nursing")),
    TaskKind("p2-bed", "community", "bed for recovery", ("bed",)),
    TaskKind("p3-placement", "council", "care-home placement", ("placement",)),
    TaskKind("equipment", "community", "equipment"),
    TaskKind("transport", "hospital", "patient transport", ("pts",)),
    TaskKind("medicines", "hospital", "medicines to take home", ("tto", "ttos", "ttas")),
    TaskKind("housing", "council", "housing"),
    TaskKind("homeless", "council", "homelessness", ("duty to refer", "homelessness")),
    TaskKind("fast-track", "icb", "fast-track continuing healthcare", ("chc fast track", "fasttrack chc")),
    TaskKind("palliative", "community", "palliative care", ("end of life", "hospice")),
    TaskKind("mh-liaison", "mental_health", "mental-health liaison", ("mental health liaison",)),
    TaskKind("frailty", "hospital", "frailty team"),
    TaskKind("safeguarding", "council", "safeguarding"),
    TaskKind("mca", "hospital", "mental capacity assessment", ("mental capacity", "capacity assessment")),
    TaskKind("choice", "hub", "choice discussion", ("choice protocol",)),
)
OWNERS: Final = {kind.code: kind.owner for kind in KINDS}
PRIORITY: Final = ("fast-track", "palliative")
"""Kinds that go before all others: somebody is going home to die (domain 06 §6.2)."""
_CODES: Final = {
    spelling: kind.code for kind in KINDS for spelling in map(label, (kind.code, kind.words, *kind.also))
}


def kind_code(sent: str | None) -> str | None:
    """The code of a kind as sent."""
    return _CODES.get(label(sent or ""))


def owner_of(code: str | None) -> str:
    """Who owes a task whose sender named no owner; an unknown kind: the hub."""
    return OWNERS.get(code or "", "hub")
