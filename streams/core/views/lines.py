"""The JSON lines of a person (design.md §9 "Lines"): what every export, the view topic and the HTTP API say.

In: a `Picture` and what identity says of the key. Out: bytes, one line each, sorted by view and id,
keys in the listed order. Never a clock; never an identifiable value unless the caller hands in the
restricted facts. `version` ends every line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Literal

import msgspec

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.identity.identified import identifiable
from streams.core.reduce import Picture
from streams.core.views.spell_line import Row, spell_row
from streams.core.views.transfer_line import freshness_rows, transfer_row

Status = Literal["alive", "moving", "merged", "parked"]
Written = dict[str, tuple[object, tuple[bytes, bytes]]]
"""Thing -> (what it was when written, its line as body and version): equal things have equal lines."""


class CandidateLink(msgspec.Struct, frozen=True):
    """A proposed match a human decides (design.md §5).

    `state`: proposed | joined | same | not_same | unsure.
    """

    person_key: str
    reason: str
    score: float | None = None
    state: str = "proposed"


class IdentityView(msgspec.Struct, frozen=True):
    """What the identity side knows of one key when its lines are made."""

    person_key: str
    merged_into: str | None = None
    """The next hop of a retired key; None = alive."""
    restricted: bool = False
    flags: tuple[str, ...] = ()
    candidate_links: tuple[CandidateLink, ...] = ()
    status: Status = "alive"


def lines(
    picture: Picture,
    person_key: str,
    identity: IdentityView,
    config: CoreConfig,
    *,
    now: int | None = None,
    identified: Iterable[Fact] | None = None,
    written: Written | None = None,
) -> list[bytes]:
    """Write the lines of one person: person, spells, transfer, in that order.

    `now` leaves out a transfer closed more than 30 days before it; `identified` are the restricted
    facts (`PersonIdentified`, `PersonsLinked`) that `--identifiable` adds. A merged key is its person
    line alone. `written` are the lines of an earlier call with the same key and config, and will be those
    of this one.
    """
    old = {} if written is None or identified is not None else written
    who = _line("", identity, old, lambda: _person_row(person_key, identity, identified))
    person = [_joined(*who)]
    if identity.status == "merged":
        return person
    spells = [
        _joined(*_line("s" + spell.spell_id, spell, old, partial(spell_row, spell, person_key, config)))
        for spell in picture.spells
    ]
    transfer = picture.transfer
    if transfer is None or not transfer.shown(now):
        return person + spells
    join = _line("t", transfer, old, lambda: transfer_row(transfer, person_key))
    return [*person, *spells, _joined(*join, freshness_rows(picture.heard))]


def _line(name: str, what: object, old: Written, row: Callable[[], Row]) -> tuple[bytes, bytes]:
    held = old.get(name)
    if held is not None and held[0] == what:
        return held[1]
    line = _parts(row())
    old[name] = (what, line)
    return line


def encode(row: Row, freshness: Sequence[Row] | None = None) -> bytes:
    """Write one line.

    UTF-8 unescaped, separators `,` and `:`, `freshness` outside the digest, `version` last.
    """
    return _joined(*_parts(row), freshness)


def _parts(row: Row) -> tuple[bytes, bytes]:
    body = msgspec.json.encode(row)
    return body, sha256(body).hexdigest()[:16].encode()


def _joined(body: bytes, version: bytes, freshness: Sequence[Row] | None = None) -> bytes:
    heard = b"" if freshness is None else b',"freshness":' + msgspec.json.encode(freshness)
    return body[:-1] + heard + b',"version":"' + version + b'"}'


def version_of(written: Iterable[bytes]) -> str:
    """Digest a person's lines without what follows the clock: unchanged state emits nothing (law 2)."""
    digest = sha256()
    for line in written:
        digest.update(line[line.rindex(b'"version":"') :])
    return digest.hexdigest()[:16]


def _person_row(person_key: str, identity: IdentityView, identified: Iterable[Fact] | None) -> Row:
    row: dict[str, Any] = {
        "view": "person",
        "person_key": person_key,
        "merged_into": identity.merged_into,
        "restricted": identity.restricted,
        "flags": sorted(identity.flags),
        "candidate_links": [
            {"person_key": link.person_key, "reason": link.reason, "score": link.score, "state": link.state}
            for link in sorted(identity.candidate_links, key=lambda link: (link.person_key, link.reason))
        ],
    }
    return row if identified is None else row | identifiable(identified)
