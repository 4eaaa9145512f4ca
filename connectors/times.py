"""Dates and times of partners to UTC microseconds: HL7 (`201010211735`), ISO 8601 and UK (`21/10/2010
17:35`).

In: text and the partner's zone. Out: a `Moment`, its precision and doubts kept. A text without a zone is
local time of the partner: the repeated hour of October takes the earlier instant and is flagged, the missing
hour of March is flagged too (design.md §3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.message import Refusal
from schemas.reasons import Reason

Precision = Literal["year", "month", "day", "hour", "minute", "second"]

AMBIGUOUS = "ambiguous"
"""The local time happened twice; the earlier instant was taken."""
NONEXISTENT = "nonexistent"
"""The local time never happened; read as if the clock had not been put forward."""
IMPRECISE = "imprecise"
"""The source gave less than the hour; the start of the day, month or year was taken."""

_HL7 = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)"
    r"(?:(?:\.|(?=\d{3}(?!\d)))(\d{1,6})\d*)?)?)?)?)?)?([+-]\d{4})?",
    re.ASCII,
)
"""HL7 v2 DTM; some engines write the milliseconds without their dot."""
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_UK = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII)
_PRECISIONS: tuple[Precision, ...] = ("year", "month", "day", "hour", "minute", "second")
_COARSE = frozenset({"year", "month", "day"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_MIN = 1870
"""Nobody alive is older; `1013` for `2013` is a typing error, not a person."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as µs UTC, how precisely it was said, and the doubts about it."""

    us: int
    precision: Precision
    flags: tuple[str, ...] = ()


@lru_cache(maxsize=32)
def zone(name: str) -> ZoneInfo:
    """The zone of a dialect's `time_zone`."""
    return ZoneInfo(name)


def _fields(text: str) -> tuple[list[str | None], str | None] | None:
    """Year … fraction and the offset, by whichever shape the text has."""
    if match := _HL7.fullmatch(text) or _ISO.fullmatch(text):
        *parts, offset = match.groups()
        return parts, offset
    if match := _UK.fullmatch(text):
        day, month, year, *rest = match.groups()
        return [year, month, day, *rest, None], None
    return None


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _doubts(local: datetime) -> tuple[str, ...]:
    """Why a local time is not one instant: the two folds differ."""
    other = local.replace(fold=1)
    if local.utcoffset() == other.utcoffset():
        return ()
    there_and_back = local.astimezone(UTC).astimezone(local.tzinfo)
    return (
        (AMBIGUOUS,) if there_and_back.replace(tzinfo=None) == local.replace(tzinfo=None) else (NONEXISTENT,)
    )


def microseconds(at: datetime) -> int:
    """µs since the epoch of a time with a zone, exactly (no float)."""
    return (at - _EPOCH) // timedelta(microseconds=1)


@lru_cache(maxsize=4096)
def moment(text: str, zone_name: str = "Europe/London") -> Moment | None:
    """Read a time; None where it cannot be read or does not exist (month 13, 30 February, hour 25)."""
    found = _fields(text.strip())
    if found is None:
        return None
    parts, offset = found
    numbers = [int(part) for part in parts[:6] if part is not None]
    micros = int((parts[6] or "0").ljust(6, "0"))
    year, month, day, hour, minute, second = [*numbers, *(1, 1, 1, 0, 0, 0)[len(numbers) :]]
    try:
        local = _offset(offset) if offset else zone(zone_name)
        at = datetime(year, month, day, hour, minute, second, micros, tzinfo=local)
        us = microseconds(at)
    except (ValueError, OverflowError):
        return None
    precision = _PRECISIONS[len(numbers) - 1]
    coarse = (IMPRECISE,) if precision in _COARSE else ()
    return Moment(us, precision, coarse if offset else coarse + _doubts(at))


def required(text: str, where: str, zone_name: str = "Europe/London") -> Moment:
    """As `moment`, but what cannot be read is refused as BAD_DATE at `where`."""
    read = moment(text, zone_name)
    if read is None:
        raise Refusal(Reason.BAD_DATE, where)
    return read


@lru_cache(maxsize=4096)
def birth_date(text: str) -> str | None:
    """Read a date of birth as `YYYY-MM-DD`; a date is a date, so a time or a zone behind it is dropped, never
    converted.

    None where there is no such day: the caller drops the date and flags BAD_DATE_OF_BIRTH; it never refuses
    the message for it.
    """
    found = _fields(text.strip())
    if found is None or found[0][2] is None:
        return None
    year, month, day = (int(part or 0) for part in found[0][:3])
    try:
        return date(year, month, day).isoformat() if year >= _YEAR_MIN else None
    except ValueError:
        return None
