"""Alerts: what a rule finds due in a picture, and the history of each as a deterministic sweep (design.md §6
Time).

In: one person's facts, the rules, a moment. Out: alerts. The facts are swept in the order in which they were
received, those received at one moment together (they are one message): every due time before the next of
them fires first. So an alert is a function of the set of facts and the moment: who was late is late whenever
it is worked out, and a deadline that passed while everything was down is raised once, with its true due time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

import msgspec

from schemas.fact import Fact
from schemas.ids import alert_id
from streams.core.config import CoreConfig
from streams.core.growing import Growing
from streams.core.lines import encode
from streams.core.moments import utc_text
from streams.core.reduce import Picture

State = Literal["open", "resolved", "withdrawn"]


class Span(NamedTuple):
    """A condition of a rule as the facts have it now: it holds from `since`, is due at `due_at`, and is over
    at `until` (None: it holds). `opening` tells the openings of one thing apart, by a name that survives a
    corrected time.
    """

    thing: str
    opening: str
    since: int
    due_at: int
    until: int | None = None


class Rule(NamedTuple):
    """One rule: who acts on it, and what it finds in a picture. `high` ones are never suppressed (domain 02
    §2.4).
    """

    name: str
    title: str
    who: tuple[str, ...]
    high: bool
    spans: Callable[[Picture, CoreConfig], Iterable[Span]]


class Alert(msgspec.Struct, frozen=True):
    """One alert. `raised_at`: when it was due and could be known; `due_at`: when it truly was due;
    `changed_at` and `state`: its newest transition. A resolved one ended late; a withdrawn one was never so,
    or is no more due: a later fact says it, and it stays listed.
    """

    alert_id: str
    rule: str
    thing: str
    raised_at: int
    due_at: int
    state: State
    changed_at: int


Standing = Mapping[str, tuple[str, Span]]
"""Alert id -> (rule, span)."""


def found(rules: Sequence[Rule], picture: Picture, config: CoreConfig) -> Standing:
    """Every condition the rules find in a picture."""
    return {
        alert_id(rule.name, span.thing, span.opening): (rule.name, span)
        for rule in rules for span in rule.spans(picture, config)
    }


def fired(alerts: dict[str, Alert], standing: Standing, known_at: int, before: int) -> None:
    """Raise what falls due before a moment and still holds; `known_at`: since when that has been known."""
    for ident, (rule, span) in standing.items():
        held = alerts.get(ident)
        if span.until is None and span.due_at < before and (held is None or held.state != "open"):
            raised_at = max(span.due_at, known_at)
            alerts[ident] = Alert(ident, rule, span.thing, raised_at, span.due_at, "open", raised_at)


def reconciled(alerts: dict[str, Alert], standing: Standing, at: int) -> None:
    """Hold what was raised against what is known now."""
    for ident, alert in alerts.items():
        state, due_at = _state(alert, standing.get(ident), at)
        if (state, due_at) != (alert.state, alert.due_at):
            changed_at = alert.changed_at if state == alert.state else at
            alerts[ident] = msgspec.structs.replace(
                alert, state=state, due_at=due_at, changed_at=changed_at
            )


def _state(alert: Alert, standing: tuple[str, Span] | None, at: int) -> tuple[State, int]:
    span = standing and standing[1]
    if span is None or (span.until is not None and span.until <= span.due_at):
        return "withdrawn", alert.due_at
    if span.until is not None:
        # Once withdrawn it stays so: nobody can act any more on what is over.
        return ("withdrawn" if alert.state == "withdrawn" else "resolved"), span.due_at
    if span.due_at >= at and alert.state == "open":
        return "withdrawn", alert.due_at
    return alert.state, span.due_at if alert.state == "open" else alert.due_at


class Sweep:
    """The alerts of one person. Facts may be handed in in any order, any number of times, in any batches: a
    late one makes the sweep begin anew.
    """

    __slots__ = ("_alerts", "_config", "_facts", "_growing", "_rules", "_standing", "_swept_to")

    def __init__(self, rules: Sequence[Rule], config: CoreConfig) -> None:
        self._rules, self._config = rules, config
        self._facts: list[Fact] = []
        self._restart()

    def _restart(self) -> None:
        self._growing, self._swept_to = Growing(), -1
        self._alerts: dict[str, Alert] = {}
        self._standing: Standing = {}

    def take(self, facts: Iterable[Fact]) -> None:
        """Sweep more facts."""
        news = sorted(facts, key=_received)
        if news and news[0].received_at <= self._swept_to:
            news = sorted([*self._facts, *news], key=_received)
            self._facts = []
            self._restart()
        for at, arrived in groupby(news, key=_received):
            self._arrive(at, list(arrived))

    def _arrive(self, at: int, facts: list[Fact]) -> None:
        fired(self._alerts, self._standing, self._swept_to, at)
        self._facts.extend(facts)
        if self._growing.plain(facts):
            self._growing.add(facts)
        else:
            self._growing = Growing(self._facts)
        self._swept_to = at
        try:
            self._standing = found(self._rules, self._growing.picture(self._config), self._config)
        except Exception:  # noqa: BLE001  # parked (law 8): the clocks of what was known run on
            self._growing = Growing(self._facts)
            return
        reconciled(self._alerts, self._standing, at)

    def alerts(self, now: int) -> tuple[Alert, ...]:
        """All there were until `now` (µs, inclusive), by when they were raised. Changes nothing."""
        alerts = dict(self._alerts)
        fired(alerts, self._standing, self._swept_to, now + 1)
        return tuple(sorted(alerts.values(), key=lambda alert: (alert.raised_at, alert.alert_id)))

    def next_due(self, now: int) -> int | None:
        """When something falls due next, if nobody says anything more."""
        return min(
            (span.due_at for _, span in self._standing.values() if span.until is None and span.due_at > now),
            default=None,
        )


def _received(fact: Fact) -> int:
    return fact.received_at


def alert_lines(alerts: Iterable[Alert]) -> Iterator[bytes]:
    """Write `view:"alert"` lines (design.md §9)."""
    for alert in alerts:
        yield encode({
            "view": "alert", "alert_id": alert.alert_id, "rule": alert.rule, "thing": alert.thing,
            "raised_at": utc_text(alert.raised_at), "due_at": utc_text(alert.due_at), "state": alert.state,
        })
