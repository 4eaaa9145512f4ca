"""Samples of message kinds: `<name>.hl7` beside `<name>.expected.json`, for `homeward partner check`.

In: one pair. Out: the differences, in words. `who` is `SYSTEM authority value status`; a thing `spell
<authority> <number>` stands for its id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.message import Draft, RawMessage, Refusal, Subject, Translation
from connectors.partners.registry import KINDS
from connectors.samples import PARTNERS, utc
from runtime.place import Partner, load_place
from schemas import ids


@dataclass(frozen=True, slots=True)
class Pair:
    """A message and what must become of it."""

    kind: str
    message: Path

    @property
    def name(self) -> str:
        """`hl7_adt/01_A01_admitted`."""
        return f"{self.kind}/{self.message.stem}"


def pairs(kind: str = "*") -> list[Pair]:
    """Every message of a kind with its expectation."""
    found = sorted(PARTNERS.glob(f"{kind}/samples/*.expected.json"))
    messages = ((path, path.name.removesuffix(".expected.json")) for path in found)
    return [
        Pair(path.parent.parent.name, message)
        for path, stem in messages
        for message in sorted(path.parent.glob(f"{stem}.*"))
        if message != path
    ]


def differences(pair: Pair, dialect: Partner | None = None) -> list[str]:
    """What became of the message otherwise than expected."""
    expectation = pair.message.with_suffix(".expected.json")
    wanted = json.loads(expectation.read_text(encoding="utf-8"))
    partner, base = ("", dialect) if dialect else _first_of(pair.kind)
    raw = RawMessage(partner, pair.message.read_bytes(), 0, pair.message.name)
    try:
        made = KINDS[pair.kind].translate(raw, base.model_copy(update=wanted.get("dialect", {})))
    except Refusal as refusal:
        said = [str(refusal.reason), refusal.where]
        return [] if said == wanted.get("refusal") else [f"{pair.name}: refused {said}"]
    if "refusal" in wanted:
        return [f"{pair.name}: taken, expected refusal {wanted['refusal']}"]
    return list(_compared(pair.name, made, wanted))


def _first_of(kind: str) -> tuple[str, Partner]:
    place = load_place("bromley")
    return next((name, partner) for name, partner in place.partners.items() if partner.kind == kind)


def _compared(name: str, made: Translation, wanted: Mapping[str, Any]) -> Iterator[str]:
    said, expected = [_told(draft) for draft in made.drafts], [_wanted(d, wanted) for d in wanted["drafts"]]
    for number, (one, other) in enumerate(zip(said, expected, strict=False), start=1):
        yield from (
            f"{name}: draft {number} {field} {one[field]!r}, expected {other[field]!r}"
            for field in one if one[field] != other[field]
        )  # fmt: skip
    if len(said) != len(expected):
        yield f"{name}: {len(said)} drafts, expected {len(expected)}"
    refused = [[str(r.reason), r.where] for r in made.refusals]
    wholes: tuple[tuple[str, Any, Any], ...] = (
        ("message id", made.message_id, wanted.get("message_id", made.message_id)),
        ("no change", made.no_change, wanted.get("no_change", "")),
        ("refused", refused, wanted.get("refused", [])),
    )
    yield from (f"{name}: {what} {there!r}, expected {due!r}" for what, there, due in wholes if there != due)


def _told(draft: Draft) -> dict[str, Any]:
    return {
        "kind": draft.kind, "who": _who(draft.subject), "other": _who(draft.other), "thing": draft.thing,
        "instance": draft.instance, "flags": list(draft.flags), "at": utc(draft.occurred_at),
        "recorded": utc(draft.recorded_at), "sequence": draft.sequence,
        "fields": {n: utc(v) if n.endswith("_at") and v else v for n, v in draft.fields.items()},
    }  # fmt: skip


def _wanted(draft: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
    thing = draft.get("thing", "person")
    return {
        "kind": draft["kind"], "who": draft["who"], "other": draft.get("other", []),
        "thing": ids.spell_id(*thing.split()[1:]) if thing.startswith("spell ") else thing,
        "instance": draft.get("instance", ""), "flags": draft.get("flags", []),
        "at": message["times"]["occurred"], "recorded": message["times"]["recorded"],
        "sequence": message.get("sequence", -1), "fields": draft["fields"],
    }  # fmt: skip


def _who(subject: Subject | None) -> list[str]:
    known = subject.ids if subject else ()
    return [f"{one.system} {one.authority or '-'} {one.value} {one.status}".rstrip() for one in known]
