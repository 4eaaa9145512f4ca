"""Who holds an alert: a person's key, a place, or what is watched over; and the Kafka key it lies under.

An alert about a place is held by `place:<site>`, one about a feed, a match or a parked record by
`watch:<partner>`, `watch:<person key>` or `watch:<person key>|<other key>`. What people say of it lies where
its holder's facts lie: keyed by the site, the partner or the person (docs/adr/0013).
"""
from __future__ import annotations

import re
from typing import Final

PLACE: Final = "place:"
WATCH: Final = "watch:"
_PERSON: Final = re.compile(r"p[0-9]+:")


def record_key(holder: str) -> str:
    """The Kafka key of whatever is said to a holder."""
    if holder.startswith(PLACE):
        return holder.removeprefix(PLACE)
    if holder.startswith(WATCH):
        return subject_key(holder.removeprefix(WATCH))
    return holder


def subject_key(subject: str) -> str:
    """The Kafka key that what is watched over lies under: a pair of records lies with its first."""
    return subject.partition("|")[0]


def of_person(holder: str) -> bool:
    """Whether a holder is a person's key."""
    return not holder.startswith((PLACE, WATCH))


def person_of(holder: str) -> str | None:
    """The person an alert is about, None where it is about nobody."""
    if of_person(holder):
        return holder
    key = record_key(holder)
    return key if holder.startswith(WATCH) and _PERSON.match(key) else None
