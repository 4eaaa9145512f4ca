"""How each partner stands: agreed, heard, refused; what `homeward partner status` prints.

In: the place, and the feed and quarantine topics where a cluster is configured. Out: one row a partner.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from connectors.ports import Producer, Reader
from connectors.quarantine import Quarantine
from runtime.place import Place
from schemas.catalogue import FEED
from schemas.codec import decode
from schemas.headers import time_text

COLUMNS = ("partner", "kind", "transport", "agreement", "real", "heard_at", "state", "open_refusals")


def agreed(place: Place) -> list[dict[str, Any]]:
    """What configuration alone says."""
    return [
        {
            "partner": name, "kind": partner.kind, "transport": partner.transport,
            "agreement": partner.sharing_agreement or None, "real": partner.real,
        }
        for name, partner in sorted(place.partners.items())
    ]  # fmt: skip


async def standing(place: Place, producer: Producer, reader: Reader) -> list[dict[str, Any]]:
    """With what the topics say: last heard, silent or not, how many refusals are open."""
    feeds: dict[str, tuple[str | None, str]] = {}
    async for stored in reader.to_end(FEED):
        if stored.value is None:
            continue
        kind, record = decode(stored.value)
        heard = time_text(record["heard_at"]) if record["heard_at"] else None
        feeds[record["partner"]] = (heard, "silent" if kind == "FeedSilent" else "heard")
    refused = Counter(one.partner for one in await Quarantine(reader, producer).open_refusals())
    rows = agreed(place)
    for row in rows:
        row["heard_at"], row["state"] = feeds.get(row["partner"], (None, "never heard"))
        row["open_refusals"] = refused[row["partner"]]
    return rows
