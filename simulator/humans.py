"""The people who decide: the hub's desk says who is the same person, from the truth of the ledger, never from
a list of candidates.

In: decisions of the ledger (a support reference and a visit). They look both up on the board, as a human
would, and answer through the intake.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from simulator.wires import Webhooks

OWN = "homeward"
UNTOLD = "told_no_longer_true"
LOOK_SECONDS = 45.0


class NotOnBoard(RuntimeError):
    """A record the desk wanted to decide about did not appear in time."""


@dataclass
class Desk:
    """A desk with the board open and the right to answer."""

    board: httpx.AsyncClient
    webhooks: Webhooks
    now: Callable[[], int]
    """The simulated clock, µs: each word is signed at its own moment."""

    async def lines(self, view: str, **filters: str) -> list[dict[str, Any]]:
        """Lines of a view."""
        response = await self.board.get(f"/v1/views/{view}", params=filters)
        response.raise_for_status()
        return [json.loads(line) for line in response.text.splitlines()]

    async def person_of_visit(self, visit: str) -> str:
        """The person key of a hospital visit, waiting until it is on the board."""
        return await self._wait(f"visit {visit}", lambda: self._visit(visit))

    async def person_of_support(self, support: str) -> str:
        """The person key of the one a charity's reference is about."""
        return await self._wait(f"support {support}", lambda: self._support(support))

    async def _visit(self, visit: str) -> str:
        found = await self.lines("spell", visit=visit)
        return found[0]["person_key"] if found else ""

    async def _support(self, support: str) -> str:
        for line in await self.lines("transfer"):
            if any(offer.get("ref") == support for offer in line["support"]):
                return str(line["person_key"])
        return ""

    async def _untold(self, visit: str, recipient: str) -> str:
        late = {alert["thing"] for alert in await self.lines("alert") if alert["rule"] == UNTOLD}
        line = (await self.lines("transfer", visit=visit))[0]
        theirs = [n["retracts"] for n in line["notices"] if n["recipient"] == recipient]
        return next((told for told in theirs if told in late), "")

    async def _wait(self, what: str, look: Any) -> str:
        deadline = time.monotonic() + LOOK_SECONDS
        while time.monotonic() < deadline:
            if found := await look():
                return str(found)
            await asyncio.sleep(0.2)
        raise NotOnBoard(what)

    async def decide(self, support: str, visit: str, decision: str) -> None:
        """Answer one match: the charity's record and the person of a visit."""
        source, survivor = await self.person_of_support(support), await self.person_of_visit(visit)
        if source == survivor:
            return
        said = {
            "person_key": source, "other_key": survivor, "survivor_key": survivor,
            "decision": decision, "decided_by": "hub-desk",
        }  # fmt: skip
        await self._say(f"decision-{support}-{visit}", "toc.match.decided.v1", said)

    async def ready_to_go(self, visit: str, items: Iterable[str]) -> None:
        """Tick items of the checklist of a visit."""
        spell = (await self.lines("spell", visit=visit))[0]
        for item in items:
            said = {"person_key": spell["person_key"], "thing": spell["spell_id"], "item": item}
            await self._say(f"item-{visit}-{item}", "toc.checklist.item-done.v1", said)

    async def phone(self, visit: str, recipient: str, who: str) -> None:
        """Ring whoever has not acknowledged what is no longer true, once there is an alert; and say so."""
        await self._wait(f"an alert about {visit}", lambda: self._untold(visit, recipient))
        line = (await self.lines("transfer", visit=visit))[0]
        for notice in line["notices"]:
            if notice["recipient"] == recipient and notice["retracts"]:
                said = {
                    "person_key": line["person_key"], "thing": notice["notice_id"], "recipient": recipient,
                    "fact": notice["fact"], "about": notice["about"], "told_by": who, "how": "phone",
                }  # fmt: skip
                await self._say(f"phoned-{notice['notice_id']}", "toc.notice.told-by-phone.v1", said)

    async def log_action(self, site: str, what: str, owner: str, due_at: str) -> None:
        """What was agreed at the afternoon's bed meeting; a number or a name has no place in it."""
        ident = f"action-{site}-{what}".replace("_", "-")
        said = {
            "site": site, "action_id": ident, "what": what, "owner": owner, "due_at": due_at,
            "call": "call_1600", "about": "opel_level", "actor": "control-centre",
        }  # fmt: skip
        await self._say(ident, "toc.action.logged.v1", said)

    async def _say(self, ident: str, kind: str, said: dict[str, Any]) -> None:
        now_us = self.now()
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_us // 1_000_000))
        event = {
            "specversion": "1.0", "id": ident, "type": kind, "source": "/hub/desk", "time": at,
            "datacontenttype": "application/json", "data": {**said, "occurred_at": at},
        }  # fmt: skip
        body = json.dumps(event).encode()
        response = await self.webhooks.post(
            OWN,
            body,
            ident,
            now_us // 1_000_000,
            path="/v1/events",
            content_type="application/cloudevents+json",
        )
        response.raise_for_status()
