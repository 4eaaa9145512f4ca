"""Freshness, joined at read time by one function for HTTP, board and replay (design.md §6 "Freshness is
joined at read time").

In: when a source was last heard and how long its silence may last. Out: stale or not; unknown is stale,
never fresh.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

MINUTE_US = 60_000_000


def is_stale(heard_at: int | None, silence_minutes: float, now: int) -> bool:
    """True when nothing was heard for longer than the partner's silence threshold, or ever. Times in µs."""
    return heard_at is None or now - heard_at > silence_minutes * MINUTE_US


def with_freshness(line: str, stale: Callable[[str], bool]) -> str:
    """A transfer line with `stale` of each source filled in; other lines come back as they are."""
    if not line.startswith('{"view":"transfer"'):
        return line
    parsed: dict[str, Any] = json.loads(line)
    for source in parsed.get("freshness", ()):
        source["stale"] = stale(source["source"])
    return compact(parsed)


def staleness(
    heard: Mapping[str, int], silence_minutes: Mapping[str, float], now: int
) -> Callable[[str], bool]:
    """The `stale` function of one moment. A source nobody configured is judged by an hour's silence."""
    return lambda source: is_stale(heard.get(source), silence_minutes.get(source, 60.0), now)


def utc(at: int | None) -> str | None:
    """The interface's time text of µs; None = unknown."""
    return None if at is None else datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def feed_rows(
    heard: Mapping[str, int], silence_minutes: Mapping[str, float], now: int, silent: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The feed lines, by partner; one never heard is listed too, as unknown. `silent`: those said to be so.
    """
    stale, rows = staleness(heard, silence_minutes, now), []
    for partner in sorted({*silence_minutes, *heard}):
        late = partner in silent or stale(partner)
        state = "unknown" if partner not in heard else "silent" if late else "heard"
        rows.append({"view": "feed", "partner": partner, "heard_at": utc(heard.get(partner)), "state": state})
    return rows


def compact(row: Mapping[str, Any]) -> str:
    """One JSON line: keys in the order given, UTF-8 unescaped, separators `,` and `:`."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def without_freshness(line: str) -> str:
    """A line without what follows the clock: what must be equal to the byte (design.md §9 "Fixed details").
    """
    parsed: dict[str, Any] = json.loads(line)
    parsed.pop("freshness", None)
    return compact(parsed)
