"""Alerts about a place, or about whatever else is watched over: when a condition of its facts began, when it
is due, when it is over, as the same sweep that judges persons (`sweep.py`, docs/adr/0010).

In: the facts of one subject (a site's figures) in any order, the rules, a moment. Out: alerts. A rule says of
a moment whether its condition holds, does not, or cannot be known: the unknown begins nothing and ends
nothing. It is due once it has held so long, and over once it has not held for so long (hysteresis): figures
that waver raise one alert.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from schemas.fact import Fact
from schemas.ids import alert_id
from streams.core.alerts.life import Word
from streams.core.alerts.sweep import COMMANDED, Alert, Span, Swept, fired, reconciled, word_of
from streams.core.config import MINUTE_US, CoreConfig
from streams.core.facts.copies import newer
from streams.core.moments import local_date
from streams.core.pressure.place_state import PlaceState

Seen = list[tuple[int, bool]]
"""(Moment, whether it held), where that is known; oldest first."""


class Subject(Protocol):
    """What is held of one place, or of whatever else is watched over."""

    key: str
    facts: dict[str, Fact]

    @property
    def thing(self) -> str:
        """What its alerts are about; never a person."""

    def take(self, fact: Fact) -> bool:
        """Add a fact; says whether that changed anything."""

    def prune(self, config: CoreConfig) -> list[str]:
        """Leave out what no rule looks at any more; gives the ids of what went."""

    def reach(self, config: CoreConfig) -> int:
        """How far back rules are asked: all facts that say it are still held then."""

    def asked(self, config: CoreConfig) -> tuple[Any, list[int]]:
        """What rules look at, and the moments they are asked about, oldest first."""


class PlaceRule(NamedTuple):
    """One rule about a place or another subject. `minutes`: how long it has to hold; `calm_minutes`: how long
    it must not.
    """

    name: str
    title: str
    who: tuple[str, ...]
    high: bool
    holds: Callable[[Any, str, int, CoreConfig], bool | None]
    minutes: float = 0
    calm_minutes: float = 0
    after: Callable[[str, int, CoreConfig], int] | None = None
    """How long after each moment it is asked about again (µs): it may hold, or not, by the clock alone."""


class Stretch(NamedTuple):
    """A span; where it does not hold now and is not over yet: since when, and when it will be."""

    span: Span
    calm_since: int | None = None
    over_at: int | None = None

    @property
    def may_fall_due(self) -> bool:
        """Not while it does not hold, where it had not held for long enough before."""
        return self.calm_since is None or self.calm_since > self.span.due_at


def spans_of(
    rule: PlaceRule, site: str, seen: Seen, config: CoreConfig, now: int,
    going_on: Stretch | None = None, before: Mapping[str, int] | None = None,
) -> Iterator[Stretch]:
    """Every stretch for which a condition held, by what is known at a moment. The opening is named by its day
    in England and its place among those of the day, so that a corrected time names the same one. `going_on`:
    the one that began before the first of these moments; `before`: how many there were, by day.
    """
    since = going_on.span.since if going_on else None
    calm = (going_on.calm_since or going_on.span.until) if going_on else None
    days = dict(before or {})

    def stretch(start: int, quiet: int | None, until: int) -> Stretch:
        day = local_date(start) or ""
        days[day] = days.get(day, 0) + 1
        span = Span(site, f"{day}/{days[day]}", start, start + _minutes(rule, "minutes", start, config))
        if quiet is None:
            return Stretch(span)
        over_at = quiet + _minutes(rule, "calm_minutes", quiet, config)
        return Stretch(span._replace(until=quiet)) if over_at <= until else Stretch(span, quiet, over_at)

    for at, holds in seen:
        if holds:
            if since is not None and calm is not None:
                found = stretch(since, calm, at)
                if found.span.until is not None:
                    yield found
                    since = None
                else:
                    days[found.span.opening.partition("/")[0]] -= 1
            since, calm = at if since is None else since, None
        elif since is not None:
            calm = at if calm is None else calm
    if since is not None:
        yield stretch(since, calm, now)


def _minutes(rule: PlaceRule, what: str, at: int, config: CoreConfig) -> int:
    usual: float = getattr(rule, what)
    return int(config.threshold(f"{rule.name}.{what}", at, usual) * MINUTE_US)


class PlaceSweep:
    """The alerts of one place. What is received at one moment is one step; a figure that is received late
    counts from the moment that is swept then.
    """

    def __init__(self, rules: Sequence[PlaceRule], config: CoreConfig, subject: Subject) -> None:
        self.rules, self.config = rules, config
        self.state, self.swept = subject, Swept()
        self._since = 0
        self._held: dict[str, dict[int, bool | None]] = {rule.name: {} for rule in rules}
        self.spans: dict[str, tuple[str, Stretch]] = {}
        """Alert id -> (rule, stretch): with `swept`, the words and the figures, all a sweep goes on from."""
        self.words: dict[str, Fact] = {}
        """By fact id."""
        self.pruned: list[str] = []
        """Ids of facts that went since somebody last looked."""

    def take(self, facts: Iterable[Fact]) -> None:
        """Sweep more figures, and what people say."""
        for at, arrived in groupby(sorted(facts, key=_received), key=_received):
            news = list(arrived)
            for fact in news:
                if fact.kind == COMMANDED:
                    self.hear(fact)
            if about := [fact for fact in news if fact.kind != COMMANDED]:
                self._arrive(max(at, self.swept.to), about)

    def hear(self, fact: Fact) -> bool:
        """Take somebody's word on an alert; says whether that changed anything. It counts from when it was
        received, whenever it is swept.
        """
        held = self.words.get(fact.id)
        kept = fact if held is None else newer(held, fact)
        self.words[fact.id] = kept
        return kept != held

    def said(self, alert_id: str) -> list[Word]:
        """The words on an alert, in the order in which they were received."""
        words = (fact for fact in self.words.values() if fact.thing == alert_id)
        return [word_of(fact) for fact in sorted(words, key=lambda fact: (fact.received_at, fact.id))]

    def alerts(self, now: int) -> list[Alert]:
        """All there were until `now` (µs, inclusive), by id. Changes nothing."""
        alerts = dict(self.swept.alerts)
        self._until(alerts, now + 1)
        return [alerts[ident] for ident in sorted(alerts)]

    def _until(self, alerts: dict[str, Alert], before: int) -> None:
        """What falls due, and what is over because it has not held for long enough, before a moment."""
        swept = self.swept
        fired(alerts, swept.standing, swept.to, before)
        for ident, one in self.spans.items():
            stretch = one[1]
            if ident in alerts and stretch.over_at is not None and stretch.over_at < before:
                over = {ident: (one[0], stretch.span._replace(until=stretch.calm_since))}
                mine = {ident: alerts[ident]}
                reconciled(mine, over, max(stretch.over_at, swept.to))
                alerts.update(mine)

    def _arrive(self, at: int, facts: list[Fact]) -> None:
        swept = self.swept
        self._until(swept.alerts, at)
        swept.to = at
        news = [fact.occurred_at for fact in facts if self.state.take(fact)]
        if not news:
            return
        self.pruned += self.state.prune(self.config)
        self._since = self.state.reach(self.config)
        self.spans = {ident: one for rule in self.rules for ident, one in self._found(rule, min(news), at)}
        standing = {ident: (rule, stretch.span) for ident, (rule, stretch) in self.spans.items()}
        reconciled(swept.alerts, standing, at)
        swept.standing = {
            ident: one
            for ident, one in standing.items()
            if one[1].until is None and self.spans[ident][1].may_fall_due
        }

    def _found(self, rule: PlaceRule, changed: int, now: int) -> Iterator[tuple[str, tuple[str, Stretch]]]:
        """The stretches of a rule: those that ended before what is still looked at stay as they were, and one
        that held when it begins goes on under its own name.
        """
        seen, thing = self._seen(rule, changed), self.state.thing
        first = seen[0][0] if seen else self._since
        ended, days, going_on = list[Stretch](), dict[str, int](), None
        for name, one in self.spans.values():
            if name == rule.name and one.span.since < first:
                if one.span.until is not None and one.span.until < first:
                    ended.append(one)
                    day = one.span.opening.partition("/")[0]
                    days[day] = days.get(day, 0) + 1
                else:
                    going_on = one
        for found in (*ended, *spans_of(rule, thing, seen, self.config, now, going_on, days)):
            yield alert_id(rule.name, thing, found.span.opening), (rule.name, found)

    def _seen(self, rule: PlaceRule, changed: int) -> Seen:
        """What a rule says of each moment; it is asked again of those that the change may touch."""
        book, asked = self.state.asked(self.config)
        held = {at: said for at, said in self._held[rule.name].items() if at < changed}
        moments = [at for at in asked if at >= self._since]
        if rule.after is not None:
            moments += [at + rule.after(self.state.key, at, self.config) for at in moments]
            moments = sorted(set(moments))
        for at in moments:
            if at not in held:
                held[at] = rule.holds(book, self.state.key, at, self.config)
        self._held[rule.name] = {at: held[at] for at in moments}
        return [(at, said) for at in moments if (said := held[at]) is not None]


def place_alerts(
    facts: Iterable[Fact], rules: Sequence[PlaceRule], config: CoreConfig, now: int
) -> Iterator[Alert]:
    """Every alert about every place the figures are of, until `now`."""
    by_site: dict[str, list[Fact]] = {}
    for fact in facts:
        by_site.setdefault(fact.key, []).append(fact)
    for site, said in sorted(by_site.items()):
        sweep = PlaceSweep(rules, config, PlaceState(site))
        sweep.take(said)
        yield from sweep.alerts(now)


def _received(fact: Fact) -> int:
    return fact.received_at
