"""Recovery that ends by position. Keeps Faust's order (ends, offsets, seek, read, seek the sources) and
replaces how it knows the end.

Stock Faust compares the offset of the last *record* with the end, which is never reached once the log holds
control records; it leaves its end signal set, so that a rebalance soon after skips the next recovery; and a
five-second poll may end one that has not begun. Here `armed` is False from a revocation until the changelog
has been sought to its start, and only `advance` ends a recovery.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.types import TP
from mode import Service

End = Callable[[TP], int | None]


class PositionRecovery(Recovery):  # type: ignore[misc]  # Faust has no types
    """The recovery service of an engine. All partitions are read from their start: folds are made anew on
    assignment.
    """

    armed = False
    reached = False
    """All changelog partitions are read to their ends. Faust's own arithmetic on offsets is not consulted."""

    @property
    def recovered(self) -> bool:
        """True when the state and markers of this assignment are all read."""
        return self.armed and not self.in_recovery

    async def on_rebalance(self, *args: Any, **kwargs: Any) -> None:
        """A new assignment: forget offsets of earlier ones, which Faust keeps for partitions that stayed."""
        self.armed = self.reached = False
        self.signal_recovery_end.clear()
        self.active_offsets.clear()
        await super().on_rebalance(*args, **kwargs)

    def need_recovery(self) -> bool:
        """True until `advance` has seen every changelog partition read to its end."""
        return not self.reached

    async def _seek_offsets(self, consumer: Any, tps: set[TP], offsets: Any, title: str) -> None:
        # Faust seeks to the last offset it has seen, one before what is to be read: out of range where that
        # record was deleted.
        await consumer.seek_wait({tp: offsets[tp] + 1 for tp in tps})
        if title == "active":
            self.signal_recovery_end.clear()
            self._set_recovery_started()
            self.reached, self.armed = False, True

    def advance(self, position: Callable[[TP], int], fetch_end: End | None) -> None:
        """After every fetch, empty ones too, with its records applied: see how far the positions have come.

        `fetch_end` is given where the ends that ListOffsets named are too low and Fetch's are to be believed.
        """
        if not (self.armed and self.in_recovery):
            return
        for tp in self.active_tps:
            last = self.active_highwaters.get(tp)
            if fetch_end is not None:
                fetched = fetch_end(tp)
                last = None if fetched is None or last is None else max(last, fetched - 1)
            if last is None or position(tp) <= last:
                return
        self.reached = True
        self.signal_recovery_end.set()

    @Service.task  # type: ignore[untyped-decorator]
    async def _slurp_changelogs(self) -> None:
        """Faust's record-by-record path, which also ends recoveries too early: not used."""


class PositionTables(TableManager):  # type: ignore[misc]  # Faust has no types
    """Faust's table manager with our recovery."""

    _recovery: PositionRecovery | None

    @property
    def recovery(self) -> PositionRecovery:
        """The one recovery service."""
        service: PositionRecovery | None = self._recovery
        if service is None:
            service = self._recovery = PositionRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return service
