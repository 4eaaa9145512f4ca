"""Writes down every stay of a town's hospital: the part of the ledger that returns are recounted from.

In: what the hospital wrote on its wire, who was in bed when the place was connected, the hub's rows and when
its list was made. Out: ledger rows, times UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from simulator.hospital import Hospital, Stay
from simulator.hub import HubRow

_SHOWN = ("Pathway conf", "Delay reason")


def stays_of(
    hospital: Hospital,
    in_bed: Iterable[Stay],
    connected: datetime,
    rows: Iterable[HubRow],
    times: Sequence[datetime],
) -> list[dict[str, Any]]:
    """One row a stay, by visit number."""
    found = dict[str, dict[str, Any]]()
    for stay in in_bed:
        found[stay.visit.number] = _stay(stay.visit.admitted_at or connected, connected, stay)
    for trigger, stay, occurred, recorded in hospital.written:
        row = found.get(stay.visit.number)
        if trigger == "A01":
            found[stay.visit.number] = _stay(occurred, recorded, stay)
        elif row is not None and trigger in ("A03", "A13"):
            row["words"].append((_text(recorded), _text(occurred) if trigger == "A03" else None))
    for hub_row in rows:
        _listed(found[hub_row.stay.visit.number], hub_row, times)
    return [found[number] for number in sorted(found)]


def _stay(came: datetime, known: datetime, stay: Stay) -> dict[str, Any]:
    return {
        "visit": stay.visit.number, "came": _text(came), "specialty": stay.visit.specialty, "method": "1",
        "known": _text(known), "words": [], "findings": [], "listed": [],
    }  # fmt: skip


def _listed(found: dict[str, Any], row: HubRow, times: Sequence[datetime]) -> None:
    """What each list says anew of a person; of a result the list has only when it was reviewed."""
    before: dict[str, str] = {}
    for at in times:
        if at < row.since or (row.gone_at is not None and at >= row.gone_at):
            continue
        now = row.values(at)
        if now.get("CtR reviewed") != before.get("CtR reviewed"):
            reviewed = max(when for when, column, _ in row.changes if column == "CtR reviewed" and when <= at)
            found["findings"].append((_text(reviewed), now["Meets CtR"] == "N", _text(at)))
        changed = [name for name in _SHOWN if name in now and now[name] != before.get(name)]
        found["listed"] += [(_text(at), name, now[name]) for name in changed]
        before = now


def _text(at: datetime) -> str:
    return at.replace(tzinfo=UTC).isoformat()
