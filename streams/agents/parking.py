"""Law 8 for operations: why persons are parked, said on the log, and when there are too many of them to be
their own fault.

In: what broke, the folds of a worker. Out: log lines of types and places in our code, never a value; a
verdict. A few parked persons are an incident of theirs; many at once are a bad deploy or a wrong
configuration, and the worker says so by being unready until somebody has looked (design.md §4 law 8).
"""
from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from runtime.logging import get_logger

EVERY_S = 10.0
"""At most one line for each type of error in so many seconds."""
MOST_PARKED = 10
"""So many parked persons in one worker, or fewer, are never too many."""
MOST_SHARE = 0.01

log = get_logger("streams.parking")


class Parks(Protocol):
    """What is asked of a fold: who is parked, and how many there are in all."""

    @property
    def parked(self) -> Collection[bytes]: ...

    def size(self) -> int: ...


class Parking:
    """Says why persons, or places, were parked, each type of error at most every `EVERY_S` seconds."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, event: str = "person.parked"
    ) -> None:
        self._event, self._monotonic = event, monotonic
        self._said: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def tell(self, failure: Exception) -> None:
        """Note that a person did not reduce. The line holds the type and the places, never the text."""
        name, now = type(failure).__name__, self._monotonic()
        self._unsaid[name] = self._unsaid.get(name, 0) + 1
        if now - self._said.get(name, -EVERY_S) >= EVERY_S:
            self._said[name] = now
            log.error(self._event, times=self._unsaid.pop(name), exc_info=failure)


def too_many(folds: Iterable[Parks]) -> int:
    """How many persons are parked where that is too many for a worker to be called ready, else 0."""
    parked = persons = 0
    for fold in folds:
        parked += len(fold.parked)
        persons += fold.size()
    return parked if parked > MOST_PARKED and parked > persons * MOST_SHARE else 0
