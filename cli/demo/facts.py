"""Edith's afternoon, asserted through the HTTP API: F1 to F12 of the demo's story.

In: the board's address and the names of the story. Out: `Check`s in the order they were seen; a fact that
does not come true in time is one that is not ok.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from cli.demo.asserting import HUMAN_SECONDS, PATIENCE_SECONDS
from cli.demo.judge import Check
from cli.demo.untold import Untold

PACKAGE, SUPPORT = "LBB-P-0001", "BW-S-0001"
SITE = "RJZ30"
MORNING = "2027-01-12T09:00:00Z"
WAITED = [
    ("hospital", "2027-01-10T10:20:00Z", "2027-01-10T16:20:00Z"),
    ("hub", "2027-01-10T16:20:00Z", "2027-01-11T11:05:00Z"),
    ("council", "2027-01-11T11:05:00Z", "2027-01-12T14:06:00Z"),
    ("ward", "2027-01-12T14:06:00Z", None),
]
"""6:00 + 18:45 + 27:01 and the ward's 0:20 are 52:06 at 14:26."""


class Story(Untold):
    """Checks the facts as their moments come."""

    async def at(self, moment: str) -> None:
        """Check what a moment of the story promises."""
        facts: dict[str, Callable[[], Awaitable[None]]] = {
            "F1": self.f1, "F2": self.f2, "F3": self.f3, "F4": self.f4, "F5": self.f5, "F6": self.f6,
            "F7": self.f7, "F8b": self.f8, "F10": self.f10, "F11": self.f11, "F12": self.f12,
        }  # fmt: skip
        if moment in facts:
            await facts[moment]()

    async def f1(self) -> None:
        """The council has accepted: Oakfield, first call today at 18:00."""

        async def look() -> tuple[bool, str]:
            packages = (await self.api.transfer(self.visit)).get("packages", [])
            mine: dict[str, Any] = next((p for p in packages if p["ref"] == PACKAGE), {})
            seen = (mine.get("state"), mine.get("provider"), mine.get("first_call_at"))
            return seen == ("approved", "Oakfield Homecare", "2027-01-12T18:00:00Z"), str(seen)

        await self.until(
            "F1 package accepted, first call 18:00", "approved, Oakfield, 18:00", look, PATIENCE_SECONDS
        )

    async def f2(self) -> None:
        """Why 52 h: every minute since she was ready lies with one owner; the ward's runs on."""

        async def look() -> tuple[bool, str]:
            line = await self.api.transfer(self.visit)
            seen = [(wait["owner"], wait["from"], wait["to"]) for wait in line.get("waiting", [])]
            return seen == WAITED, "; ".join(f"{owner} {since} to {to}" for owner, since, to in seen)

        await self.until(
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

        await self.until(
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

        await self.until("F4 three sectors, one line", "hospital, council, charity", look, HUMAN_SECONDS)

    async def f5(self) -> None:
        """Medicines, transport and the heated home were the last: the checklist is complete."""

        async def look() -> tuple[bool, str]:
            items = (await self.api.spell(self.visit)).get("checklist", [])
            left = [item["item"] for item in items if item["state"] not in ("done", "not_needed")]
            return bool(items) and not left, f"{len(items)} items, not ready: {left}"

        await self.until("F5 ready to go: the checklist is complete", "nothing left", look, PATIENCE_SECONDS)

    async def f6(self) -> None:
        """Discharged: four are told, four acknowledge."""

        async def look() -> tuple[bool, str]:
            told = [t for t in (await self.api.transfer(self.visit)).get("told", []) if not t.get("retracts")]
            acknowledged = sum(1 for t in told if t["acked_at"])
            return (len(told), acknowledged) == (4, 4), f"told {len(told)}, acknowledged {acknowledged}"

        await self.until("F6 told 4, acknowledged 4", "told 4, acknowledged 4", look, PATIENCE_SECONDS)

    async def f12(self) -> None:
        """The handover has got worse; the indicative level is at least so high, and incomplete."""

        async def look() -> tuple[bool, str]:
            handover = await self.api.measure("ambulance_handover_minutes", SITE)
            level = await self.api.measure("opel_level", SITE)
            seen = [handover.get("value"), *(level.get(name) for name in ("value", "complete", "verified"))]
            return seen == [58, 3, False, False], f"handover, level, complete, verified: {seen}"

        await self.until("F12 handover 58 min, OPEL at least 3, one input missing, unverified", "58, 3", look)

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


def _has(line: dict[str, Any], part: str, ref: str) -> bool:
    return any(entry["ref"] == ref for entry in line.get(part, ()))
