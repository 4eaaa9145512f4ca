"""What a control centre counts by hand from the spell lines of the public interface: slow, by the clock on
the wall, one question at a time. Knows nothing of rows and claims.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")
Line = dict[str, Any]
GROUP_OF = {
    "hospital": ("hospital", "ward"), "hub": ("hub",), "council": ("council",),
    "community": ("community", "hospice", "icb", "mental_health"),
}  # fmt: skip


def time(text: str | None) -> datetime | None:
    """A time of a line."""
    return None if text is None else datetime.fromisoformat(text)


def within(spans: list[Line], at: datetime) -> list[Line]:
    """The spans a moment lies in."""
    found = []
    for span in spans:
        since, until = time(span["from"]), time(span["to"])
        if (since is None or not since > at) and not (until is not None and until <= at):
            found.append(span)
    return found


def there(spell: Line, at: datetime) -> bool:
    """Whether somebody is in a bed of an ordinary admission."""
    if spell["status"] not in ("admitted", "discharged") or (spell["class"] or {}).get("code", "I") != "I":
        return False
    lies = spell["stays"] or [{"from": spell["admitted_at"], "to": spell["discharged_at"]}]
    return bool(within(lies, at))


def nights(spell: Line, at: datetime) -> int:
    """Midnights in England since admission, walked one by one."""
    day, last, count = time(spell["admitted_at"]).astimezone(UK).date(), at.astimezone(UK).date(), 0
    while day < last:
        day, count = day + timedelta(days=1), count + 1
    return count


def counts(spells: list[Line], waits: dict[str, list[Line]], at: datetime) -> dict[str, float | None]:
    """Every measure of one site by name; `waits` are the waiting stretches of each spell."""
    here = [spell for spell in spells if there(spell, at)]
    ready = [spell for spell in here if within(spell["ready"], at)]
    found: dict[str, float | None] = {"in_hospital": len(here), "ready_to_leave": len(ready)}
    for days in (7, 14, 21):
        found[f"stays_{days}_days"] = len([s for s in here if s["admitted_at"] and nights(s, at) >= days])
    left = []
    for spell in spells:
        ordinary = (spell["class"] or {}).get("code", "I") == "I"
        alive = spell["discharge"]["group"] != "died"
        if spell["status"] == "discharged" and ordinary and alive and time(spell["discharged_at"]) <= at:
            left.append(spell)
    local = [(spell, time(spell["discharged_at"]).astimezone(UK)) for spell in left]
    today = [(spell, then) for spell, then in local if then.date() == at.astimezone(UK).date()]
    found["discharges"] = len(today)
    found["discharges_before_noon"] = len([1 for _, then in today if then.hour < 12])
    found["discharges_before_17"] = len([1 for _, then in today if then.hour < 17])
    for pathway in ("P0", "P1", "P2", "P3", "unknown"):
        found[f"discharges_{pathway}"] = len([1 for spell, _ in today if way(spell) == pathway])
    hours = []
    for spell in left:
        then = time(spell["discharged_at"])
        if at - then < timedelta(days=7) and spell["ready"]:
            last = spell["ready"][-1]
            if last["to"] is None or time(last["to"]) >= then:
                hours.append((then - time(last["from"])).total_seconds() / 3600)
    found["ready_to_left_hours"] = median(hours) if hours else None
    owners = []
    for spell in ready:
        waited = within(waits.get(spell["spell_id"], []), at)
        owners.append(waited[0]["owner"] if waited else "hospital")
    known = [owner for owners_ in GROUP_OF.values() for owner in owners_]
    for group, names in GROUP_OF.items():
        found[f"waiting_{group}"] = len([owner for owner in owners if owner in names])
    found["waiting_other"] = len([owner for owner in owners if owner not in known])
    return found


def way(spell: Line) -> str:
    """The pathway somebody left on."""
    code = (spell["pathway"]["confirmed"] or spell["pathway"]["expected"] or {}).get("code")
    return code if code in ("P0", "P1", "P2", "P3") else "unknown"
