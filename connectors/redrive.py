"""The operators' desk over the quarantine: a redrive with everything it needs, in a process of its own.

The pipeline of a redrive is warmed with what the archive held before the message, so that a file is held
against the files before it and an id that was used before is flagged, as they would have been live.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connectors.archive import Archive
from connectors.envelope import RawKeys
from connectors.outcome import outcome_of
from connectors.pipeline import Pipeline
from connectors.ports import Placed, Producer, Reader
from connectors.publisher import Publisher
from connectors.quarantine import Quarantine, Refused
from connectors.reseal import arrival
from runtime.place import Place
from runtime.pseudonym import KeyRing
from schemas.reasons import Reason


class Desk:
    """What `homeward quarantine` works on."""

    def __init__(self, place: Place, keys: KeyRing, producer: Producer, reader: Reader) -> None:
        self._place = place
        self._keys = keys
        self._producer = producer
        self._reader = reader
        self.quarantine = Quarantine(reader, producer)

    async def redrive(self, quarantine_id: str, reason: str, by: str) -> dict[str, Any]:
        """Take one message again; says how it ended now. A shrunken file is let through: that is what a human
        decides here.
        """
        refused = await self.quarantine.show(quarantine_id)
        archive = Archive(refused.partner, RawKeys.of_ring(self._keys), self._producer, self._reader)
        let_through = (refused.sha256,) if refused.reason == Reason.FILE_SHRUNKEN else ()
        pipeline = await self._warmed(archive, refused, let_through)
        outcome = await self.quarantine.redrive(
            refused.quarantine_id, archive, pipeline, Publisher(self._producer), reason, by
        )
        return {
            "quarantine_id": refused.quarantine_id,
            "partner": refused.partner,
            "outcome": outcome.kind,
            "cause": outcome.cause,
            "events": len(outcome.events),
            "reasons": sorted({str(refusal.reason) for refusal in outcome.refusals}),
        }

    async def _warmed(self, archive: Archive, refused: Refused, let_through: Collection[str]) -> Pipeline:
        pipeline = Pipeline(self._place, refused.partner, self._keys, accepted_files=let_through)
        place = Placed(refused.partition, refused.offset)
        before = [
            kept
            async for kept in archive.read()
            if kept.message and kept.message.received_at <= refused.received_at and kept.placed != place
        ]
        for kept in sorted(before, key=arrival):
            if kept.message and kept.sha256 != refused.sha256:
                outcome_of(pipeline, kept.message)
        return pipeline
