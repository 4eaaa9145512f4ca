"""The archive as write-ahead log (hop 2): messages in, sealed RawKept records on the partner's raw topic,
acknowledged.

`SealedThrough` is the contiguous mark behind which every kept message has its events on their topics; it is
saved after, never
waited for, and at start what lies after it is sealed again (design.md §7).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from connectors.envelope import KeyLost, RawKeys, seal_raw, unseal_raw
from connectors.message import RawMessage
from connectors.ports import Acked, Marks, Placed, Producer, Reader, Record
from runtime.errors import Misconfigured, Transient
from runtime.logging import get_logger
from schemas.catalogue import raw_topic
from schemas.codec import decode, encode
from schemas.errors import ContractViolation

log = get_logger("connectors.archive")

_UNKNOWN = Placed(-1, -1)


class Kept(NamedTuple):
    """A message read back from the archive; `message` is None where the key that sealed it is gone."""

    placed: Placed
    sha256: str
    message: RawMessage | None
    key_id: str


class Archive:
    """The raw topic of one partner."""

    def __init__(self, partner: str, keys: RawKeys, producer: Producer, reader: Reader) -> None:
        self.partner = partner
        self.topic = raw_topic(partner)
        self._keys = keys
        self._producer = producer
        self._reader = reader

    async def keep(self, raws: Sequence[RawMessage]) -> list[Placed | Exception]:
        """Seal and write messages together; returns when the broker has them, with where each stands or
        why it does not: Transient (KeyLost included) or ContractViolation. Then nothing may be answered yes.
        """
        ends: list[Placed | Exception] = []
        records: list[Record] = []
        for raw in raws:
            try:
                records.append(
                    (self.topic, raw.sha256, encode("RawKept.v1", seal_raw(raw, self._keys)), ())
                )
                ends.append(_UNKNOWN)
            except (Transient, ContractViolation) as exc:
                ends.append(exc)
        acked = iter(await self._producer.publish_all(records))
        return [_placed(next(acked)) if end is _UNKNOWN else end for end in ends]

    async def read(self, start: Mapping[int, int] | None = None, since: int = 0) -> AsyncIterator[Kept]:
        """The kept messages to the end: those after `start` (by partition), and before it those
        received from `since` on.
        """
        async for stored in self._reader.to_end(self.topic):
            if stored.value is None:
                continue
            _, record = decode(stored.value)
            if record["received_at"] < since and stored.offset < (start or {}).get(stored.partition, 0):
                continue
            try:
                message = unseal_raw(record, self._keys)
            except KeyLost:
                message = None
            yield Kept(Placed(stored.partition, stored.offset), record["sha256"], message, record["key_id"])

    async def open_raw(self, placed: Placed, reason: str, by: str) -> RawMessage:
        """Break-glass read of one message: who and why are asked for and logged (IG-12). Raises
        Misconfigured when it is not there.
        """
        if not reason.strip() or not by.strip():
            raise Misconfigured("the raw archive opens for a reason and a name only")
        async for kept in self.read():
            if kept.placed == placed:
                log.warning("archive.opened", partner=self.partner, sha256=kept.sha256, reason=reason, by=by)
                if kept.message is None:
                    raise KeyLost(f"raw archive: master key of {kept.key_id} is missing")
                return kept.message
        raise Misconfigured(
            f"raw archive: nothing kept at partition {placed.partition} offset {placed.offset} (retention?)"
        )


def _placed(acked: Acked | Exception) -> Placed | Exception:
    return acked if isinstance(acked, Exception) else Placed(acked.partition, acked.offset)


class SealedThrough:
    """The contiguous mark of one raw topic, pure but for `save`: `settled` moves it over what is done
    without a gap.
    """

    def __init__(self, marks: Mapping[int, int] | None = None) -> None:
        self._marks = dict(marks or {})
        self._ahead: dict[int, set[int]] = {}
        self._saved: dict[int, int] = dict(self._marks)

    @property
    def marks(self) -> dict[int, int]:
        """Next offset not yet sealed, by partition."""
        return dict(self._marks)

    def settled(self, placed: Placed) -> None:
        """The events of this record are on their topics."""
        ahead = self._ahead.setdefault(placed.partition, set())
        mark = self._marks.setdefault(placed.partition, 0)
        if placed.offset >= mark:
            ahead.add(placed.offset)
        while mark in ahead:
            ahead.discard(mark)
            mark += 1
        self._marks[placed.partition] = mark

    def idle(self) -> None:
        """Nothing is under way and nothing is owed: what was written without our hearing of it was
        written again since, so gaps close.
        """
        for partition, ahead in self._ahead.items():
            if ahead:
                self._marks[partition] = max(ahead) + 1
                ahead.clear()

    async def save(self, store: Marks, group: str, topic: str) -> None:
        """Save what moved since the last time."""
        moved = {
            partition: mark for partition, mark in self._marks.items() if self._saved.get(partition) != mark
        }
        if moved:
            await store.save(group, topic, moved)
            self._saved |= moved
