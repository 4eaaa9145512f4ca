"""The story of one person as their lines tell it: what happened when, whom they waited for, who was told.
Pure.

In: a person as shown to a reader, a time. Out: entries for the page, each with the source that said it where
the line names one. Keys that are not the reader's are not there and make no entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from board import wording
from board.people import Shown
from runtime.freshness import utc

Line = Mapping[str, Any]


class Entry(NamedTuple):
    """One moment. `at` is a UTC text."""

    at: str
    what: str
    source: str = ""
    ahead: bool = False
    """Planned or promised, not yet so."""


class Wait(NamedTuple):
    """A stretch of waiting for one owner."""

    owner: str
    reason: str
    since: str | None
    until: str | None
    minutes: float | None


class Word(NamedTuple):
    """One recipient and what they know."""

    recipient: str
    title: str
    fact: str
    state: str
    sent_at: str | None
    acked_at: str | None
    how: str
    retracts: bool
    phone: str = ""


def timeline(shown: Shown, now: int, titles: Mapping[str, tuple[str, str]]) -> list[Entry]:
    """Every moment the lines know, newest first. `titles`: of recipients, name -> title, phone."""
    found = [entry for spell in shown.spells for entry in _of_spell(spell)]
    found += _of_transfer(shown.transfer, titles)
    text = utc(now) or ""
    kept = {entry._replace(ahead=entry.at > text) for entry in found if entry.at}
    return sorted(kept, key=lambda entry: (entry.at, entry.what), reverse=True)


def waits(shown: Shown, now: int) -> list[Wait]:
    """Why they wait, each minute of the ready time laid to one owner; the running stretch up to now."""
    rows = shown.transfer.get("why") or ()
    return [
        Wait(row.get("owner") or "", _reason(row), row.get("from"), row.get("to"), _minutes(row, now))
        for row in rows
    ]


def words(shown: Shown, titles: Mapping[str, tuple[str, str]]) -> list[Word]:
    """Who was told what, and whether they know that it is no longer so. `titles`: name -> title, phone."""
    rows = shown.transfer.get("notices") or ()
    out = []
    for row in rows:
        title, phone = titles.get(row["recipient"], (row["recipient"], ""))
        out.append(
            Word(
                row["recipient"], title, wording.plain(row["fact"]), wording.plain(row["state"]),
                row.get("sent_at"), row.get("acked_at"), row.get("how") or "",
                row.get("retracts") is not None, phone,
            )
        )  # fmt: skip
    return sorted(out, key=lambda word: (word.sent_at or "9", word.title), reverse=True)


def promises(shown: Shown) -> Iterator[dict[str, Any]]:
    """Packages, offers of support and tasks: what, by whom, as it stands, for when."""
    for one in shown.transfer.get("packages") or ():
        what = wording.plain(one.get("component") or one.get("service_type") or "care package")
        yield _promise(one, what, one.get("provider"), one.get("first_call_at"))
    for one in shown.transfer.get("support") or ():
        yield _promise(
            one, wording.plain(one.get("service") or "support"), one.get("source"), one.get("planned_at")
        )
    for one in shown.transfer.get("tasks") or ():
        when = one.get("planned_start_at") or one.get("due_at")
        yield _promise(one, wording.plain(one.get("kind") or one.get("code")), one.get("owner"), when)


def _promise(one: Line, what: str, who: str | None, when: str | None) -> dict[str, Any]:
    names = ("state", "since", "source", "ref", "unknown_since")
    return {"what": what, "who": who, "when": when} | {name: one.get(name) for name in names}


def _reason(row: Line) -> str:
    said = row.get("reason") or {}
    group = wording.plain(row["group"]) if row.get("group") else "no reason given"
    return " ".join(filter(None, (said.get("code"), said.get("raw")))) or group


def _minutes(row: Line, now: int) -> float | None:
    if row.get("minutes") is not None:
        return float(row["minutes"])
    return wording.minutes_since(row.get("from"), now) if row.get("to") is None else None


def _of_spell(spell: Line) -> Iterable[Entry]:
    source = spell.get("partner") or ""
    yield Entry(spell.get("admitted_at") or "", "Admitted", source)
    for stay in spell.get("stays") or ():
        yield Entry(
            stay.get("from") or "", f"In {(stay.get('place') or '').replace('^', ' ')}".strip(), source
        )
    for one in spell.get("ready") or ():
        by = one.get("source") or ""
        yield Entry(one.get("from") or "", "Ready: no longer meets the criteria to reside", by)
        if one.get("to") and one["to"] != spell.get("discharged_at"):
            yield Entry(one["to"], "Meets the criteria to reside again", by)
    for one in (spell.get("pathway") or {}).get("history") or ():
        pathway = wording.coded(one["pathway"]) if one.get("pathway") else "taken back"
        yield Entry(one.get("at") or "", f"Pathway {one.get('stage')}: {pathway}", one.get("source") or "")
    for one in spell.get("expected_discharge_history") or ():
        said = wording.clock(one["expected_at"]) if one.get("expected_at") else "taken back"
        yield Entry(one.get("at") or "", f"Expected discharge: {said}", one.get("source") or "")
    for one in spell.get("checklist") or ():
        if one.get("state") in ("done", "failed"):
            yield Entry(
                one.get("at") or "", f"{wording.item(one['item'])}: {one['state']}", one.get("source") or ""
            )
    yield Entry(spell.get("expected_discharge_at") or "", "Expected to leave", source)
    yield Entry(spell.get("discharged_at") or "", "Left hospital", source)
    yield Entry((spell.get("death") or {}).get("stated_at") or "", "Death stated", source)


def _of_transfer(transfer: Line, titles: Mapping[str, tuple[str, str]]) -> Iterable[Entry]:
    for kind in ("packages", "support", "tasks"):
        for one in transfer.get(kind) or ():
            what = wording.plain(one.get("component") or one.get("service") or one.get("kind") or kind[:-1])
            yield Entry(one.get("since") or "", f"{what.capitalize()}: {wording.plain(one.get('state'))}",
                        one.get("source") or "")  # fmt: skip
            yield Entry(
                one.get("first_call_at") or "", f"{what.capitalize()}: first call", one.get("source") or ""
            )
    for one in transfer.get("notices") or ():
        word = (
            "told that it is no longer so" if one.get("retracts") else f"told: {wording.plain(one['fact'])}"
        )
        who = titles.get(one["recipient"], (one["recipient"], ""))[0]
        yield Entry(one.get("sent_at") or "", f"{who} {word}")
        yield Entry(one.get("acked_at") or "", f"{who} acknowledged")
