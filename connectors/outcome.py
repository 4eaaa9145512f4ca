"""What a pipeline says of a message, and what we say for it when our own code fails on one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from connectors.message import RawMessage, Refusal, SealedEvent
from connectors.scope import OUT_OF_SCOPE
from connectors.verdict import Answer, Verdict
from runtime.logging import get_logger
from schemas.reasons import Reason

log = get_logger("connectors.outcome")


class Outcome(Protocol):
    """What a pipeline says of a message: `connectors.pipeline.Outcome`."""

    @property
    def kind(self) -> str: ...
    @property
    def cause(self) -> str: ...
    @property
    def message_id(self) -> str: ...
    @property
    def events(self) -> Sequence[SealedEvent]: ...
    @property
    def refusals(self) -> Sequence[Refusal]: ...
    @property
    def scope_class(self) -> str: ...
    @property
    def units(self) -> Mapping[tuple[Any, str], int]: ...


class Process(Protocol):
    """Scope, duplicates, translation and sealing of one partner: `connectors.pipeline.Pipeline`."""

    def process(self, raw: RawMessage) -> Outcome:
        """Synchronous, no I/O."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The outcome of a message on which our own code failed: kept and quarantined, so that the next is
    not delayed.
    """

    kind: str = "quarantined"
    cause: str = ""
    message_id: str = ""
    events: Sequence[SealedEvent] = ()
    refusals: Sequence[Refusal] = (Refusal(Reason.INVARIANT, "translate"),)
    scope_class: str = ""
    units: Mapping[tuple[Any, str], int] = field(default_factory=lambda: {("quarantined", ""): 1})


def outcome_of(pipeline: Process, raw: RawMessage) -> Outcome:
    """The pipeline's outcome; `Broken` where our own code fails on the message."""
    try:
        return pipeline.process(raw)
    except Exception:  # refused with a reason: one message on which our code fails delays nobody
        log.exception("pipeline.failed", partner=raw.partner, sha256=raw.sha256)
        return Broken()


def verdict_of(outcome: Outcome) -> Verdict:
    """What the sender is told of an outcome."""
    if outcome.kind == "ignored" and outcome.cause == OUT_OF_SCOPE:
        return Verdict(Answer.OUT_OF_SCOPE, cause=OUT_OF_SCOPE)
    if outcome.kind != "quarantined":
        return Verdict(
            Answer.DUPLICATE if outcome.kind == "duplicate" else Answer.ACCEPTED, cause=outcome.cause
        )
    first = outcome.refusals[0] if outcome.refusals else Refusal(Reason.INVARIANT)
    answers = {Reason.WRONG_PROCESSING_ID: Answer.WRONG_PROCESSING_ID, Reason.UNREADABLE: Answer.UNREADABLE}
    partly = any(kind != "quarantined" for kind, _ in outcome.units)
    return Verdict(
        answers.get(Reason(first.reason), Answer.REFUSED), str(first.reason), first.where, partly=partly
    )


def counted(outcome: Outcome) -> list[tuple[str, str, int]]:
    """(outcome, cause, how many) as the metrics count it; the cause of a refusal is its reason."""
    reason = str(outcome.refusals[0].reason) if outcome.refusals else ""
    units = outcome.units.items()
    return [
        (kind, cause or (reason if kind == "quarantined" else ""), number) for (kind, cause), number in units
    ]
