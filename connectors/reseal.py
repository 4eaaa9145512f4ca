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
from connectors.publisher import Publisher
from runtime.errors import Misconfigured
from runtime.logging import get_logger

log = get_logger("connectors.reseal")

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
    through = await marks.load(SEALED_GROUP, archive.topic)
    ends: dict[int, int] = {}
    digests: dict[str, Placed] = {}
    sealed = warmed = 0
    tail = [kept async for kept in archive.read(through, since)]
    for kept in sorted(tail, key=arrival):
        ends[kept.placed.partition] = max(ends.get(kept.placed.partition, 0), kept.placed.offset + 1)
        after = kept.placed.offset >= through.get(kept.placed.partition, 0)
        if kept.message is None:
            if after:
                raise Misconfigured(
                    f"partner {archive.partner}: unsealed messages need raw key {kept.key_id}: it is missing"
                )
            continue
        digests[kept.sha256] = kept.placed
        seen(kept.message)
        outcome = outcome_of(pipeline, kept.message)
        warmed += 1
        if after:
            sealed += 1
            await publisher.settle(kept.message, kept.placed, archive.topic, outcome)
    log.info("archive.resealed", partner=archive.partner, warmed=warmed, sealed=sealed)
    fresh = SealedThrough(through | ends)
    await marks.save(SEALED_GROUP, archive.topic, ends)
    return fresh, digests


def arrival(kept: Kept) -> tuple[int, Placed]:
    """The order in which messages were received."""
    return (kept.message.received_at if kept.message else 0, kept.placed)
