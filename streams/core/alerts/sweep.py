"""Alerts: what a rule finds due in a picture, and the history of each as a deterministic sweep (design.md §6
Time).

In: one person's facts, the rules, a moment. Out: alerts. The facts are swept in the order in which they were
received, those received at one moment together (they are one message): every due time before the next of
them fires first. So an alert is a function of the set of facts and the moment: who was late is late whenever
it is worked out, and a deadline that passed while everything was down is raised once, with its true due time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final, Literal, NamedTuple

import msgspec

from schemas.fact import Fact
from schemas.ids import alert_id
from streams.core.alerts.life import Word
from streams.core.config import CoreConfig
from streams.core.moments import utc_text
from streams.core.reduce import Picture
from streams.core.state.growing import Growing
from streams.core.views.lines import encode

State = Literal["open", "resolved", "withdrawn"]
COMMANDED: Final = "AlertCommanded"


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
    escalate_minutes: float | None = None
    """By the clock, whatever its desks state; the place may say another (`<rule>.escalate_minutes`)."""


class Alert(msgspec.Struct, frozen=True, array_like=True):
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
    history: tuple[tuple[int, State], ...] = ()
    """Every transition, oldest first."""


Standing = Mapping[str, tuple[str, Span]]
"""Alert id -> (rule, span)."""


NONE: Final[Mapping[int, Picture]] = {}


class Swept(msgspec.Struct, array_like=True):
    """Where a sweep stands; what a worker keeps of it with the person."""

    to: int = -1
    """µs: the newest moment swept."""
    alerts: dict[str, Alert] = {}
    standing: Standing = {}
    """What holds since then and may yet fall due, or has."""
    words: dict[str, list[Word]] = {}
    """Alert id -> what was said of it until then."""


def found(rule: Rule, picture: Picture, config: CoreConfig) -> Standing:
    """Every condition a rule finds in a picture."""
    spans = rule.spans(picture, config)
    return {alert_id(rule.name, span.thing, span.opening): (rule.name, span) for span in spans}


def fired(alerts: dict[str, Alert], standing: Standing, known_at: int, before: int) -> None:
    """Raise what falls due before a moment and still holds; `known_at`: since when that has been known."""
    for ident, (rule, span) in standing.items():
        held = alerts.get(ident)
        if span.until is None and span.due_at < before and (held is None or held.state != "open"):
            raised_at = max(span.due_at, known_at)
            history = (*(held.history if held else ()), (raised_at, "open"))
            alerts[ident] = Alert(
                ident, rule, span.thing, raised_at, span.due_at, "open", raised_at, history
            )


def reconciled(alerts: dict[str, Alert], standing: Standing, at: int) -> None:
    """Hold what was raised against what is known now."""
    for ident, alert in alerts.items():
        state, due_at = _state(alert, standing.get(ident), at)
        if (state, due_at) != (alert.state, alert.due_at):
            changed_at, history = alert.changed_at, alert.history
            if state != alert.state:
                changed_at, history = at, (*history, (at, state))
            alerts[ident] = msgspec.structs.replace(
                alert, state=state, due_at=due_at, changed_at=changed_at, history=history
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
    late one makes the sweep begin anew. `swept`: an earlier sweep goes on; `earlier` gives its facts, where
    they are needed.
    """

    __slots__ = ("_earlier", "_facts", "_growing", "config", "failures", "picture", "rules", "swept")

    def __init__(
        self, rules: Sequence[Rule], config: CoreConfig, swept: Swept | None = None,
        earlier: Callable[[], Iterable[Fact]] = tuple,
    ) -> None:
        self.rules, self.config = rules, config
        self._earlier, self._facts = earlier, list[Fact]()
        self._growing: Growing | None = None
        self.swept = swept or Swept()
        self.picture: Picture | None = None
        """The newest picture looked at."""
        self.failures: list[Exception] = []
        """Of rules: our bugs, to be said aloud. What such a rule found before stands, the others go on."""

    def take(self, facts: Iterable[Fact], pictures: Mapping[int, Picture] = NONE) -> None:
        """Sweep more facts. `pictures`: of all that was received up to some of the moments."""
        news = sorted(facts, key=_received)
        if news and news[0].received_at <= self.swept.to:
            news = sorted([*self._earlier(), *self._facts, *news], key=_received)
            self._earlier, self._facts, self._growing = tuple, [], None
            self.swept.to, self.swept.alerts, self.swept.standing, self.swept.words = -1, {}, {}, {}
        for at, arrived in groupby(news, key=_received):
            self._arrive(at, list(arrived), pictures.get(at))

    def _arrive(self, at: int, facts: list[Fact], picture: Picture | None) -> None:
        swept = self.swept
        fired(swept.alerts, swept.standing, swept.to, at)
        swept.to = at
        about = [fact for fact in facts if fact.kind != COMMANDED]
        for fact in sorted((fact for fact in facts if fact.kind == COMMANDED), key=lambda fact: fact.id):
            swept.words.setdefault(fact.thing, []).append(word_of(fact))
        if not about:
            self._facts.extend(facts)
            return
        try:
            self.picture = self._pictured(about, picture)
        except Exception:  # noqa: BLE001  # parked (law 8): the clocks of what was known run on
            self._facts.extend(facts)
            self._growing = None
            return
        self._facts.extend(facts)
        standing, broken = self._found(self.picture)
        held = {ident: alert for ident, alert in swept.alerts.items() if alert.rule not in broken}
        reconciled(held, standing, at)
        swept.alerts.update(held)
        kept = {ident: one for ident, one in swept.standing.items() if one[0] in broken}
        swept.standing = kept | {ident: one for ident, one in standing.items() if one[1].until is None}

    def _found(self, picture: Picture) -> tuple[Standing, set[str]]:
        """What the rules find, and the names of those that could not look."""
        standing: dict[str, tuple[str, Span]] = {}
        broken: set[str] = set()
        for rule in self.rules:
            try:
                standing |= found(rule, picture, self.config)
            except Exception as failure:  # noqa: BLE001  # one rule's bug silences no other
                self.failures.append(failure)
                broken.add(rule.name)
        return standing, broken

    def _pictured(self, news: list[Fact], picture: Picture | None) -> Picture:
        """The picture of what was swept and these."""
        if picture is not None:
            self._growing = None
            return picture
        growing = self._growing
        if growing is not None and growing.plain(news):
            growing.add(news)
        else:
            growing = self._growing = Growing([*self._earlier(), *self._facts, *news])
        return growing.picture(self.config)

    def alerts(self, now: int) -> tuple[Alert, ...]:
        """All there were until `now` (µs, inclusive), by when they were raised. Changes nothing."""
        alerts = dict(self.swept.alerts)
        fired(alerts, self.swept.standing, self.swept.to, now + 1)
        return tuple(sorted(alerts.values(), key=lambda alert: (alert.raised_at, alert.alert_id)))

    def next_due(self, now: int) -> int | None:
        """When something falls due next, if nobody says anything more."""
        return min(
            (span.due_at for _, span in self.swept.standing.values() if span.due_at > now), default=None
        )


def word_of(fact: Fact) -> Word:
    """What an `AlertCommanded` says."""
    said = fact.body
    return Word(
        fact.received_at, str(said.get("verb")), said.get("actor"), said.get("reason"), said.get("until_at")
    )


def _received(fact: Fact) -> int:
    return fact.received_at


def alert_line(alert: Alert, state: str) -> bytes:
    """Write a `view:"alert"` line (design.md §9). One that escalated is open still."""
    return encode({
        "view": "alert", "alert_id": alert.alert_id, "rule": alert.rule, "thing": alert.thing,
        "raised_at": utc_text(alert.raised_at), "due_at": utc_text(alert.due_at),
        "state": "open" if state == "escalated" else state,
    })
