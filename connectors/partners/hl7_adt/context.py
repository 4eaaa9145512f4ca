"""What every draft of one ADT message shares: when it happened, when it was written down, and the doubts
about both.

In: a read message and its dialect. Out: a `Context`. Never takes the time of arrival for the time of
anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from connectors import times
from connectors.message import Draft, Refusal, Subject
from connectors.partners.hl7_adt import movements
from connectors.partners.hl7_adt.reading import ABSENT, Message, Segment
from runtime.place import Partner
from schemas.reasons import Reason

PERSON = "person"


@lru_cache(maxsize=64)
def _place(where: str) -> tuple[str, int, int]:
    """`PV1-44` or `PV1-19.4` as (segment, field, component)."""
    segment, _, field = where.partition("-")
    number, _, component = field.partition(".")
    return segment, int(number), int(component or 1)


def at(message: Message, where: str) -> str:
    """Text of the field a dialect names, "" where absent or deleted."""
    name, number, component = _place(where)
    segment = message.header if name == "MSH" else message.first(name)
    return segment.text(number, component) if segment else ""


def needed(message: Message, name: str) -> Segment:
    """The first segment of a name. Raises Refusal FIELD_MISSING."""
    segment = message.first(name)
    if segment is None:
        raise Refusal(Reason.FIELD_MISSING, name)
    return segment


@dataclass(frozen=True, slots=True)
class Context:
    """Shared by all drafts of a message. `flags` are the doubts about its times and its text."""

    message: Message
    dialect: Partner
    trigger: str
    occurred_at: int
    recorded_at: int
    sequence: int
    flags: tuple[str, ...]
    part: str = ""
    """Which of several persons of one message this is about; empty for the first."""

    def draft(
        self,
        kind: str,
        natural_key: str,
        subject: Subject,
        fields: Mapping[str, Any],
        *,
        thing: str = PERSON,
        instance: str = "",
        flags: Iterable[str] = (),
        other: Subject | None = None,
    ) -> Draft:
        """A draft with the times of the message; flags are kept once each, in a fixed order."""
        return Draft(
            kind=kind,
            natural_key=natural_key + self.part,
            subject=subject,
            thing=thing,
            occurred_at=self.occurred_at,
            recorded_at=self.recorded_at,
            sequence=self.sequence,
            instance=instance,
            flags=tuple(sorted({*self.flags, *flags})),
            fields=fields,
            other=other,
        )

    def moment(self, segment: Segment | None, number: int) -> tuple[Any, tuple[str, ...]]:
        """A time field, three-state, as µs UTC; one that cannot be read counts as not said and is flagged
        BAD_DATE.
        """
        value = segment.value(number) if segment else ABSENT
        if not isinstance(value, str):
            return value, ()
        read = times.moment(value, self.dialect.time_zone)
        if read is None:
            return ABSENT, (Reason.BAD_DATE.value,)
        return read.us, tuple(flag for flag in read.flags if flag != times.IMPRECISE)


def _time(message: Message, order: tuple[str, ...], zone: str) -> times.Moment:
    """The first of the fields a dialect names that is there. Raises Refusal FIELD_MISSING or BAD_DATE."""
    for where in order:
        if text := at(message, where):
            return times.required(text, where, zone)
    raise Refusal(Reason.FIELD_MISSING, order[0])


def context_of(message: Message, dialect: Partner, trigger: str) -> Context:
    """Read the times of a message in the dialect's order (design.md §3 "Three times"); MSH-13 is the
    sequence. A corrected movement happened when it says it began (ZBE-2), not when it was corrected.
    """
    corrected = ("ZBE-2",) if at(message, "ZBE-4") == movements.UPDATE else ()
    occurred = _time(message, (*corrected, *dialect.event_time), dialect.time_zone)
    recorded = _time(message, dialect.recorded_time, dialect.time_zone)
    number = message.header.text(13)
    sequence = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else -1
    flags = (*message.flags, *occurred.flags, *(f for f in recorded.flags if f != times.IMPRECISE))
    return Context(message, dialect, trigger, occurred.us, recorded.us, sequence, flags)
