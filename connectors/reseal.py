"""Starting up from the archive: what was kept but not sealed is sealed now, and the pipeline's memory is
warmed on the way.

In: the raw tail and the saved mark. Out: events of what lies after the mark, an intake that knows what it
has seen. Nothing is
taken from the partner before this is done: recovery must finish before live consumption (lessons.md §4.3).
"""

from __future__ import annotations

from collections.abc import Callable

from connectors.archive import Archive, Kept, SealedThrough
from connectors.message import RawMessage
from connectors.outcome import Process, outcome_of
from connectors.ports import Marks, Placed
from connectors.publisher import Became, Publisher
from runtime.errors import Misconfigured
from runtime.logging import get_logger

log = get_logger("connectors.reseal")

_AT_ONCE = 100
Seen = Callable[[RawMessage], None]


SEALED_GROUP = "homeward-sealed"
"""The consumer group whose committed offsets are the partners' `sealed_through` marks."""


async def reseal(
    pipeline: Process,
    archive: Archive,
    publisher: Publisher,
    marks: Marks,
    since: int = 0,
    seen: Seen = lambda _raw: None,
) -> tuple[SealedThrough, dict[str, Placed]]:
    """Process what was received from `since` on; publish what lies after the mark. Gives the new mark
    and the digests seen.

    Raises Misconfigured when a message after the mark cannot be opened: it was never answered for, and
    must not be skipped.
    """
    ends = await marks.load(SEALED_GROUP, archive.topic)
    through = dict(ends)
    standing: dict[str, Placed] = {}
    unsealed: list[Became] = []
    tail = [kept async for kept in archive.read(through, since)]
    for kept in sorted(tail, key=arrival):
        partition, offset = kept.placed
        ends[partition] = max(ends.get(partition, 0), offset + 1)
        after = offset >= through.get(partition, 0)
        if kept.message is not None:
            standing[kept.sha256] = kept.placed
            seen(kept.message)
            outcome = outcome_of(pipeline, kept.message)
            if after:
                unsealed.append(Became(kept.message, kept.placed, outcome))
        elif after:
            lost = f"unsealed messages need raw key {kept.key_id}: it is missing"
            raise Misconfigured(f"partner {archive.partner}: {lost}")
    for start in range(0, len(unsealed), _AT_ONCE):
        failures = await publisher.settle(unsealed[start : start + _AT_ONCE], archive.topic)
        for failure in filter(None, failures):
            raise failure
    log.info("archive.resealed", partner=archive.partner, warmed=len(standing), sealed=len(unsealed))
    await marks.save(SEALED_GROUP, archive.topic, ends)
    return SealedThrough(ends), standing


def arrival(kept: Kept) -> tuple[int, Placed]:
    """The order in which messages were received."""
    return (kept.message.received_at if kept.message else 0, kept.placed)
