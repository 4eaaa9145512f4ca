"""How the alerts of places stand: the sweep of their figures and what people said of each, as one function of
the facts and the moment (docs/adr/0016).

In: a sweep, or all the facts of places. Out: rows and steps, as `judging.py` gives of persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from schemas.fact import Fact
from schemas.holders import PLACE
from streams.core.alerts.book import Where
from streams.core.alerts.life import Step
from streams.core.alerts.places import PlaceRule, PlaceSweep
from streams.core.alerts.rows import Row, row_of, terms_of
from streams.core.alerts.sweep import Rule
from streams.core.config import CoreConfig
from streams.core.pressure.place_state import PlaceState


def plain(rules: Iterable[PlaceRule]) -> dict[str, Rule]:
    """What every rule has, by name: who acts on it, and how grave it is."""
    return {rule.name: Rule(rule.name, rule.title, rule.who, rule.high, _none) for rule in rules}


def lives(
    sweep: PlaceSweep, rules: Mapping[str, Rule], where: Where, now: int
) -> Iterator[tuple[Row, list[Step]]]:
    """Every alert of a subject as it stands at a moment, and every step on the way there."""
    for alert in sweep.alerts(now):
        rule = rules[alert.rule]
        terms = terms_of(rule, sweep.config, alert.due_at)
        yield row_of(alert, rule, sweep.said(alert.alert_id), where, terms, now)


def place_rows(
    facts: Iterable[Fact], rules: Sequence[PlaceRule], config: CoreConfig, now: int
) -> Iterator[Row]:
    """Every alert about every place, from figures and from words on alerts about places."""
    by_site: dict[str, list[Fact]] = {}
    for fact in facts:
        by_site.setdefault(fact.key.removeprefix(PLACE), []).append(fact)
    for site, said in sorted(by_site.items()):
        sweep = PlaceSweep(rules, config, PlaceState(site))
        sweep.take(said)
        yield from (row for row, _ in lives(sweep, plain(rules), Where(None, site, None), now))


def _none(*_: object) -> tuple[()]:
    return ()
