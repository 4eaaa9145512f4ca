"""Alerts as a desk sees them: those of its own people and of the place, what nobody has in hand first. Pure.

In: alerts as they stand, the people a reader is shown. Out: rows; what a form says of one becomes a command,
a fact on the way to whoever works the alert out. Raises `NotSaid` where a form says nothing that can be said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from board import wording
from board.people import HOUR_US, Shown
from board.words_of_hub import Event, NotSaid, phoned
from runtime.freshness import utc

LIVE: Final = ("escalated", "open", "snoozed", "acknowledged", "suppressed")
"""What nobody has in hand comes first."""
OWN_DESK_ONLY: Final = frozenset({"council", "provider", "hospice", "voluntary"})
"""Roles that see the alerts that are theirs to act on, and no others."""
TOLD: Final = "whoever was told"
"""A desk of rules (docs/alerts.md): whoever was told what is no longer true."""
OF_PLACE: Final = frozenset({"hub", "ward", "control_centre", "integrator"})
"""Roles that see alerts about a place or a feed."""
UNTOLD: Final = "told_no_longer_true"
UNTIL: Final = {"hour": 1, "four_hours": 4, "shift": 8}
"""How long a snooze holds, in hours."""
VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    "open": ("acknowledge", "told_by_phone", "snooze", "resolve"),
    "escalated": ("acknowledge", "told_by_phone", "snooze", "resolve"),
    "acknowledged": ("unacknowledge", "told_by_phone", "resolve"),
    "snoozed": ("unacknowledge", "acknowledge", "resolve"),
    "suppressed": (),
}
"""What can be said of an alert, by how it stands."""
WORDS: Final = {
    "acknowledge": "I have it in hand", "told_by_phone": "Told by phone", "snooze": "Put off",
    "resolve": "It is over", "unacknowledge": "Open it again",
}  # fmt: skip


class Row(NamedTuple):
    """An alert on a desk."""

    id: str
    holder: str
    rule: str
    high: bool
    state: str
    key: str
    """Of the person; empty: of a place."""
    name: str
    where: str
    due_at: str | None
    actor: str
    until_at: str | None
    contact: str
    phone: str
    raised: int
    thing: str
    verbs: tuple[tuple[str, str], ...]
    under: str = ""
    """The silent partner it waits behind."""
    behind: int = 0
    """How many wait behind this one."""


def rows_of(
    alerts: Mapping[str, Mapping[str, Any]], shown: Callable[[str], Shown | None], role: str
) -> list[Row]:
    """The alerts of a desk: unanswered ones first, high before others, then by when they were due."""
    found = [_row(key, one, shown, role) for key, one in alerts.items() if one["state"] in LIVE]
    rows = [row for row in found if row is not None]
    return sorted(rows, key=lambda row: (LIVE.index(row.state), not row.high, row.due_at or "", row.id))


def event_of(row: Row, said: Mapping[str, str], by: str, now: int, person: Shown | None = None) -> Event:
    """The command a form becomes; its reason is a code, never free text. Who was told by phone what is no
    longer true knows it: that is said of the notice, and ends the alert. Raises NotSaid.
    """
    verb = said.get("verb", "")
    if verb not in dict(row.verbs):
        raise NotSaid("This can no longer be said of it: the page was out of date.")
    if verb == "told_by_phone" and row.rule == UNTOLD and person is not None:
        return phoned(person.transfer, row.key, row.thing, by)
    fields: dict[str, str | None] = {"person_key": row.holder, "thing": row.id, "verb": verb, "actor": by}
    if verb == "snooze":
        hours = UNTIL.get(said.get("until", ""))
        if hours is None:
            raise NotSaid("Say until when.")
        return Event("AlertCommanded", {**fields, "until_at": utc(now + hours * HOUR_US)})
    return Event("AlertCommanded", fields | ({"reason": "in_hand"} if verb == "acknowledge" else {}))


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many are in each state."""
    found = dict.fromkeys(LIVE, 0)
    for row in rows:
        found[row.state] += 1
    return found


def _row(
    topic_key: str, alert: Mapping[str, Any], shown: Callable[[str], Shown | None], role: str
) -> Row | None:
    who = alert["person_key"]
    person = shown(who) if who else None
    if (person is None) if who else (role not in OF_PLACE):
        return None
    if role in OWN_DESK_ONLY and not _acts(role, person, alert):
        return None
    name, where = _whom(person, alert)
    verbs = VERBS[alert["state"]] if role != "integrator" else ()
    return Row(
        alert["alert_id"], topic_key.rpartition("/")[0], alert["rule"], alert["severity"] == "high",
        alert["state"], who or "", name, where, utc(alert["due_at"]), alert["actor"] or "",
        utc(alert["until_at"]), alert["contact"] or "", alert["phone"] or "", alert["count"],
        alert["thing"], tuple((verb, WORDS[verb]) for verb in verbs),
        alert.get("under") or "", alert.get("behind", 0),
    )  # fmt: skip


def _acts(role: str, person: Shown | None, alert: Mapping[str, Any]) -> bool:
    """Whether it is a role's to act on. Of whom is told what, a reader's own lines hold their own alone."""
    if role in alert["desks"]:
        return True
    untold = person.transfer.get("must_retract") if person is not None else None
    return TOLD in alert["desks"] and any(one["notice_id"] == alert["thing"] for one in untold or ())


def _whom(person: Shown | None, alert: Mapping[str, Any]) -> tuple[str, str]:
    """Name and place as the reader is shown them; never what the alert itself says of a person's place."""
    if person is None:
        return "", str(alert["thing"])
    spell = person.spell.get("location") or {}
    who = person.identity
    known = f"{who.family.upper()}, {who.given}" if who.family else who.given
    restricted = "Restricted" if person.person.get("restricted") else "Name not shown"
    return known or restricted, " ".join(
        filter(None, (spell.get("poc"), spell.get("bed")))
    ) or wording.UNKNOWN
