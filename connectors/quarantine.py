"""The quarantine: what was refused, where and why, and what an operator can do about it.

In: the quarantine topic. Out: open refusals (never the value that offended), and their two ends: *redriven*
(the raw bytes were read
again under a reason and are taken now) and *discarded*. An end is a tombstone under the quarantine id, with
how and by whom in its headers; why is in the log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from connectors.archive import Archive
from connectors.message import RawMessage
from connectors.outcome import Outcome, Process, outcome_of
from connectors.ports import Placed, Producer, Reader, Stored
from connectors.publisher import Became, Publisher
from runtime.errors import Misconfigured
from runtime.logging import get_logger
from schemas.catalogue import QUARANTINE
from schemas.codec import decode
from schemas.reasons import Reason

log = get_logger("connectors.quarantine")

REDRIVEN, DISCARDED = "redriven", "discarded"


@dataclass(frozen=True, slots=True)
class Refused:
    """One open refusal, as `homeward quarantine list` shows it."""

    quarantine_id: str
    partner: str
    sha256: str
    message_id: str
    reason: str
    where: str
    received_at: int
    stage: str
    topic: str
    partition: int
    offset: int

    @classmethod
    def of(cls, record: dict[str, Any]) -> Refused:
        """The refusal of a Quarantined record."""
        return cls(**{name: record[name] for name in cls.__slots__})


class Quarantine:
    """The open refusals and their ends."""

    def __init__(self, reader: Reader, producer: Producer) -> None:
        self._reader = reader
        self._producer = producer

    async def open_refusals(self, partner: str = "", reason: str = "") -> list[Refused]:
        """Open refusals, oldest first, narrowed by partner and reason where given."""
        found: dict[str, Refused] = {}
        async for stored in self._reader.to_end(QUARANTINE):
            key = (stored.key or b"").decode()
            if stored.value is None:
                found.pop(key, None)
            else:
                found[key] = Refused.of(decode(stored.value)[1])
        wanted = [
            refused
            for refused in found.values()
            if partner in ("", refused.partner) and reason in ("", refused.reason)
        ]
        return sorted(wanted, key=lambda refused: (refused.received_at, refused.quarantine_id))

    async def let_through(self) -> dict[str, set[str]]:
        """Digests of shrunken files that a human let through, by partner: they count from then on."""
        found: dict[str, set[str]] = {}
        async for partner, sha256 in _let_through(self._reader.to_end(QUARANTINE)):
            found.setdefault(partner, set()).add(sha256)
        return found

    def letting_through(self) -> AsyncIterator[tuple[str, str]]:
        """(partner, digest) of such files, those there are and those to come."""
        return _let_through(self._reader.follow(QUARANTINE))

    async def show(self, quarantine_id: str) -> Refused:
        """One open refusal by its id or an unambiguous beginning of it. Raises Misconfigured when
        there is none.
        """
        found = [
            refused
            for refused in await self.open_refusals()
            if refused.quarantine_id.startswith(quarantine_id)
        ]
        if len(found) != 1:
            raise Misconfigured(f"{len(found)} open refusals begin with {quarantine_id!r}")
        return found[0]

    async def discard(self, quarantine_id: str, reason: str, by: str) -> Refused:
        """Close a refusal without taking the message; who and why are logged."""
        refused = await self.show(quarantine_id)
        await self._close(refused, DISCARDED, reason, by)
        return refused

    async def redrive(
        self,
        quarantine_id: str,
        archive: Archive,
        pipeline: Process,
        publisher: Publisher,
        reason: str,
        by: str,
    ) -> Outcome:
        """Read the raw bytes again and process them as if they came now (`received_at` stays what it was).

        `pipeline` should have been warmed with the raw tail before it. A message that is refused
        again stays open.
        """
        refused = await self.show(quarantine_id)
        placed = Placed(refused.partition, refused.offset)
        raw = await archive.open_raw(placed, f"redrive: {reason}", by)
        outcome = outcome_of(pipeline, raw)
        (failure,) = await publisher.settle([Became(raw, placed, outcome)], archive.topic)
        if failure is not None:
            raise failure
        still = {(str(refusal.reason), refusal.where) for refusal in outcome.refusals}
        for other in await self._of_message(raw, [refused]):
            if (other.reason, other.where) not in still:
                await self._close(other, REDRIVEN, reason, by)
        return outcome

    async def _of_message(self, raw: RawMessage, first: Iterable[Refused]) -> list[Refused]:
        others = [
            refused for refused in await self.open_refusals(raw.partner) if refused.sha256 == raw.sha256
        ]
        return others or list(first)

    async def _close(self, refused: Refused, end: str, reason: str, by: str) -> None:
        if not reason.strip() or not by.strip():
            raise Misconfigured("a refusal is closed for a reason and under a name only")
        log.warning("quarantine.closed", quarantine_id=refused.quarantine_id, end=end, reason=reason, by=by)
        headers = [("end", end.encode()), ("by", by.encode())]
        await self._producer.publish(QUARANTINE, refused.quarantine_id, None, headers)


async def _let_through(records: AsyncIterator[Stored]) -> AsyncIterator[tuple[str, str]]:
    shrunken: dict[bytes | None, tuple[str, str]] = {}
    async for stored in records:
        if stored.value is None:
            if dict(stored.headers).get("end") == REDRIVEN.encode() and stored.key in shrunken:
                yield shrunken.pop(stored.key)
            continue
        record = decode(stored.value)[1]
        if record["reason"] == Reason.FILE_SHRUNKEN:
            shrunken[stored.key] = record["partner"], record["sha256"]
