"""The action log of the bed meetings: what, owner, due, done, which call (domain 02 §2.5). Pure.

In: `ActionView`s, what a form said. Out: rows, what is late first; the event a form becomes. Everything is a
code of a closed list: a free text may say of whom (IG-03). Raises `NotSaid`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from board.wording import OWNERS
from board.words_of_hub import Event, NotSaid, moment_of
from runtime.freshness import utc
from schemas.actions import CALLS, WHATS

ENDS: Final = {"done": "Done", "dropped": "Dropped", "open": "Open it again"}
ENDED_SHOWN_US: Final = 86_400_000_000
"""How long what is done stays on the list."""


class Row(NamedTuple):
    """One action as it stands."""

    id: str
    site: str
    state: str
    """open, late, done or dropped."""
    what: str
    owner: str
    due_at: str | None
    call: str
    logged_at: str | None
    actor: str
    ended_at: str | None
    ended_by: str
    ends: tuple[tuple[str, str], ...]


def rows_of(actions: Iterable[Mapping[str, Any]], now: int) -> list[Row]:
    """What is late, then open by when it is due, then what ended within a day."""
    since = now - ENDED_SHOWN_US
    kept = [one for one in actions if one["state"] == "open" or (one["ended_at"] or 0) >= since]
    rank = {"late": 0, "open": 1}
    rows = [_row(one, now) for one in kept]
    return sorted(rows, key=lambda row: (rank.get(row.state, 2), row.due_at or "9", row.id))


def event_of(said: Mapping[str, str], rows: Collection[Row], sites: Collection[str], by: str) -> Event:
    """The event a form becomes: an action logged, or how one ended. Raises NotSaid."""
    if said.get("action"):
        return _ended(said, rows, by)
    if said.get("site") not in sites or said.get("what") not in WHATS or said.get("call") not in CALLS:
        raise NotSaid("Say what, of which site, and at which call.")
    if said.get("owner") not in OWNERS:
        raise NotSaid("Say who does it.")
    due = {"due_at": moment_of(said["due"])} if said.get("due") else {}
    fields = {name: said[name] for name in ("site", "what", "owner", "call")}
    return Event("ActionLogged", {**fields, "action_id": str(uuid.uuid4()), **due, "actor": by})


def _ended(said: Mapping[str, str], rows: Collection[Row], by: str) -> Event:
    row = next((one for one in rows if (one.site, one.id) == (said.get("site"), said["action"])), None)
    if row is None or said.get("outcome") not in dict(row.ends):
        raise NotSaid("This can no longer be said of it: the page was out of date.")
    fields = {"site": row.site, "action_id": row.id, "outcome": said["outcome"], "actor": by}
    return Event("ActionDone", fields)


def _row(one: Mapping[str, Any], now: int) -> Row:
    late = one["state"] == "open" and one["due_at"] is not None and one["due_at"] < now
    ends = ("done", "dropped") if one["state"] == "open" else ("open",)
    return Row(
        one["action_id"], one["site"], "late" if late else str(one["state"]),
        WHATS.get(one["what"] or "", one["what"] or "unknown"), one["owner"] or "", utc(one["due_at"]),
        CALLS.get(one["call"] or "", one["call"] or ""), utc(one["logged_at"]), one["actor"] or "",
        utc(one["ended_at"]), one["ended_by"] or "", tuple((end, ENDS[end]) for end in ends),
    )  # fmt: skip
