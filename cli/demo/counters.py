"""Reads the connectors' own counts of outcomes from their metrics page.

In: the intake's URL. Out: partner -> outcome -> count, where an outcome is `accepted` or `duplicate:<cause>`,
`ignored:<cause>`, `quarantined:<reason>`.
"""

from __future__ import annotations

from collections import defaultdict

import httpx
from prometheus_client.parser import text_string_to_metric_families

METRIC = "toc_messages_total"


def read_outcomes(page: str) -> dict[str, dict[str, int]]:
    """The counts on a metrics page."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.name == METRIC and sample.value:
                labels = sample.labels
                name = ":".join(filter(None, (labels["outcome"], labels.get("cause", ""))))
                found[labels["partner"]][name] = int(sample.value)
    return dict(found)


async def outcomes(intake_url: str) -> dict[str, dict[str, int]]:
    """Fetch and read the page."""
    async with httpx.AsyncClient(timeout=10) as client:
        response = await client.get(f"{intake_url}/metrics")
        response.raise_for_status()
        return read_outcomes(response.text)
