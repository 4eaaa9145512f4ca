"""Why an engine stops. Each of them ends the process: rejoining in place is unsafe (design.md §6), replay
is the recovery.
"""

from __future__ import annotations


class PartitionsLost(Exception):
    """Somebody else owns, or may own, these partitions: the state is dropped and nothing more is sent."""


class Stalled(Exception):
    """Records wait and none is folded: whatever hangs, a new process will not."""


class FoldFailed(Exception):
    """A fold raised: our bug. Nothing of the batch is committed; the cause is chained."""


class RecordTooLarge(Exception):
    """A fold made a record that no batch can hold. Folds park what grows too large long before this."""
