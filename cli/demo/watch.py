"""Times from wire to view: reads the view topic as any subscriber would and notes when each visit first
shows what was sent.

In: view records. Out: for (visit, field, value) the real time (µs) it was first seen on a read_committed
read of the topic.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from runtime.brokers.traits import BrokerTraits
from runtime.kafka.reader import Reader
from schemas.catalogue import VIEW_TRANSFER
from schemas.codec import decode


@dataclass
class Watcher:
    """First sightings, and how often each person's view was published."""

    seen: dict[tuple[str, str, str], int] = field(default_factory=dict)
    published: int = 0

    async def run(self, bootstrap: str, traits: BrokerTraits) -> None:
        """Follow until cancelled."""
        async with Reader(bootstrap, (VIEW_TRANSFER,), traits) as reader:
            async for batch in reader.follow():
                now = time.time_ns() // 1000
                for message in batch:
                    if message.value is not None:
                        self._note(decode(message.value)[1], now)

    def _note(self, record: dict[str, Any], now: int) -> None:
        self.published += 1
        for text in record["lines"]:
            if not text.startswith('{"view":"spell"'):
                continue
            line = json.loads(text)
            place = line["location"] or {}
            shown = {
                "status": line["status"],
                "place": "^".join(place.get(part) or "" for part in ("poc", "room", "bed")),
            }
            for name, value in shown.items():
                self.seen.setdefault((line["visit_number"], name, value), now)

    def delays_ms(self, sent: Iterable[tuple[dict[str, str], int]]) -> list[float]:
        """Milliseconds from wire to view of the effects that were seen after they were sent."""
        delays = []
        for effect, sent_us in sent:
            seen = self.seen.get((effect["visit"], effect["field"], effect["value"]))
            if seen is not None and seen >= sent_us:
                delays.append((seen - sent_us) / 1000)
        return delays


def percentiles(delays_ms: list[float]) -> dict[str, float | int | None]:
    """p50, p95, p99 and max; None where there is nothing to count: unknown is not zero."""
    if len(delays_ms) < 2:
        return {"p50": None, "p95": None, "p99": None, "max": None, "count": len(delays_ms)}
    cuts = statistics.quantiles(delays_ms, n=100, method="inclusive")
    return {
        "p50": round(cuts[49], 1),
        "p95": round(cuts[94], 1),
        "p99": round(cuts[98], 1),
        "max": round(max(delays_ms), 1),
        "count": len(delays_ms),
    }
