"""What a reader may be shown of a person (domain 05 IG-04, IG-05, IG-06, IG-22, IG-23): a pure function of
the person's lines, the reader and the time, one for the read API, the webhooks and `homeward replay --as`.

Three things that are never one (IG-05): `restricted` leaves the short note; `location_hidden` leaves out
where the person is or lives; `sharing_objection` holds everything back from charities and providers, and
nothing from those who care for the person. A key that is not the role's is absent; one that a restriction
takes away is null or empty, and named in `withheld` where something is known: withheld is not unknown.
`version` is made anew, because a digest of what is hidden can be guessed at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from runtime.disclosure import (
    BY_ROLE,
    EVERYTHING,
    FROZEN,
    KEPT_OF_HIDDEN,
    KEPT_OF_RESTRICTED,
    KEPT_WHERE_TREATED,
    WITHOUT_CONSENT,
)
from runtime.freshness import compact
from runtime.reader import OPERATOR, Reader
from runtime.relationship import Line, Standing, standing

Row = dict[str, Any]
NOTE_TREATED: Final = "restricted: use EPR"
NOTE_OTHERS: Final = "restricted: ask the hub"
HELD_BY_OBJECTION: Final = frozenset({"voluntary", "provider", "hospice"})
"""Roles that an objection to sharing holds outputs from (IG-22)."""
NO_PERSON: Final = frozenset({"control_centre"})
"""Roles that work with stays and not with people: of the restricted and the hidden they get no line."""
_CARING: Final = frozenset({"ward", "hub", "council"})
"""Roles that see every flag of a person; where the person has no home is not for others (domain 06 §6.2)."""
_OF_CARE: Final = ("no_fixed_abode", "sharing_objection", "match_crowded")
_OWN_WORDS: Final = frozenset({"council", "provider", "hospice", "voluntary"})
"""Roles that hear what they were told, and not what others were."""


class Shield(NamedTuple):
    """What holds of a person as a whole, wherever they are shown."""

    restricted: bool = False
    location_hidden: bool = False
    sharing_objection: bool = False

    def over(self, other: Shield) -> Shield:
        """Either."""
        return Shield(*(mine or theirs for mine, theirs in zip(self, other, strict=True)))


def shield_of(rows: Iterable[Line]) -> Shield:
    """Read a person's lines. One of whom no line says is restricted until somebody knows better."""
    found: Shield | None = None
    for row in rows:
        if row["view"] == "person":
            flags = row.get("flags", ())
            restricted = row.get("restricted") is not False
            said = Shield(restricted, "location_hidden" in flags, "sharing_objection" in flags)
            found = said if found is None else found.over(said)
    return found or Shield(restricted=True)


def shown_to(rows: Sequence[Line], reader: Reader, now: int, shield: Shield | None = None) -> list[Row]:
    """The lines of one person as `reader` may see them at `now` (µs), in order.

    `shield`: what is known of the person beside these lines: a later restriction hides the past too.
    """
    if reader == OPERATOR:
        return [dict(row) for row in rows]
    if not reader.may_read(now):
        return []
    guard = shield_of(rows).over(shield or Shield())
    if reader.role in HELD_BY_OBJECTION and guard.sharing_objection:
        return []
    if reader.role in NO_PERSON and (guard.restricted or guard.location_hidden):
        return []
    held = standing(rows, reader, now)
    shown = (_shown(row, reader, held, guard) for row in rows)
    return [_versioned(row) for row in shown if row is not None]


def shown_beside(row: Line, reader: Reader, now: int) -> bool:
    """Whether a line that is about no person is for the reader: how feeds are and what figures say, everybody
    with an agreement; what was refused, whoever looks after that partner's feed.
    """
    if reader == OPERATOR or row["view"] == "summary":
        return True
    if not reader.may_read(now):
        return False
    if row["view"] == "quarantine":
        return reader.role == "integrator" and row["partner"] in reader.partners
    return row["view"] in ("feed", "measure")


def shown_texts(lines: Sequence[str], reader: Reader, now: int, shield: Shield | None = None) -> list[str]:
    """`shown_to` of lines as text; the operator's come back as they are."""
    if reader == OPERATOR:
        return list(lines)
    return [compact(row) for row in shown_to([json.loads(line) for line in lines], reader, now, shield)]


def _shown(row: Line, reader: Reader, held: Standing, guard: Shield) -> Row | None:
    view = str(row["view"])
    allowed = BY_ROLE.get(reader.role, {}).get(view)
    if allowed is None or not _concerns(row, reader, held):
        return None
    if "state" in row and view == "person":
        return cut(row, FROZEN)
    kept, note = _kept(row, held, guard)
    mine = cut(_own(row, reader, held, kept is not None and note == NOTE_OTHERS), allowed)
    if kept is None or reader.role == "auditor":
        return mine
    withheld: list[str] = []
    out = _withhold(mine, _tree((*kept[view], "version")), "", withheld)
    return out | {"withheld": sorted(set(withheld)), "note": note}


def _concerns(row: Line, reader: Reader, held: Standing) -> bool:
    """Whether a line is about something the reader has to do with; stubs say only where to look."""
    if reader.role == "auditor":
        return True
    if row["view"] == "spell":
        return row["spell_id"] in held.spells
    if row["view"] == "person" and ("state" in row or row["merged_into"] is not None):
        return reader.role == "hub"
    return held.any


def _kept(row: Line, held: Standing, guard: Shield) -> tuple[Mapping[str, tuple[str, ...]] | None, str]:
    treated = bool(held.treated) if row["view"] != "spell" else row["spell_id"] in held.treated
    if guard.restricted:
        return (KEPT_WHERE_TREATED, NOTE_TREATED) if treated else (KEPT_OF_RESTRICTED, NOTE_OTHERS)
    if guard.location_hidden and not treated:
        return KEPT_OF_HIDDEN, NOTE_OTHERS
    return None, ""


def _own(row: Line, reader: Reader, held: Standing, alone: bool) -> Row:
    """A transfer line with the things that are the reader's; other lines as they are. `alone`: of what was
    told, only what the reader was told.
    """
    out = dict(row)
    if row["view"] == "person" and "flags" in row:
        unsaid: tuple[str, ...] = ("no_fixed_abode",) if alone else ()
        unsaid = unsaid if reader.role in _CARING else _OF_CARE
        out["flags"] = [flag for flag in row["flags"] if flag not in unsaid]
    if row["view"] != "transfer" or reader.role == "auditor":
        return out
    out["spell_id"] = row["spell_id"] if row["spell_id"] in held.spells else None
    out["packages"] = [one for one in row["packages"] if one["package_id"] in held.packages]
    out["support"] = [_agreed(one, reader) for one in row["support"] if one["support_id"] in held.support]
    if reader.role == "hospice":
        out["tasks"] = [one for one in row["tasks"] if one["task_id"] in held.tasks]
    if alone or reader.role in _OWN_WORDS:
        for words in ("notices", "told", "must_retract"):
            out[words] = [one for one in row[words] if one["recipient"] in reader.recipients]
        own = (*out["packages"], *out["support"], *_asked(out, held))
        sources = {*reader.partners, *(one["source"] for one in own)}
        out["freshness"] = [one for one in row.get("freshness", ()) if one["source"] in sources]
    return out


def _asked(row: Line, held: Standing) -> list[Row]:
    return [one for one in row["tasks"] if one["task_id"] in held.tasks]


def _agreed(support: Line, reader: Reader) -> Row:
    refused = support["consent"] == "refused" and support["source"] not in reader.partners
    return cut(support, WITHOUT_CONSENT) if refused else dict(support)


def _versioned(row: Row) -> Row:
    body = {name: value for name, value in row.items() if name not in ("version", "freshness")}
    fresh = {"freshness": row["freshness"]} if "freshness" in row else {}
    return body | fresh | {"version": sha256(compact(body).encode()).hexdigest()[:16]}


Tree = Mapping[str, "Tree"]


@cache
def _tree(paths: tuple[str, ...]) -> Tree:
    """Paths as a tree of keys; a leaf allows all below it."""
    root: dict[str, Any] = {}
    for path in paths:
        at = root
        for key in path.replace("[]", "").split("."):
            at = at.setdefault(key, {})
    return root


def cut(row: Line, paths: tuple[str, ...]) -> Row:
    """A row with the keys of `paths` alone: what is not the role's is not there."""
    return dict(row) if paths == EVERYTHING else _cut(row, _tree(paths))


def _cut(value: Any, tree: Tree) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_cut(one, tree) for one in value]
    if isinstance(value, Mapping):
        return {key: _cut(inner, tree[key]) for key, inner in value.items() if key in tree}
    return value


def _withhold(row: Line, tree: Tree, before: str, withheld: list[str]) -> Row:
    """A row with every key, and the values of `tree` alone; notes the paths of what is known and not said."""
    out: Row = {}
    for key, value in row.items():
        path = before + key
        if key not in tree:
            out[key] = [] if isinstance(value, list) else None
            if not _empty(value):
                withheld.append(path)
        elif not tree[key]:
            out[key] = value
        elif isinstance(value, list):
            out[key] = [_withhold(one, tree[key], path + "[].", withheld) for one in value]
        elif isinstance(value, Mapping):
            out[key] = _withhold(value, tree[key], path + ".", withheld)
        else:
            out[key] = value
    return out


def _empty(value: Any) -> bool:
    """Null, an empty list, or an object of nothing but that."""
    if isinstance(value, Mapping):
        return all(_empty(inner) for inner in value.values())
    return value is None or value == []
