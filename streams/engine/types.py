"""What the engine and a fold say to each other (design.md §6). The engine moves bytes and knows nothing of
care; a fold keeps all state of one partition, is synchronous and does no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, Protocol

Headers = tuple[tuple[str, bytes], ...]


class Record(NamedTuple):
    """One record of a source topic as it lies in the log; nothing is decoded."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int
    offset: int
    timestamp: int


class Output(NamedTuple):
    """One record owed to a topic; a value of None is a tombstone. Its id must be deterministic: a replay
    makes it again.
    """

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers
    partition: int | None
    """None: murmur2 of the key over the topic's partitions, as every producer of a keyed topic does it."""


class Flush(NamedTuple):
    """One consistent cut of a partition: the new values of its dirty state keys (None deletes), and the
    outputs they owe.
    """

    changelog: list[tuple[bytes, bytes | None]]
    """In the order they are to be read back. Keys that begin with a zero byte are the engine's own."""
    outputs: list[Output]
    due: int = 0
    """µs: when the first thing was due that this cut did not come to; 0 = it came to all that was due."""

    def complete_to(self, now_us: int) -> int:
        """Up to when the outputs are complete, of a cut at a moment: not beyond what it did not come to."""
        return min(now_us, self.due - 1) if self.due else now_us


class PartitionFold(Protocol):
    """All state of one partition. The engine calls `restore*`, `restored`, then `fold` and `cut` until the
    partition leaves.
    """

    def restore(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Apply changelog records, oldest first; may be called many times, and again with records already
        seen.
        """

    def restored(self) -> None:
        """The changelog is read to its end: the state is whole."""

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        """Take records of one topic in offset order. A raise is our bug: the worker stops with nothing
        committed.
        """

    def cut(self, now_us: int) -> Flush:
        """Everything dirty since the last cut. A cut that cannot be sent stops the worker, so nothing needs
        giving back.

        `now_us` is the wall clock at the last moment when all the log held for this partition was folded
        (0: not yet since the start): lag delays what is judged by time, it never falsifies it. Called at
        least once a commit interval.
        """

    def republish(self, keys: Collection[bytes]) -> list[Output]:
        """Outputs owed by these changelog keys: an unfenced recovery cannot know whether they were sent."""

    def size(self) -> int:
        """How many state keys are held."""


FoldFactory = Callable[[int], PartitionFold]
"""Partition number in, its empty fold out; called anew each time the partition is assigned."""
