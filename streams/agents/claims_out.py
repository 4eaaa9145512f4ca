"""What persons add to places: claims on the rows of sites, sent where they differ from what was sent before
(design.md §6 "Aggregates count things").

In: what each key published. Out: messages to sites, and one changelog record a person that says what was
sent. A retired key holds its claims until its survivor has the facts, then takes them back; a parked person
goes on counting as last known.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import msgspec

from schemas.catalogue import INTERNAL_PLACE
from streams.core.pressure.contributions import Name, Said, encode, linked_at, rows_of
from streams.core.reduce import Picture
from streams.core.state.person import PersonState
from streams.core.state.publish import Published
from streams.engine.types import Output

GONE = "-"
MOST_SEEN = 10_000


class Sent(msgspec.Struct, array_like=True):
    """What sites were told: (site, thing) -> digest of the row; "" = unknown whether it got through."""

    sequence: int = 0
    rows: dict[str, dict[str, str]] = {}


_read = msgspec.msgpack.Decoder(Sent).decode
_write = msgspec.msgpack.Encoder().encode


class ClaimsOut:
    """The claims of all persons of one partition; what was sent lies here as bytes."""

    def __init__(self) -> None:
        self.sent: dict[bytes, bytes] = {}
        self._seen: dict[bytes, tuple[object, ...]] = {}
        """Key -> the spells and the join its claims were last made of: things nobody changes are the same."""
        self._unwritten: dict[bytes, None] = {}

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Apply a changelog record."""
        if value is None:
            self.sent.pop(key, None)
        else:
            self.sent[key] = value

    def doubt(self, key: bytes) -> None:
        """Nobody knows whether what was sent got through: everything is sent again."""
        if key in self.sent:
            sent = _read(self.sent[key])
            sent.rows = {site: dict.fromkeys(things, "") for site, things in sent.rows.items()}
            self.sent[key] = _write(sent)
        self._seen.pop(key, None)

    def owed(self, key: bytes, state: PersonState, published: Published) -> list[Output]:
        """The claims that are news after a look at a state."""
        picture = published.picture
        if picture is None:
            return []
        linked = linked_at(state)
        seen = (linked, picture.transfer, *picture.spells)
        before = self._seen.get(key, ())
        same = all(one is other for one, other in zip(before[1:], seen[1:], strict=False))
        if same and len(before) == len(seen) and before[0] == linked:
            return []
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[key] = seen
        return self._news(key, picture, linked)

    def written(self, key: bytes) -> Iterator[bytes]:
        """The changelog record of a key, where it is new."""
        if key in self._unwritten:
            del self._unwritten[key]
            yield self.sent[key]

    def _news(self, key: bytes, picture: Picture, linked: int) -> list[Output]:
        rows = rows_of(picture)
        if not rows and key not in self.sent:
            return []
        held = self.sent.get(key)
        sent = Sent() if held is None else _read(held)
        news, now = list[tuple[Name, Said]](), dict[str, dict[str, str]]()
        for name, row in rows.items():
            said = Said(key.decode(), name[1], linked, 0, row)
            digest = sha256(encode(said)).hexdigest()[:16]
            now.setdefault(name[0], {})[name[1]] = digest
            if sent.rows.get(name[0], {}).get(name[1]) != digest:
                news.append((name, said))
        for site, things in sent.rows.items():
            for thing, digest in things.items():
                if (site, thing) not in rows and digest != GONE:
                    news.append(((site, thing), Said(key.decode(), thing, linked, 0, None)))
                    now.setdefault(site, {})[thing] = GONE  # until something else is sent
        if not news:
            return []
        sequence = sent.sequence + 1
        self.sent[key], self._unwritten[key] = _write(Sent(sequence, now)), None
        return [_output(site, msgspec.structs.replace(said, sequence=sequence)) for (site, _), said in news]


def _output(site: str, said: Said) -> Output:
    return Output(INTERNAL_PLACE, site.encode(), encode(said), (), None)
