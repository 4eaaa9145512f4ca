"""Records about our own doing: notices, feed health, the view, the quarantine and the raw archive."""
from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.events_base import Event, FeedEvent, Int, Long, PersonEvent, Texts

PersonStatus = Literal["alive", "moving", "merged", "parked", "UNKNOWN"]


class NoticeEvent(PersonEvent):
    """What every notice event carries: who is told which fact about which spell."""

    recipient: str | None = None
    fact: str | None = None
    about: str | None = None
    fact_id: str | None = None
    retracts: str | None = None
    how: str | None = None
    told_by: str | None = None


class NoticeSent(NoticeEvent):
    """A recipient was sent a notice."""


class NoticeAcknowledged(NoticeEvent):
    """The recipient acknowledged the notice."""


class NoticeFailed(NoticeEvent):
    """The notice could not be delivered."""


class NoticeToldByPhone(NoticeEvent):
    """The recipient was told by phone."""


class NoticeOwed(NoticeEvent):
    """The fold owes a recipient this notice: a function of the state, sent by the notice sender."""

    title: str | None = None


class FeedHeard(FeedEvent):
    """A partner's feed was heard."""


class FeedSilent(FeedEvent):
    """A partner's feed is silent beyond its threshold."""

    silence_minutes: float | None = None


class FeedRecovered(FeedEvent):
    """A silent feed was heard again."""


class TransferView(Event):
    """One person's live view: the JSON lines of the public interface."""

    person_key: str
    status: PersonStatus = "UNKNOWN"
    merged_into: str | None = None
    received_through: Long = 0
    version: str = ""
    lines: Texts = ()


class ViewProgress(Event):
    """How far one partition of the views is whole (design.md §6 Completeness)."""

    partition: Int
    partitions: Int
    complete_to: Long
    written_at: Long
    forwarded: bool = False


class MeasureSource(Event):
    """A partner whose facts a measure is made of, and when the newest of them was received."""

    source: str
    heard_at: Long | None = None


class MeasureView(Event):
    """One measure of a place as it is now; unknown is None, never zero (design.md §6 Aggregates)."""

    measure: str
    subject: str
    until_at: Long | None = None
    as_at: Long | None = None
    known_at: Long | None = None
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    complete: bool = True
    missing: Texts = ()
    sources: Annotated[tuple[MeasureSource, ...], Field(strict=False)] = ()
    line: str = ""


class Quarantined(Event):
    """A message or row that was refused: where it is and why; never its content."""

    quarantine_id: str
    partner: str
    sha256: str = ""
    message_id: str = ""
    reason: str
    where: str = ""
    received_at: Long
    stage: str = ""
    topic: str = ""
    partition: Int = -1
    offset: Long = -1


class RawKept(Event):
    """IDENTIFIABLE, sealed. One partner message as it came, encrypted: the connectors' write-ahead log."""

    partner: str
    sha256: str
    received_at: Long
    name: str = ""
    content_type: str = ""
    index: Int = 0
    message_id: str = ""
    key_id: str = ""
    nonce: bytes
    sealed: bytes
