"""How far a reader has come when its records settle in any order, pure."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.ports import Placed


class Cursor:
    """Offsets seen in order and settled in any: the mark is the least that is not settled. Offset gaps are
    normal.
    """

    def __init__(self, marks: Mapping[int, int]) -> None:
        self._start = dict(marks)
        self._next: dict[int, int] = {}
        self._open: dict[int, set[int]] = {}
        self._saved: dict[int, int] = dict(marks)

    def fresh(self, placed: Placed) -> bool:
        """Whether the record is news: neither settled in an earlier life nor seen in this one. If so it is
        open now.
        """
        if placed.offset < max(self._start.get(placed.partition, 0), self._next.get(placed.partition, 0)):
            return False
        self._next[placed.partition] = placed.offset + 1
        self._open.setdefault(placed.partition, set()).add(placed.offset)
        return True

    def settled(self, placed: Placed) -> None:
        """Done with this record."""
        self._open[placed.partition].discard(placed.offset)

    def moved(self) -> dict[int, int]:
        """Marks that differ from the saved ones."""
        marks = {p: min(self._open[p], default=after) for p, after in self._next.items()}
        return {partition: mark for partition, mark in marks.items() if self._saved.get(partition) != mark}

    def saved(self, marks: Mapping[int, int]) -> None:
        """These are durable."""
        self._saved.update(marks)
