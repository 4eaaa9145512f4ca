"""What a reader has to do with a person: the legitimate relationship (domain 05 IG-04).

In: the parsed lines of one person, a reader, a time. Out: the things of theirs that are the reader's, open or
closed no longer ago than the reader's days. No thing, no relationship, no line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from runtime.closing import CLOSED_STATES, CLOSED_STATUSES
from runtime.reader import DAY_US, Reader

Line = Mapping[str, Any]


class Standing(NamedTuple):
    """Ids of what a reader may know of; `treated` are spells in a trust of the reader's own."""

    spells: frozenset[str] = frozenset()
    treated: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    support: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()

    @property
    def any(self) -> bool:
        """There is a relationship."""
        return any(self)


class _Open(NamedTuple):
    """What is open of a person, or closed lately."""

    spells: Sequence[Line]
    packages: Sequence[Line]
    support: Sequence[Line]
    tasks: Sequence[Line]


def standing(rows: Sequence[Line], reader: Reader, now: int) -> Standing:
    """Work out what is the reader's among a person's lines."""
    spells = [row for row in rows if row["view"] == "spell" and _recent_spell(row, reader, now)]
    joins = [row for row in rows if row["view"] == "transfer"]
    packages = [one for row in joins for one in row["packages"] if _recent(one, reader, now)]
    support = [one for row in joins for one in row["support"] if _recent(one, reader, now)]
    tasks = [one for row in joins for one in row["tasks"] if _recent(one, reader, now)]
    judge = _BY_ROLE.get(reader.role)
    return judge(_Open(spells, packages, support, tasks), reader) if judge else Standing()


def _ward(of: _Open, reader: Reader) -> Standing:
    own = _ids(row for row in of.spells if row["partner"] in reader.partners)
    return Standing(own, own, *_things(own, of))


def _hub(of: _Open, reader: Reader) -> Standing:
    treated = _ids(row for row in of.spells if row["partner"] in reader.partners)
    served = _ids(row for row in of.spells if _responsible(row, "hub", reader.hubs))
    own = treated | served
    return Standing(own, treated, *_things(own, of))


def _council(of: _Open, reader: Reader) -> Standing:
    held = frozenset(one["package_id"] for one in of.packages if one["source"] in reader.partners)
    own = _ids(row for row in of.spells if held or _responsible(row, "council", reader.councils))
    agreed = frozenset(one["support_id"] for one in of.support if own and one["consent"] == "given")
    return Standing(own, frozenset(), held, agreed)


def _provider(of: _Open, reader: Reader) -> Standing:
    names = {name.strip().casefold() for name in reader.providers}
    held = frozenset(
        one["package_id"] for one in of.packages if (one["provider"] or "").strip().casefold() in names
    )
    return Standing(_ids(of.spells) if held else frozenset(), frozenset(), held, frozenset())


def _hospice(of: _Open, reader: Reader) -> Standing:
    """What is asked of it, and the stay of whom it is asked for; what it declined is no longer its own."""
    own = frozenset(
        one["task_id"] for one in of.tasks if one["code"] in reader.tasks and one["state"] != "rejected"
    )
    return Standing(spells=_ids(of.spells) if own else frozenset(), tasks=own)


def _voluntary(of: _Open, reader: Reader) -> Standing:
    """A charity sees its own offers unless consent is refused, the stay only where it was given (IG-23)."""
    own = [one for one in of.support if one["source"] in reader.partners and one["consent"] != "refused"]
    agreed = any(one["consent"] == "given" for one in own)
    offers = frozenset(one["support_id"] for one in own)
    return Standing(_ids(of.spells) if agreed else frozenset(), frozenset(), frozenset(), offers)


def _control_centre(of: _Open, reader: Reader) -> Standing:
    return Standing(spells=_ids(of.spells))


_BY_ROLE: Mapping[str, Callable[[_Open, Reader], Standing]] = {
    "ward": _ward, "hub": _hub, "council": _council, "provider": _provider, "voluntary": _voluntary,
    "hospice": _hospice,
    "control_centre": _control_centre,
}  # fmt: skip


def _ids(spells: Iterable[Line]) -> frozenset[str]:
    return frozenset(row["spell_id"] for row in spells)


def _things(own: frozenset[str], of: _Open) -> tuple[frozenset[str], frozenset[str]]:
    """Whoever cares for the stay knows every package and offer of the person."""
    if not own:
        return frozenset(), frozenset()
    return frozenset(p["package_id"] for p in of.packages), frozenset(s["support_id"] for s in of.support)


def _responsible(spell: Line, whose: str, names: Sequence[str]) -> bool:
    """Whoever is responsible, or one of several that sources name while it is disputed (domain 01 §1.15)."""
    said = spell["responsible"]
    return any(one[whose] in names for one in (said, *said.get("claims", ())) if one.get(whose))


def _recent_spell(row: Line, reader: Reader, now: int) -> bool:
    if row["status"] not in CLOSED_STATUSES:
        return True
    return _within(row["discharged_at"] or row["responsible"]["since"], reader, now)


def _recent(thing: Line, reader: Reader, now: int) -> bool:
    return thing["state"] not in CLOSED_STATES or _within(thing["since"], reader, now)


def _within(text: str | None, reader: Reader, now: int) -> bool:
    if text is None:
        return False
    ended = datetime.fromisoformat(text).timestamp() * 1_000_000
    return now - ended <= reader.days_after * DAY_US
