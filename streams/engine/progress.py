"""How far a partition is, said to whoever reads its outputs (design.md §6 "Completeness").

In: what each flush covers and sends. Out: once a second one more output, in the flush it speaks of: on Kafka
it is readable exactly when that flush is. What it looks like is the worker's affair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import NamedTuple

from streams.engine.types import Output

EVERY_S = 0.9
"""Real seconds between two: a little less than the commit interval, at which idle partitions speak."""


class Reached(NamedTuple):
    """What is said. `forwarded`: something went to an internal topic since it was last said: it may still be
    under way to another partition.
    """

    partition: int
    complete_to: int
    written_at: int
    forwarded: bool


Tell = Callable[[Reached], Output]


class Progress:
    """The teller of one partition; `tell` of None says nothing."""

    def __init__(self, partition: int, tell: Tell | None, internal: Iterable[str]) -> None:
        self._partition, self._tell, self._internal = partition, tell, frozenset(internal)
        self._forwarded = True  # the owner before may have sent and not lived to say so
        self._said_at = float("-inf")

    def sending(self, outputs: Iterable[Output]) -> None:
        """These are part of the flush that is being made."""
        self._forwarded = self._forwarded or any(output.topic in self._internal for output in outputs)

    def due(self, complete_to: int, now_us: int) -> list[Output]:
        """What is to be said with this flush: at most one output. Nothing before the log was once read to its
        end (0): what is not known is not said.
        """
        if self._tell is None or not complete_to or monotonic() - self._said_at < EVERY_S:
            return []
        said = self._tell(Reached(self._partition, complete_to, now_us, self._forwarded))
        self._said_at, self._forwarded = monotonic(), False
        return [said]
