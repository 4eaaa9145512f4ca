"""One line of a worklist: what somebody at a desk needs of a person at a glance. Pure.

In: a person as shown to a reader, which sources are stale, a time. Out: rows, oldest clock first. Nothing
here ranks people but how long they have waited (and a fast track, which goes first by its own clock).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from board import wording
from board.people import Shown

OVER = ("discharged", "cancelled", "deleted")
Stale = Callable[[str], bool]


class Badge(NamedTuple):
    """A mark beside a name; the words say it, the colour only helps."""

    text: str
    colour: str


class Row(NamedTuple):
    """A person on a worklist."""

    key: str
    name: str
    birth_date: str
    nhs_number: str
    ward: str
    bed: str
    site: str
    state: str
    """`ready`, `in hospital`, `expected`, `left`, `frozen`, `unknown`, `restricted` (the EPR says whether
    they are ready).
    """
    since: str | None
    """Where the clock of their state began."""
    pathway: str
    owner: str
    step: str
    due: str | None
    promise: str
    badges: tuple[Badge, ...]
    stale: tuple[str, ...]
    first: bool = False
    """A fast track or palliative task: goes before others."""
    expected: str | None = None
    """When they are expected to leave."""


@dataclass(frozen=True)
class Chosen:
    """What a worklist is narrowed to; all of it stands in the URL, and nothing of a person."""

    show: str = "ready"
    ward: str = ""
    owner: str = ""
    pathway: str = ""
    site: str = ""

    def takes(self, row: Row) -> bool:
        """Whether a row is asked for. Who was told what is no longer true is on every list."""
        asked = (
            (self.ward, row.ward),
            (self.owner, row.owner),
            (self.pathway, row.pathway),
            (self.site, row.site),
        )
        if any(want and want != has for want, has in asked):
            return False
        return self.show == "all" or row.state in STATES[self.show] or _untold(row)


STATES: Mapping[str, tuple[str, ...]] = {
    "ready": ("ready", "frozen", "restricted"), "hospital": ("ready", "in hospital", "frozen", "restricted"),
    "expected": ("expected",),
    "left": ("left",), "all": (),
}  # fmt: skip
UNTOLD = "told, no longer true"


def row_of(shown: Shown, stale: Stale) -> Row:
    """The row of one person."""
    spell, transfer = shown.spell, shown.transfer
    state, since = _clock(shown)
    place, step = spell.get("location") or {}, transfer.get("next_step") or {}
    who = shown.identity
    return Row(
        shown.key, name_of(shown), who.birth_date, who.nhs_number,
        place.get("poc") or "", place.get("bed") or "",
        place.get("facility") or "", state, since, _pathway(spell), step.get("owner") or "",
        step.get("what") or "", step.get("due"), _promise(transfer), tuple(_badges(shown)),
        tuple(one["source"] for one in transfer.get("freshness") or () if stale(one["source"])),
        (transfer.get("priority") or {}).get("kind") is not None, spell.get("expected_discharge_at"),
    )  # fmt: skip


def worklist(people: Iterable[Shown], stale: Stale, chosen: Chosen) -> list[Row]:
    """The rows asked for, by the age of their clock; a fast track first, who has no clock last."""
    rows = (row_of(one, stale) for one in people if one.open)
    return sorted(filter(chosen.takes, rows), key=_order)


def _order(row: Row) -> tuple[bool, bool, int, str, str]:
    rank = {"frozen": 0, "ready": 0, "restricted": 1, "in hospital": 2, "expected": 3, "left": 4}.get(
        row.state, 4
    )
    return (not row.first, row.since is None, rank, row.since or "", row.key)


def _untold(row: Row) -> bool:
    return any(badge.text.startswith(UNTOLD) for badge in row.badges)


def name_of(shown: Shown) -> str:
    """Who it is, in a list."""
    who = shown.identity
    if who.family:
        return f"{who.family.upper()}, {who.given}".rstrip(", ")
    return who.given or ("Restricted" if shown.person.get("restricted") else "Name not known")


def _clock(shown: Shown) -> tuple[str, str | None]:
    spell = shown.spell
    if shown.frozen:
        return "frozen", shown.person.get("frozen_since")
    status = spell.get("status")
    if status in OVER:
        return "left", spell.get("discharged_at")
    if status in ("planned", "registered"):
        return "expected", spell.get("admitted_at")
    if "ready" in (spell.get("withheld") or ()):
        return "restricted", spell.get("admitted_at")
    now = [one for one in spell.get("ready") or () if one.get("to") is None]
    if now:
        return "ready", now[0].get("from")
    return ("in hospital", spell.get("admitted_at")) if status else ("unknown", None)


def _pathway(spell: Mapping[str, Any]) -> str:
    said = spell.get("pathway") or {}
    chosen = said.get("confirmed") or said.get("expected")
    return wording.coded(chosen) if chosen else ""


def _promise(transfer: Mapping[str, Any]) -> str:
    """What was promised last: care from when, by whom."""
    for one in transfer.get("packages") or ():
        if one.get("state") not in ("ended", "entered_in_error"):
            return f"{wording.plain(one.get('state'))} {one.get('provider') or ''}".strip()
    for one in transfer.get("support") or ():
        if one.get("state") != "closed":
            return f"{wording.plain(one.get('service') or 'support')}: {wording.plain(one.get('state'))}"
    for one in () if "packages" in transfer else transfer.get("tasks") or ():
        return f"{wording.plain(one.get('kind') or one.get('code'))}: {wording.plain(one.get('state'))}"
    return ""


def _badges(shown: Shown) -> Iterable[Badge]:
    person, spell, transfer = shown.person, shown.spell, shown.transfer
    if shown.frozen:
        yield Badge(f"frozen: {person.get('unread') or 'some'} facts unread", "red")
    if person.get("state") == "erased":
        yield Badge("erased", "grey")
    if person.get("restricted"):
        yield Badge("restricted", "purple")
    if transfer.get("must_retract"):
        yield Badge(f"{UNTOLD}: {len(transfer['must_retract'])}", "red")
    if (spell.get("death") or {}).get("stated_at"):
        yield Badge("death stated", "grey")
    if (transfer.get("priority") or {}).get("kind"):
        yield Badge(wording.plain(transfer["priority"]["kind"]), "orange")
    if any(one.get("state") in ("proposed", "unsure") for one in person.get("candidate_links") or ()):
        yield Badge("match proposed", "blue")
    if "out_of_area" in (spell.get("flags") or ()):
        yield Badge("out of area", "white")
