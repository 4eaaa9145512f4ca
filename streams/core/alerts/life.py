"""The life of one alert: what its condition did, what people said of it and what the clock says, as one
transition function (ecosystem B1; the diagram is in docs/alerts.md).

In: the history of the condition, the words about the alert, the terms of its desk, a moment. Out: how it
stands, and every step on the way there. A word is a fact as any other, so the life is a function of the facts
and the moment. A word about what has ended changes nothing: who acknowledges while it resolves reopens
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

from streams.core.alerts.desk_hours import after_hours
from streams.core.alerts.desks import DeskTerms

State = Literal["open", "acknowledged", "snoozed", "escalated", "resolved", "withdrawn"]
Condition = Literal["open", "resolved", "withdrawn"]
Name = Literal[
    "raised", "acknowledged", "snoozed", "escalated", "resolved", "reopened", "withdrawn", "expired"
]

ACTIVE: Final = frozenset({"open", "acknowledged", "snoozed", "escalated"})
"""States in which somebody may still have to act."""
HOLDS_AGAIN, SNOOZE_ENDED, ACKNOWLEDGEMENT_ENDED = "holds_again", "snooze_ended", "acknowledgement_ended"
DIAGRAM: Final = frozenset({
    ("", "raised", "open"), ("resolved", "reopened", "open"), ("withdrawn", "reopened", "open"),
    *((state, "acknowledged", "acknowledged") for state in ACTIVE),
    *((state, "snoozed", "snoozed") for state in ACTIVE),
    ("acknowledged", "reopened", "open"), ("snoozed", "reopened", "open"), ("open", "escalated", "escalated"),
    *((state, "resolved", "resolved") for state in ACTIVE),
    *((state, "withdrawn", "withdrawn") for state in (*ACTIVE, "resolved")),
})  # fmt: skip
"""(State before, step, state after): every step there is."""


class Word(NamedTuple):
    """What somebody said of an alert, and when we got it."""

    at: int
    verb: str
    actor: str | None = None
    reason: str | None = None
    until_at: int | None = None


class Step(NamedTuple):
    """One transition: its name, and why where that is not the condition's own."""

    at: int
    name: Name
    actor: str | None = None
    reason: str | None = None
    until_at: int | None = None


class Life(NamedTuple):
    """How an alert stands. `holds`: whether its condition still does, whatever was said of it."""

    state: State
    changed_at: int
    actor: str | None = None
    reason: str | None = None
    until_at: int | None = None
    escalated_at: int | None = None
    times: int = 1
    holds: bool = True

    @property
    def active(self) -> bool:
        """Whether somebody may still have to act."""
        return self.state in ACTIVE


Event = Word | tuple[int, Condition]
Moved = tuple[Life | None, Step | None]
"""How it stands after an event, and the step it was, if any."""


def lived(
    history: Sequence[tuple[int, Condition]], words: Iterable[Word], terms: DeskTerms, now: int
) -> tuple[Life, list[Step]]:
    """Live through everything until `now` (inclusive). The history is not empty and in order; what happens
    at one moment as the condition does, comes after it, and the clock after both.
    """
    events: list[Event] = sorted([*history, *(word for word in words if word.at <= now)], key=_when)
    life: Life | None = None
    steps: list[Step] = []
    for event in events:
        life = _timed(life, steps, terms, event[0])
        life, step = advance(life, event, terms)
        if step is not None:
            steps.append(step)
    life = _timed(life, steps, terms, now + 1)
    assert life is not None
    return life, steps


def _when(event: Event) -> tuple[int, bool]:
    return (event[0], isinstance(event, Word))


def _timed(life: Life | None, steps: list[Step], terms: DeskTerms, before: int) -> Life | None:
    """Let the clock run until a moment, which is not included."""
    while life is not None and (due := next_due(life, terms)) is not None and due < before:
        life, step = _clock(life, due)
        steps.append(step)
    return life


def next_due(life: Life, terms: DeskTerms) -> int | None:
    """When the clock alone changes how it stands."""
    match life.state:
        case "open" if terms.escalate_us is not None:
            return after_hours(life.changed_at, terms.escalate_us, terms.hours)
        case "acknowledged" | "snoozed":
            return life.until_at
    return None


def _clock(life: Life, at: int) -> tuple[Life, Step]:
    if life.state == "open":
        return life._replace(state="escalated", changed_at=at, escalated_at=at), Step(at, "escalated")
    reason = SNOOZE_ENDED if life.state == "snoozed" else ACKNOWLEDGEMENT_ENDED
    return _reopened(life, Step(at, "reopened", None, reason))


def advance(life: Life | None, event: Event, terms: DeskTerms) -> Moved:
    """Take one event of the condition, or one word. Where nothing changes there is no step."""
    if isinstance(event, Word):
        return _word(life, event, terms) if life is not None else (None, None)
    at, condition = event
    if life is None:
        return Life("open", at), Step(at, "raised")
    if condition == "open":
        again = life._replace(times=life.times + 1, holds=True)
        return _reopened(again, Step(at, "reopened", None, HOLDS_AGAIN))
    ended = life._replace(holds=False)
    if life.state == condition:
        return ended, None
    after = ended._replace(
        state=condition, changed_at=at, actor=None, reason=None, until_at=None, escalated_at=None
    )
    return after, Step(at, condition)


def _reopened(life: Life, step: Step) -> tuple[Life, Step]:
    after = life._replace(
        state="open", changed_at=step.at, actor=step.actor, reason=step.reason, until_at=None,
        escalated_at=None,
    )  # fmt: skip
    return after, step


def _word(life: Life, word: Word, terms: DeskTerms) -> Moved:
    if not life.active:
        if word.verb == "reopen" and life.state == "resolved" and life.holds:
            return _reopened(life, Step(word.at, "reopened", word.actor, word.reason))
        return life, None
    match word.verb:
        case "acknowledge" | "told_by_phone":
            until = word.until_at
            if until is None and terms.acknowledged_us is not None:
                until = word.at + terms.acknowledged_us
            return _held(life, "acknowledged", word, until)
        case "snooze":
            return _held(life, "snoozed", word, word.until_at) if word.until_at is not None else (life, None)
        case "unacknowledge" if life.state in ("acknowledged", "snoozed"):
            return _reopened(life, Step(word.at, "reopened", word.actor, word.reason))
        case "resolve":
            return _held(life, "resolved", word, None)
    return life, None


def _held(
    life: Life, state: Literal["acknowledged", "snoozed", "resolved"], word: Word, until: int | None
) -> Moved:
    """Somebody holds it, or says it is over; said again by the same for the same reason it is no news."""
    if until is not None and until <= word.at:
        return life, None
    reason = word.reason or (word.verb if word.verb == "told_by_phone" else None)
    if (life.state, life.actor, life.reason, life.until_at) == (state, word.actor, reason, until):
        return life, None
    after = life._replace(
        state=state, changed_at=word.at, actor=word.actor, reason=reason, until_at=until, escalated_at=None
    )
    return after, Step(word.at, state, word.actor, reason, until)
