"""What the connectors need of a broker, as small Protocols: the runtime's clients fit them, and so do the
fakes of the tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes]]

Record = tuple[str, str | bytes | None, bytes | None, Headers]
"""To be written: topic, key, value (None is a tombstone), headers."""

Checkpoint = Callable[[str], Awaitable[None]]
"""Called at the named steps of a message's way; tests crash there. Never a production setting."""


async def no_checkpoint(_step: str) -> None:
    """Go on."""


class Placed(NamedTuple):
    """Where a record stands on its topic."""

    partition: int
    offset: int


class Acked(Protocol):
    """What the broker says of a record it has (`runtime.kafka.producer.RecordMetadata`)."""

    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...


class Stored(NamedTuple):
    """A record as read back."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int
    offset: int


class Producer(Protocol):
    """Idempotent, acks=all. `publish` returns when the broker has the record; raises Transient when
    that is not known,
    ContractViolation TOO_LARGE when it never will."""

    async def publish(
        self, topic: str, key: str | bytes | None, value: bytes | None, headers: Headers = ()
    ) -> Acked:
        """Write one record and wait for its acknowledgement. A value of None is a tombstone."""

    async def publish_all(self, records: Sequence[Record]) -> Sequence[Acked | Exception]:
        """Write several in their order and wait for all; what became of each, failures as `publish`
        raises them. Calls one after another keep their order too.
        """


class Reader(Protocol):
    """Reads topics."""

    def to_end(self, topic: str) -> AsyncIterator[Stored]:
        """Every record there was when asked, oldest first in its partition."""

    def follow(self, topic: str) -> AsyncIterator[Stored]:
        """Every record there is and will be."""


class Marks(Protocol):
    """Durable marks by name: the next offset of each partition, as a consumer group's committed offsets."""

    async def load(self, group: str, topic: str) -> dict[int, int]:
        """The marks last saved; empty when there are none."""

    async def save(self, group: str, topic: str, marks: Mapping[int, int]) -> None:
        """Save the marks."""
