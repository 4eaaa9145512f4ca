"""Alerts that wait behind a silent feed, joined at read time as freshness is (domain 02 §2.4, docs/adr/0020).

In: alerts as they stand, what each rule needs to hear and from whom, as the place states it. Out: which alert
stands under which. Only what needs an event of that feed and fell due after the feed was last heard; never
one of high severity, never one that somebody has in hand. Nothing is held back in the log: clocks run on, and
when the feed is heard again each stands there with its own true time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from runtime.place import Place

SILENT: Final = "source_silent"
"""The rule of the alert that others stand under."""
UNANSWERED: Final = ("open", "escalated")
LIVE: Final = ("open", "escalated", "acknowledged", "snoozed")
MINUTE_US: Final = 60_000_000
Alerts = Mapping[str, Mapping[str, Any]]
"""Key of the view -> its fields."""


def behind(alerts: Alerts, place: Place) -> dict[str, str]:
    """Key of every alert that stands under another -> key of that: of several the one longest due."""
    silent = sorted(
        (row["due_at"], key) for key, row in alerts.items() if row["rule"] == SILENT and row["state"] in LIVE
    )
    if not silent:
        return {}
    found: dict[str, str] = {}
    for key, row in alerts.items():
        if row["severity"] == "high" or row["state"] not in UNANSWERED:
            continue
        for _, above in silent:
            if _needs(row, alerts[above], place):
                found[key] = above
                break
    return found


def _needs(row: Mapping[str, Any], silent: Mapping[str, Any], place: Place) -> bool:
    partner = silent["thing"]
    feed = place.partners.get(partner)
    if feed is None or partner not in place.needs.get(row["rule"], ()):
        return False
    sites = feed.scope.sites
    here = not row["site"] or not sites or "*" in sites or row["site"] in sites
    return here and bool(row["due_at"] > silent["due_at"] - feed.silence_minutes * MINUTE_US)


def as_read(alerts: Alerts, place: Place) -> dict[str, dict[str, Any]]:
    """The alerts with what stands under which: `under` (the partner, null = nothing), `behind` (how many
    stand under it); one that does is `suppressed`.
    """
    above = behind(alerts, place)
    many: dict[str, int] = {}
    for key in above.values():
        many[key] = many.get(key, 0) + 1
    return {
        key: {
            **row, "under": alerts[above[key]]["thing"] if key in above else None, "behind": many.get(key, 0),
            "state": "suppressed" if key in above else row["state"],
        }
        for key, row in alerts.items()
    }  # fmt: skip
