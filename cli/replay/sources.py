"""What a replay reads: `PARTNER=PATH` arguments into raw messages (design.md §9 "Replay").

In: arguments, a place. Out: `Sourced` messages in name order. A file is split as its partner's kind says;
folders are read recursively.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.message import RawMessage
from connectors.partners.registry import kind_of
from runtime.errors import Misconfigured
from runtime.place import Partner, Place, load_profile


@dataclass(frozen=True, slots=True)
class Sourced:
    """A raw message and where it was read: `file` and `index` only ever shown with `--provenance`."""

    raw: RawMessage
    file: str
    index: int


def with_profile(place: Place, profile: Path | None) -> Place:
    """The place with the partners of a profile added or replaced. Raises Misconfigured."""
    if profile is None:
        return place
    try:
        mine = {name: Partner.model_validate(table) for name, table in load_profile(profile).items()}
    except ValueError as exc:
        raise Misconfigured(f"profile {profile.name}: {exc}") from None
    return place.model_copy(update={"partners": {**place.partners, **mine}})


def read_sources(arguments: Sequence[str], place: Place) -> Iterator[Sourced]:
    """All messages of all sources. Raises Misconfigured for an unknown partner, a missing path or no `=`."""
    for argument in arguments:
        partner, equals, path = argument.partition("=")
        if not equals:
            raise Misconfigured(f"{argument!r} is not PARTNER=PATH")
        if partner not in place.partners:
            raise Misconfigured(f"no partner {partner!r}; known: {', '.join(sorted(place.partners))}")
        yield from _read(partner, path, place)


def _read(partner: str, path: str, place: Place) -> Iterator[Sourced]:
    split = kind_of(place.partners[partner].kind).split
    for name, shown, body in _files(path):
        for index, message in enumerate(split(body)):
            yield Sourced(RawMessage(partner, message, 0, name=name, index=index), shown, index)


def _files(path: str) -> Iterator[tuple[str, str, bytes]]:
    """(name, name as shown, bytes) of each file of a source."""
    if path == "-":
        yield "-", "-", sys.stdin.buffer.read()
        return
    root = Path(path)
    if root.is_file():
        yield root.name, root.name, root.read_bytes()
    elif root.is_dir():
        for file in sorted(p for p in root.rglob("*") if p.is_file() and not p.name.startswith(".")):
            yield file.name, str(file.relative_to(root)), file.read_bytes()
    else:
        raise Misconfigured(f"no such file or folder: {path}")
