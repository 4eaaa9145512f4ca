"""Samples beside a kind's translator, and what must become of them: they test themselves (design.md §7,
`homeward partner check`).

A case is a folder `connectors/partners/<kind>/samples/<case>/` of partner files, taken in name order, and
`expected.json`, written by hand: `{"partner": "hub-list", "files": {"<name>": {"facts": [{"kind", "who",
"at", "fields", "flags"}], "refused": [["REASON", "where"]], "unchanged": 1}}}`. In: a case. Out: the
differences, in words. `who` is the first identifier as sent, times are UTC text.
"""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from connectors.message import Draft, RawMessage, Refusal, Translation
from connectors.partners.full_file import History, take
from connectors.partners.registry import KINDS
from runtime.place import Place, load_place

PARTNERS: Final = Path(__file__).resolve().parent / "partners"
EXPECTED: Final = "expected.json"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """One folder of samples of a kind."""

    kind: str
    folder: Path

    @property
    def name(self) -> str:
        """`hub_list/01_new_rows`."""
        return f"{self.kind}/{self.folder.name}"


def cases(kind: str = "*") -> list[Case]:
    """Every case of a kind, or of all."""
    found = sorted(PARTNERS.glob(f"{kind}/samples/*/{EXPECTED}"))
    return [Case(path.parent.parent.parent.name, path.parent) for path in found]


def differences(case: Case, place: Place | None = None) -> list[str]:
    """What became of a case's files otherwise than expected; empty when all is as it must be."""
    wanted = json.loads((case.folder / EXPECTED).read_text(encoding="utf-8"))
    names = sorted(path.name for path in case.folder.iterdir() if path.name != EXPECTED)
    if names != sorted(wanted["files"]):
        return [f"{case.name}: files {names}, expected {sorted(wanted['files'])}"]
    place = place or load_place(wanted.get("place", "bromley"))
    said, files = dict(_said(case, wanted["partner"], place)), wanted["files"]
    return [line for name in names for line in _compared(f"{case.name}/{name}", said[name], files[name])]


def expectation(kind: str, folder: Path, partner: str, place: Place) -> dict[str, Any]:
    """What the files of a folder become now, as an expected file: `homeward partner accept`."""
    return {"partner": partner, "files": dict(_said(Case(kind, folder), partner, place))}


def _said(case: Case, partner: str, place: Place) -> Iterator[tuple[str, dict[str, Any]]]:
    history, kind, dialect = History(), KINDS[case.kind], place.partners[partner]
    for path in sorted(case.folder.iterdir()):
        if path.name == EXPECTED:
            continue
        raw = RawMessage(partner, path.read_bytes(), 0, path.name)
        try:
            if kind.rows is not None:
                taking = kind.rows(raw, dialect)
                yield path.name, _told([*taking.rows], taking.refusals)
                continue
            if kind.full_file is None:
                yield path.name, _told([kind.translate(raw, dialect)], ())
                continue
            taking = take(raw, dialect, kind.full_file, history)
        except Refusal as refusal:
            yield path.name, _told((), (refusal,))
            continue
        history = taking.history
        yield path.name, _told([*taking.rows, *taking.besides], taking.refusals)


def _told(translations: list[Translation] | tuple[()], refusals: tuple[Refusal, ...]) -> dict[str, Any]:
    within = (refusal for translation in translations for refusal in translation.refusals)
    return {
        "facts": [told(draft) for translation in translations for draft in translation.drafts],
        "refused": [[str(refusal.reason), refusal.where] for refusal in (*refusals, *within)],
        "unchanged": sum(1 for translation in translations if translation.no_change),
    }


def told(draft: Draft) -> dict[str, Any]:
    """A draft as expected files write it."""
    first = next(iter(draft.subject.ids), None)
    return {
        "kind": draft.kind, "who": first.value if first else "", "at": utc(draft.occurred_at),
        "fields": {n: utc(v) if n.endswith("_at") and v is not None else v for n, v in draft.fields.items()},
        "flags": list(draft.flags),
    }


def utc(us: int) -> str:
    """µs UTC as `YYYY-MM-DDTHH:MM:SSZ`."""
    return f"{_EPOCH + timedelta(microseconds=us):%Y-%m-%dT%H:%M:%SZ}"


def _compared(where: str, said: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    full: dict[str, Any] = {"fields": {}, "flags": []}
    facts = [full | fact for fact in wanted.get("facts", [])]
    yield from (f"{where}: expected and absent: {_text(fact)}" for fact in facts if fact not in said["facts"])
    yield from (f"{where}: not expected: {_text(fact)}" for fact in said["facts"] if fact not in facts)
    if len(facts) != len(said["facts"]):
        yield f"{where}: {len(said['facts'])} facts, expected {len(facts)}"
    for name, nothing in (("refused", []), ("unchanged", 0)):
        if said[name] != wanted.get(name, nothing):
            yield f"{where}: {name} {said[name]}, expected {wanted.get(name, nothing)}"


def _text(fact: Mapping[str, Any]) -> str:
    return json.dumps(fact, ensure_ascii=False, sort_keys=True)
