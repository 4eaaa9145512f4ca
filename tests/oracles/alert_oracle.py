"""What alerts are, from the text of design.md §6 Time alone: quadratic, nothing kept from step to step.

"The history of an alert is a deterministic sweep of the facts in (received_at, ce_id) order that fires every
due time before the next fact; a transition that a later fact makes untrue is published withdrawn; a deadline
passed while everything was down is raised once, with its true due time." Facts received at one moment are one
message's, and are one step.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.fact import Fact
from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.facts.select import as_of
from streams.core.reduce import reduce_person

Said = tuple[str, str, str, int, int, str]
"""(Rule, thing, opening, raised_at, due_at, state)."""


def alerts(facts: Sequence[Fact], rules: Sequence[Rule], config: CoreConfig, now: int) -> set[Said]:
    """Every alert there was until `now`, however it stands."""
    moments = sorted({fact.received_at for fact in facts})
    said: dict[tuple[str, str, str], tuple[int, int, str]] = {}
    for number, moment in enumerate(moments):
        following = moments[number + 1] if number + 1 < len(moments) else None
        picture = reduce_person(as_of(facts, moment), config)
        held = {
            (rule.name, span.thing, span.opening): span
            for rule in rules for span in rule.spans(picture, config)
        }
        for name, (raised, due, state) in said.items():
            said[name] = (raised, *judged(due, state, held.get(name), moment))
        for name, span in held.items():
            last = now if following is None else following - 1
            if span.until is None and span.due_at <= last and said.get(name, (0, 0, ""))[2] != "open":
                said[name] = (max(moment, span.due_at), span.due_at, "open")
    return {(*name, *how) for name, how in said.items()}


def judged(due: int, state: str, span: Span | None, moment: int) -> tuple[int, str]:
    """What was raised, held against what is known at a moment."""
    if span is None:
        return due, "withdrawn"
    if span.until is not None:
        was_late = span.until > span.due_at and state != "withdrawn"
        return (span.due_at, "resolved") if was_late else (
            due if span.until <= span.due_at else span.due_at, "withdrawn"
        )
    if state != "open":
        return due, state
    return (due, "withdrawn") if span.due_at >= moment else (span.due_at, "open")
