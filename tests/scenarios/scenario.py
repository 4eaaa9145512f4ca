"""A scenario folder: numbered partner files, the story they tell, and the lines it must give.

`NN_<partner>_<name>` is one file of one partner (`<name>` is what the partner calls it, so that a full file
keeps its as_at); `story.md` says what happens, by which rule, and which mutants it kills; `expected.jsonl` is
written by hand from the rule: whole lines without `version` and `freshness`, ids by the names below. Beside
them may stand `received.jsonl` ({file, received_at}) and `profile.toml` (partners of its own).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cli.replay.export import Asked, all_lines
from cli.replay.intake import Intake, Taken
from cli.replay.sources import Sourced, with_profile
from connectors.message import RawMessage
from connectors.partners.registry import kind_of
from runtime.clock import micros
from runtime.place import Place, load_place
from runtime.pseudonym import KeyRing
from runtime.reader import reader_of
from schemas import ids
from tests.scenarios.planted import planted

HERE = Path(__file__).parent
KEYS = KeyRing.offline()
Row = dict[str, Any]

_NUMBERED = re.compile(r"(\d\d)_([a-z][a-z-]*)_(.+)")
_KILLS = re.compile(r"^Kills: (.+)$", re.MULTILINE)
_PLANTED = re.compile(r"^Planted: `([^`]+)`$", re.MULTILINE)
_SYMBOL = re.compile(r'\{([a-z0-9]+):([^{}"]*)\}')
PEOPLE = frozenset({"person", "spell", "transfer"})
_ALWAYS = frozenset({"measure", "person", "spell", "transfer", "quarantine"})
"""Views that are compared whole; the summary and the feeds only where a scenario expects them."""


def _spell(visit: str) -> str:
    return ids.spell_id("RJZ-VISIT", visit)


def _notice(fact: str, rest: str) -> str:
    visit, epoch, recipient = rest.split(":")
    spell = _spell(visit)
    return ids.notice_id(spell, fact, f"pruh-adt/{spell}/SpellDischarged/{epoch}", recipient)


def _alert(rest: str) -> str:
    rule, _, visit = rest.partition(":")
    return ids.alert_id(rule, _spell(visit), "")


def _key(rest: str) -> str:
    authority, _, value = rest.rpartition(":")
    return KEYS.person_key("LOCAL", authority, value)


def _task(rest: str) -> str:
    visit, _, kind = rest.partition(":")
    return ids.task_id(_spell(visit), kind)


def _row(rest: str) -> str:
    partner, _, row_key = rest.partition(":")
    return ids.row_id(partner, row_key)


SYMBOLS: Mapping[str, Callable[[str], str]] = {
    "key": _key,  # {key:RJZ:K1001}: pseudonym of a local id
    "nhs": lambda number: KEYS.person_key("NHS", "", number),
    "spell": _spell,  # {spell:V1001}: spell of a visit number
    "visit": lambda rest: ids.spell_id(*rest.split(":")),  # {visit:RJ1-VISIT:V1}: of another hospital
    "package": lambda ref: ids.package_id("LBB", ref),
    "support": lambda ref: ids.support_id("BWELL", ref),
    "task": _task,  # {task:V1001:P1 dom care}
    # {again:V1001:P1 dom care}: the same asked for again after it was cancelled
    "again": lambda rest: ids.task_id(_task(rest), "again", "1"),
    "row": _row,  # {row:hub-list:mrn=K1001}: a hub row without a visit number
    "alert": _alert,  # {alert:death_stated:V1001}: of a rule about a spell that opens once
    # {notice:V1001:0:gp}: visit, runs of cancels before the discharge, recipient
    "notice": lambda rest: _notice("discharged", rest),
    "erasure": lambda rest: _notice("erased", rest),  # {erasure:V1077:0:gp}: the notice that it was erased
    "retraction": lambda rest: _notice("discharged-retracted", rest),
}


@dataclass(frozen=True)
class Scenario:
    """One folder, read."""

    name: str
    story: str
    kills: tuple[str, ...]
    place: Place
    messages: tuple[Sourced, ...]
    received: Mapping[str, int]
    expected: tuple[Row, ...]
    planted: str = ""
    """The fault its program has."""

    @property
    def identifiable(self) -> bool:
        """Whether it expects the restricted fields."""
        return any("ids" in row for row in self.expected)

    def asked(self) -> dict[str, tuple[Row, tuple[Row, ...]]]:
        """What measures must be as at, or as known at, another time: name -> (question, lines)."""
        found = {}
        for path in sorted((HERE / self.name).glob("asked_*.jsonl")):
            question, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            found[path.stem] = question, tuple(lines)
        return found

    def intake(self) -> Intake:
        """A fresh intake for its messages."""
        return Intake(self.place, KEYS, self.received, identifiable=self.identifiable)

    def replayed(self) -> list[Row]:
        """The rows `homeward replay` prints for it, as far as it expects any of the view."""
        views = _ALWAYS | {row["view"] for row in self.expected}
        asked = Asked(identifiable=self.identifiable)
        with planted(self.planted):
            taken = self.intake().take(self.messages)
            lines = all_lines(taken, self.place, asked)
            found = [row for row in map(json.loads, lines) if row["view"] in views]
            return found + [row for name in self._readers() for row in self._shown_to(name, taken)]

    def _readers(self) -> list[str]:
        return sorted({row["as"] for row in self.expected if "as" in row})

    def _shown_to(self, name: str, taken: Taken) -> list[Row]:
        asked = Asked(reader=reader_of(self.place.readers, name))
        rows = [row for row in map(json.loads, all_lines(taken, self.place, asked)) if row["view"] in PEOPLE]
        return [{"as": name} | row for row in (*rows, {"view": "shown", "lines": len(rows)})]


def names() -> list[str]:
    """Every scenario folder."""
    return sorted(path.parent.name for path in HERE.glob("*/expected.jsonl"))


@cache
def load(name: str) -> Scenario:
    """Read a folder. Raises for anything in it that is not understood."""
    folder = HERE / name
    profile = folder / "profile.toml"
    place = with_profile(load_place("bromley"), profile if profile.exists() else None)
    numbered = sorted(path for path in folder.iterdir() if _NUMBERED.fullmatch(path.name))
    story = (folder / "story.md").read_text(encoding="utf-8")
    kills, fault = _KILLS.search(story), _PLANTED.search(story)
    return Scenario(
        name, story, tuple(re.findall(r"`([^`]+)`", kills.group(1))) if kills else (), place,
        tuple(one for path in numbered for one in _messages(path, place)),
        _received(folder / "received.jsonl"), _expected(folder), fault.group(1) if fault else "",
    )  # fmt: skip


def _messages(path: Path, place: Place) -> list[Sourced]:
    found = _NUMBERED.fullmatch(path.name)
    assert found is not None
    _, partner, name = found.groups()
    parts = kind_of(place.partners[partner].kind).split(path.read_bytes())
    return [
        Sourced(RawMessage(partner, body, 0, name=name, index=n), path.name, n)
        for n, body in enumerate(parts)
    ]


def _received(path: Path) -> dict[str, int]:
    if not path.exists():
        return {}
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {
        _digest(path.with_name(row["file"])): micros(row["received_at"].replace("Z", "+00:00"))
        for row in rows
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _expected(folder: Path) -> tuple[Row, ...]:
    def symbol(match: re.Match[str]) -> str:
        kind, rest = match.groups()
        return _digest(folder / rest) if kind == "sha256" else SYMBOLS[kind](rest)

    text = (folder / "expected.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(_SYMBOL.sub(symbol, line)) for line in text.splitlines() if line.strip())


def comparable(rows: list[Row] | tuple[Row, ...], like: tuple[Row, ...] = ()) -> dict[tuple[str, ...], Row]:
    """Rows by view and id, without `version`, and without `freshness` but where the like row has it.

    Lists that are in the order of ids no hand can compute are put into one that a hand can. A field that a
    story does not write is expected to be empty: a new field of the line is a matter of the stories about it.
    """
    fresh = {_name(row) for row in like or rows if "freshness" in row}
    out: dict[tuple[str, ...], Row] = {}
    for row in rows:
        name = _name(row)
        assert name not in out, f"two lines of {name}"
        left_out = {"version"} | (set() if name in fresh else {"freshness"})
        out[name] = {f: _ordered(_written(v)) for f, v in row.items() if f not in left_out and not _empty(v)}
    return out


def _empty(value: Any) -> bool:
    """Null, an empty list, or an object of nothing but that."""
    if isinstance(value, dict):
        return all(_empty(inner) for inner in value.values())
    return value is None or value == []


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {field: _written(inner) for field, inner in value.items() if not _empty(inner)}
    return [_written(inner) for inner in value] if isinstance(value, list) else value


def _name(row: Row) -> tuple[str, ...]:
    named = {
        "spell": ("spell_id", "person_key"),
        "feed": ("partner",),
        "measure": ("measure", "subject", "until"),
        "quarantine": ("sha256", "reason", "where"),
        "summary": (),
        "alert": ("alert_id",),
        "shown": (),
    }
    fields = named.get(row["view"], ("person_key",))
    return (row.get("as", ""), row["view"], *(str(row.get(field)) for field in fields))


def _ordered(value: Any) -> Any:
    by_id = (
        isinstance(value, list)
        and value
        and isinstance(value[0], dict)
        and any(
            field in value[0]
            for field in ("person_key", "package_id", "task_id", "support_id", "notice_id", "recipient")
        )
    )
    return sorted(value, key=lambda row: json.dumps(row, sort_keys=True)) if by_id else value
