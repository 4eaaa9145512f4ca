"""The engine's own records in a changelog. `APPLIED` closes each flush and says which source offsets it
covers; `PUBLISHED` (unfenced flush only) says that the outputs of everything before it were acknowledged.
Readers of a changelog skip both keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from streams.engine.types import Record

OWN = b"\0"
"""First byte of the engine's keys; a fold never writes such a key."""
APPLIED = b"\0applied"
PUBLISHED = b"\0published"

Progress = dict[str, int]
"""Source topic -> next offset to fold."""

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Progress)


def applied(progress: Mapping[str, int]) -> bytes:
    """The value of an applied marker."""
    return _encoder.encode(progress)


def read_applied(value: bytes) -> Progress:
    """The source offsets that a marker covers."""
    return _decoder.decode(value)


class Restoring:
    """What the changelog says besides state, gathered while a partition is read back."""

    def __init__(self, fenced: bool) -> None:
        self._fenced = fenced
        self.progress: Progress | None = None
        self.unpublished: set[bytes] = set()
        """Unfenced: keys written after the last published marker, whose outputs may never have left."""

    def take(self, records: Sequence[Record]) -> list[tuple[bytes, bytes | None]]:
        """Sort one run of changelog records: state is returned in order, markers are kept."""
        state = []
        for record in records:
            key = record.key
            if key is None:
                raise ValueError(f"changelog record without a key at {record.partition}/{record.offset}")
            if not key.startswith(OWN):
                state.append((key, record.value))
                if not self._fenced:
                    self.unpublished.add(key)
            elif key == APPLIED and record.value is not None:
                self.progress = read_applied(record.value)
            elif key == PUBLISHED:
                self.unpublished.clear()
        return state
