"""F7, F8, F10, F11: a discharge that is cancelled after four were told, until the last of them knows."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

from cli.demo.asserting import HUMAN_SECONDS, PATIENCE_SECONDS, Asserting
from cli.demo.judge import Check

BACK_SECONDS = float(os.environ.get("DEMO_BACK_SECONDS") or 2)
"""Within two real seconds of the A13 she is back on her ward. Tests, which share their machine, ask
whether; the demo asks how soon.
"""
KNOWS = ("acknowledged", "told_by_phone")
CANCELLED_US, WAITED_US = 1_799_764_860_000_000, 20 * 60 * 1_000_000
"""She comes back at 14:41; after twenty minutes whoever does not know is rung."""
UNTOLD = "told_no_longer_true"
COUNCIL = "lbb-webhook"


class Untold(Asserting):
    """Told and no longer true."""

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

        async def alerted() -> tuple[bool, str]:
            found = await self._alerts()
            dues = {alert["due_at"] for alert in found}
            return len(found) == 4 and dues == {CANCELLED_US}, f"{len(found)} alerts, due {sorted(dues)}"

        await self.until("F7 back on M4, told no longer true: 4", "admitted M4, 4", back, BACK_SECONDS)
        await self.until("F7 an alert for each who was told", "4, due at 14:41", alerted)
        await self.until("F7 three of four know", "3 know, the council waits", retracted, PATIENCE_SECONDS)
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
        """The council has not acknowledged for 20 minutes: whom to ring is said; its feed is silent."""

        async def late() -> tuple[bool, str]:
            left = [one for one in await self._alerts() if one["state"] == "escalated"]
            waited = [one["escalated_at"] - one["raised_at"] for one in left]
            ok = waited == [WAITED_US] and bool(left[0]["contact"] and left[0]["phone"])
            return ok, f"{len(left)} escalated after {waited} µs"

        async def silent() -> tuple[bool, str]:
            state = (await self.api.feeds()).get(COUNCIL, {}).get("state")
            return state == "silent", f"the council's feed is {state}"

        await self.until("F10 the council was not told: after 20 min a number to ring", "one", late)
        await self.until("F10 the council's feed is silent, and said to be", "silent", silent)

    async def f11(self) -> None:
        """The desk has phoned the council: four of four know, the alerts are over; the feed is back."""

        async def look() -> tuple[bool, str]:
            transfer = await self.api.transfer(self.visit)
            know = [n["state"] for n in _retractions(transfer) if n["state"] in KNOWS]
            waiting = [entry["recipient"] for entry in transfer.get("must_retract", [])]
            states = {alert["state"] for alert in await self._alerts()}
            ok = len(know) == 4 and know.count("told_by_phone") == 1 and not waiting
            seen = f"{len(know)} know, still to be told: {waiting}, alerts {sorted(states)}"
            return ok and states == {"resolved"}, seen

        async def back() -> tuple[bool, str]:
            state = (await self.api.feeds()).get(COUNCIL, {}).get("state")
            return state == "heard", f"the council's feed is {state}"

        expected = "4 know, one by phone, alerts resolved"
        await self.until("F11 phoned: four of four know", expected, look, HUMAN_SECONDS)
        await self.until("F11 the council's feed is back", "heard", back)

    async def _alerts(self) -> list[dict[str, Any]]:
        """The alerts that somebody was told of her what is no longer true."""
        told = {n["retracts"] for n in _retractions(await self.api.transfer(self.visit))}
        return [one for one in await self.api.alerts() if one["rule"] == UNTOLD and one["thing"] in told]

    async def _still(self) -> tuple[str, int]:
        """Her lines, and how many notices about her were delivered."""
        spell, line = await self.api.spell(self.visit), await self.api.transfer(self.visit)
        delivered = sum(1 for notice in self.inbox() if notice["about"] == spell.get("spell_id"))
        return str(spell.get("version")) + json.dumps(line.get("told")), delivered


def _retractions(transfer: dict[str, Any]) -> list[dict[str, Any]]:
    return [notice for notice in transfer.get("notices", []) if notice["retracts"]]
