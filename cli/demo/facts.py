"""Edith's afternoon, asserted through the HTTP API: F1 to F11 of the demo's story.

In: the board's address and the names of the story. Out: `Check`s in the order they were seen; a fact that
does not come true in time is one that is not ok.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from cli.demo.api import Api
from cli.demo.judge import Check

PACKAGE, SUPPORT = "LBB-P-0001", "BW-S-0001"
MORNING = "2027-01-12T09:00:00Z"
BACK_SECONDS = 2.0
"""Within two real seconds of the A13 she is back on her ward."""
PATIENCE_SECONDS = 20.0
KNOWS = ("acknowledged", "told_by_phone")
WAITED = [
    ("hospital", "2027-01-10T10:20:00Z", "2027-01-10T16:20:00Z"),
    ("hub", "2027-01-10T16:20:00Z", "2027-01-11T11:05:00Z"),
    ("council", "2027-01-11T11:05:00Z", "2027-01-12T14:06:00Z"),
    ("ward", "2027-01-12T14:06:00Z", None),
]
"""6:00 + 18:45 + 27:01 and the ward's 0:20 are 52:06 at 14:26."""
LATE_AT = "2027-01-12T15:01:00Z"
"""Twenty minutes after she came back."""


@dataclass
class Story:
    """Checks the facts as their moments come. `inbox` gives what the subscriber has received so far."""

    api: Api
    visit: str
    other_visit: str
    inbox: Callable[[], list[dict[str, Any]]]
    checks: list[Check] = field(default_factory=list)
    before_repeat: tuple[str, int] = ("", 0)

    async def at(self, moment: str) -> None:
        """Check what a moment of the story promises."""
        facts: dict[str, Callable[[], Awaitable[None]]] = {
            "F1": self.f1, "F2": self.f2, "F3": self.f3, "F4": self.f4, "F5": self.f5, "F6": self.f6,
            "F7": self.f7, "F8b": self.f8, "F10": self.f10, "F11": self.f11,
        }  # fmt: skip
        if moment in facts:
            await facts[moment]()

    async def _until(
        self, name: str, expected: str, look: Callable[[], Awaitable[tuple[bool, str]]], seconds: float
    ) -> None:
        start, seen = time.monotonic(), ""
        while True:
            ok, seen = await look()
            late = time.monotonic() - start
            if ok or late > seconds:
                self.checks.append(Check(name, ok, expected, f"{seen} ({late:.1f} s)"))
                return
            await asyncio.sleep(0.05)

    async def f1(self) -> None:
        """The council has accepted: Oakfield, first call today at 18:00."""

        async def look() -> tuple[bool, str]:
            packages = (await self.api.transfer(self.visit)).get("packages", [])
            mine: dict[str, Any] = next((p for p in packages if p["ref"] == PACKAGE), {})
            seen = (mine.get("state"), mine.get("provider"), mine.get("first_call_at"))
            return seen == ("approved", "Oakfield Homecare", "2027-01-12T18:00:00Z"), str(seen)

        await self._until(
            "F1 package accepted, first call 18:00", "approved, Oakfield, 18:00", look, PATIENCE_SECONDS
        )

    async def f2(self) -> None:
        """Why 52 h: every minute since she was ready lies with one owner; the ward's runs on."""

        async def look() -> tuple[bool, str]:
            line = await self.api.transfer(self.visit)
            seen = [(wait["owner"], wait["from"], wait["to"]) for wait in line.get("waiting", [])]
            return seen == WAITED, "; ".join(f"{owner} {since} to {to}" for owner, since, to in seen)

        await self._until(
            "F2 why 52 h: hospital 6:00, hub 18:45, council 27:01, ward running", str(WAITED), look,
            PATIENCE_SECONDS,
        )  # fmt: skip

    async def f3(self) -> None:
        """A match is proposed for Bromley Well's record; neither Edith nor Edna is joined to it."""

        async def look() -> tuple[bool, str]:
            record = (await self.api.support(SUPPORT)).get("person_key", "")
            edith_key = (await self.api.spell(self.visit))["person_key"]
            edna_key = (await self.api.spell(self.other_visit))["person_key"]
            lines = await self.api.lines("person", person=record) if record else []
            proposed = {c["person_key"] for line in lines for c in line["candidate_links"]}
            ok = bool(record) and len({record, edith_key, edna_key}) == 3 and edith_key in proposed
            return ok, f"record seen: {bool(record)}, proposed: {len(proposed)}"

        await self._until(
            "F3 a match is proposed, nobody is joined", "three people, a proposal", look, PATIENCE_SECONDS
        )

    async def f4(self) -> None:
        """The hub confirms Edith: hospital, council and charity in one line; Edna is still somebody else."""

        async def look() -> tuple[bool, str]:
            line = await self.api.transfer(self.visit)
            edna = (await self.api.spell(self.other_visit)).get("person_key")
            sectors = [
                bool(line.get("spell_id")),
                _has(line, "packages", PACKAGE),
                _has(line, "support", SUPPORT),
            ]
            return all(sectors) and edna != line.get("person_key"), f"hospital, council, charity: {sectors}"

        await self._until("F4 three sectors, one line", "hospital, council, charity", look, PATIENCE_SECONDS)

    async def f5(self) -> None:
        """Medicines, transport and the heated home were the last: the checklist is complete."""

        async def look() -> tuple[bool, str]:
            items = (await self.api.spell(self.visit)).get("checklist", [])
            left = [item["item"] for item in items if item["state"] not in ("done", "not_needed")]
            return bool(items) and not left, f"{len(items)} items, not ready: {left}"

        await self._until("F5 ready to go: the checklist is complete", "nothing left", look, PATIENCE_SECONDS)

    async def f6(self) -> None:
        """Discharged: four are told, four acknowledge."""

        async def look() -> tuple[bool, str]:
            told = [t for t in (await self.api.transfer(self.visit)).get("told", []) if not t.get("retracts")]
            acknowledged = sum(1 for t in told if t["acked_at"])
            return (len(told), acknowledged) == (4, 4), f"told {len(told)}, acknowledged {acknowledged}"

        await self._until("F6 told 4, acknowledged 4", "told 4, acknowledged 4", look, PATIENCE_SECONDS)

    async def f7(self) -> None:
        """A13: back on M4 within two seconds; told and no longer true: four; three of them acknowledge."""

        async def back() -> tuple[bool, str]:
            spell, transfer = await self.api.spell(self.visit), await self.api.transfer(self.visit)
            ward, untold = (spell.get("location") or {}).get("poc"), len(_retractions(transfer))
            ok = (spell.get("status"), ward, untold) == ("admitted", "M4", 4)
            return ok, f"{spell.get('status')} {ward}, told no longer true {untold}"

        async def retracted() -> tuple[bool, str]:
            transfer = await self.api.transfer(self.visit)
            know = sum(1 for n in _retractions(transfer) if n["state"] == "acknowledged")
            waiting = [entry["recipient"] for entry in transfer.get("must_retract", [])]
            return (know, waiting) == (3, ["lbb"]), f"{know} know, still to be told: {waiting}"

        await self._until("F7 back on M4, told no longer true: 4", "admitted M4, 4", back, BACK_SECONDS)
        await self._until("F7 three of four know", "3 know, the council waits", retracted, PATIENCE_SECONDS)
        self.before_repeat = await self._still()

    async def f8(self) -> None:
        """The A03 twice more, same id and new id: nothing moves, nobody is told twice."""
        await asyncio.sleep(2.0)
        now = await self._still()
        self.checks.append(
            Check(
                "F8 the A03 again, twice: nothing moves",
                now == self.before_repeat,
                f"the same lines, {self.before_repeat[1]} notices",
                f"the same lines: {now[0] == self.before_repeat[0]}, {now[1]} notices",
            )
        )

    async def f10(self) -> None:
        """The council has not acknowledged for 20 minutes: an alert, with its true time."""

        async def look() -> tuple[bool, str]:
            found = await self._untold()
            return found.get("due_at") == LATE_AT, f"{found.get('due_at')} {found.get('state')}"

        await self._until("F10 the council was not told: an alert at 15:01", LATE_AT, look, PATIENCE_SECONDS)

    async def _untold(self) -> dict[str, Any]:
        """The alert that somebody was told what is no longer true; empty while there is none."""
        told = {n["retracts"] for n in _retractions(await self.api.transfer(self.visit))}
        lines = await self.api.lines("alert")
        return next((a for a in lines if a["rule"] == "told_no_longer_true" and a["thing"] in told), {})

    async def f11(self) -> None:
        """The desk has phoned the council: four of four know, nobody is left to tell, the alert is over."""

        async def look() -> tuple[bool, str]:
            transfer = await self.api.transfer(self.visit)
            know = [n["state"] for n in _retractions(transfer) if n["state"] in KNOWS]
            waiting = [entry["recipient"] for entry in transfer.get("must_retract", [])]
            alert = (await self._untold()).get("state")
            ok = len(know) == 4 and know.count("told_by_phone") == 1 and not waiting and alert == "resolved"
            return ok, f"{len(know)} know, still to be told: {waiting}, alert {alert}"

        expected = "4 know, one by phone, alert resolved"
        await self._until("F11 phoned: four of four know", expected, look, PATIENCE_SECONDS)

    async def f9(self) -> None:
        """As the nine o'clock list knew it: Edith awaits her package; some rows differ from now."""
        then = {
            line["spell_id"]: line
            for line in await self.api.lines("transfer", as_of=MORNING)
            if line["spell_id"]
        }
        now = {line["spell_id"]: line for line in await self.api.lines("transfer") if line["spell_id"]}
        package: dict[str, Any] = next(
            (
                p
                for p in (await self.api.transfer(self.visit, MORNING)).get("packages", [])
                if p["ref"] == PACKAGE
            ),
            {},
        )
        wrong = sum(
            1 for spell, line in then.items() if spell in now and now[spell]["version"] != line["version"]
        )
        ok = package.get("state") == "requested" and wrong >= 7
        self.checks.append(
            Check(
                "F9 as the 09:00 list knew it",
                ok,
                "awaiting package, 7 rows or more differ",
                f"{package.get('state')}, {wrong} differ",
            )
        )

    async def _still(self) -> tuple[str, int]:
        """Her lines, and how many notices about her were delivered."""
        spell, line = await self.api.spell(self.visit), await self.api.transfer(self.visit)
        delivered = sum(1 for notice in self.inbox() if notice["about"] == spell.get("spell_id"))
        return str(spell.get("version")) + json.dumps(line.get("told")), delivered


def _retractions(transfer: dict[str, Any]) -> list[dict[str, Any]]:
    return [notice for notice in transfer.get("notices", []) if notice["retracts"]]


def _has(line: dict[str, Any], part: str, ref: str) -> bool:
    return any(entry["ref"] == ref for entry in line.get(part, ()))
