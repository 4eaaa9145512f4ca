"""Up to when what is shown is whole (design.md §6 "Completeness"): the least over all partitions of the
views, once nothing is under way between them.

In: the progress records of the workers, each partition's in its order. Out: a time, or None while unknown.
A record counts when its partition has written the next: only then was all of its flush readable. What one
partition sent to another may still be under way at that time, so the least of all partitions counts as soon
as nobody sent anything that not everybody has read since; and where somebody always sends, after `HOPS` times
that everybody has read what there was: further than any fact travels in one go (a tag's bearer, the proposal
or number, its survivor, and back).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HOPS = 4


@dataclass
class Round:
    """A time on its way to being proved. `waiting`: partitions that must write again before `bound` is known:
    when all that was published so far could be read.
    """

    to: int
    waiting: set[int]
    bound: int = 0
    hops: int = 0

    def heard(self, partition: int, written_at: int) -> None:
        """A partition wrote again."""
        if partition in self.waiting:
            self.waiting.discard(partition)
            self.bound = max(self.bound, written_at)

    def passed(self, folded: int, partitions: int) -> bool:
        """Whether everybody has folded what there was when the hop began; then the next hop begins, for what
        that made them send.
        """
        if self.waiting or folded < self.bound:
            return False
        self.waiting, self.bound, self.hops = set(range(partitions)), 0, self.hops + 1
        return True


@dataclass
class Completeness:
    """What the progress records say together. `complete_to` never goes back."""

    complete_to: int | None = None
    _newest: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    _whole: dict[int, int] = field(default_factory=dict)
    """Partition -> complete_to of its last record whose flush is known to be readable."""
    _read_by: int = 0
    """When everything sent to others could be read, of flushes known to be readable."""
    _rounds: list[Round] = field(default_factory=list)

    def apply(self, record: Mapping[str, Any]) -> None:
        """Take the next record of a partition."""
        partition, partitions, now = record["partition"], record["partitions"], record["written_at"]
        before = self._newest.get(partition)
        self._newest[partition] = record
        if before is None:
            return
        self._whole[partition] = max(before["complete_to"], self._whole.get(partition, 0))
        if before["forwarded"]:
            self._read_by = max(self._read_by, now)
        if len(self._whole) >= partitions:
            self._advance(partition, partitions, now)

    def _advance(self, partition: int, partitions: int, now: int) -> None:
        least = min(self._whole.values())
        sending = any(record["forwarded"] for record in self._newest.values())
        if not sending and self._read_by <= least:
            self._raise(least)
            return
        folded = min(record["complete_to"] for record in self._newest.values())
        for one in self._rounds:
            one.heard(partition, now)
        for one in self._rounds:
            if one.hops == HOPS and not one.waiting:  # the last flushes are readable too
                self._raise(one.to)
        moved = [one.passed(folded, partitions) for one in self._rounds]
        if not self._rounds or moved[-1]:
            self._rounds.append(Round(least, set(range(partitions))))

    def _raise(self, to: int) -> None:
        self.complete_to = max(self.complete_to or 0, to)
        self._rounds = [one for one in self._rounds if one.to > self.complete_to]
