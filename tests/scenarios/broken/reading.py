"""Mutants of the connectors: what is read wrongly, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors import file_history, times
from connectors.partners.hl7_adt import reading, visits
from connectors.partners.hl7_adt import translate as hl7
from connectors.partners.voluntary_webhook import translate as voluntary_webhook
from connectors.pipeline import Pipeline
from runtime import freshness
from tests.scenarios.broken.registry import MUTANTS, Patch, mutant


def _ignored(trigger: str) -> None:
    """A trigger that says nothing of its own."""
    MUTANTS[f"{trigger} ignored"] = lambda patch: patch.delitem(visits.FACTS, trigger)


for _trigger in (
    "A06", "A07", "A11", "A12", "A13", "A14", "A15", "A21", "A23", "A25", "A26", "A27", "A38", "A52", "A53",
):  # fmt: skip
    _ignored(_trigger)


@mutant("EVN-2 for EVN-6")
def written_for_happened(patch: Patch) -> None:
    real = hl7.context_of

    def context_of(message: Any, dialect: Any, trigger: str) -> Any:
        return real(message, dialect.model_copy(update={"event_time": dialect.recorded_time}), trigger)

    patch.setattr(hl7, "context_of", context_of)


@mutant("absent = delete")
def absent_deletes(patch: Patch) -> None:
    _reads(patch, lambda value: None if value is reading.ABSENT else value)


@mutant("deleted = absent")
def deleted_is_absent(patch: Patch) -> None:
    _reads(patch, lambda value: reading.ABSENT if value is None else value)


def _reads(patch: Patch, instead: Callable[[Any], Any]) -> None:
    real = reading.Segment.value
    patch.setattr(reading.Segment, "value", lambda self, *where: instead(real(self, *where)))


@mutant("daylight saving off")
def no_daylight_saving(patch: Patch) -> None:
    patch.setattr(times, "zone", lambda name: times.UTC)
    patch.setattr(times, "moment", times.moment.__wrapped__)


@mutant("test traffic accepted")
def test_traffic(patch: Patch) -> None:
    real = hl7._trigger

    def trigger(message: Any, dialect: Any) -> str:
        return real(message, dialect.model_copy(update={"processing_id": message.header.text(11)}))

    patch.setattr(hl7, "_trigger", trigger)


@mutant("refused consent read as given")
def consent_ignored(patch: Patch) -> None:
    real = voluntary_webhook.read_body
    patch.setattr(
        voluntary_webhook, "read_body", lambda *said: real(*said).model_copy(update={"consent": "given"})
    )


@mutant("a vanished row says nothing")
def vanished_says_nothing(patch: Patch) -> None:
    real = file_history._tokens
    patch.setattr(file_history, "_tokens", lambda past, now: real(past, now) - {file_history.GONE})


@mutant("a late file is held against one neighbour")
def one_neighbour(patch: Patch) -> None:
    patch.setattr(file_history, "_said_again", lambda *_: iter(()))


@mutant("silence off")
def silence_off(patch: Patch) -> None:
    patch.setattr(freshness, "is_stale", lambda *_: False)


@mutant("only the later user of an id is flagged")
def first_unflagged(patch: Patch) -> None:
    patch.setattr(Pipeline, "_flagged", lambda *_: ())
