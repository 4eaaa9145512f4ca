"""The read API as any outsider uses it: lines of views by filter.

In: an HTTP client on the board's address. Out: parsed lines.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass
class Api:
    """The read API, as any outsider uses it."""

    client: httpx.AsyncClient

    async def lines(self, view: str, **filters: str) -> list[dict[str, Any]]:
        """Lines of a view."""
        response = await self.client.get(f"/v1/views/{view}", params=filters)
        response.raise_for_status()
        return [json.loads(line) for line in response.text.splitlines()]

    async def spell(self, visit: str) -> dict[str, Any]:
        """The spell line of a visit; empty while there is none."""
        found = await self.lines("spell", visit=visit)
        return found[0] if found else {}

    async def transfer(self, visit: str, as_of: str = "") -> dict[str, Any]:
        """The transfer line of the person of a visit; empty while there is none."""
        found = await self.lines("transfer", visit=visit, **({"as_of": as_of} if as_of else {}))
        return found[0] if found else {}

    async def alerts(self) -> list[dict[str, Any]]:
        """Every alert whole: how it stands, whom to ring."""
        response = await self.client.get("/v1/alerts")
        response.raise_for_status()
        return [json.loads(line) for line in response.text.splitlines()]

    async def measure(self, name: str, subject: str) -> dict[str, Any]:
        """A measure of a site; empty while there is none."""
        lines = await self.lines("measure", site=subject)
        return next((one for one in lines if (one["measure"], one["subject"]) == (name, subject)), {})

    async def feeds(self) -> dict[str, dict[str, Any]]:
        """When each feed was heard, and which are silent."""
        response = await self.client.get("/v1/feeds")
        response.raise_for_status()
        return {line["partner"]: line for line in map(json.loads, response.text.splitlines())}

    async def support(self, ref: str) -> dict[str, Any]:
        """The transfer line that holds a support reference."""
        for line in await self.lines("transfer"):
            if any(s["ref"] == ref for s in line["support"]):
                return line
        return {}
