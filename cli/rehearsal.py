"""What the rules would have raised in partner files, with the place's thresholds and with others; and why an
alert was raised. Offline: the translators, the fold and the sweep that run live.

In: sources taken by a replay, a place, changed thresholds, a stretch of time. Out: rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from cli.replay.export import settled
from cli.replay.intake import Taken
from runtime.errors import Misconfigured
from runtime.freshness import utc
from runtime.place import Place
from schemas.fact import Fact
from streams.agents.config import core_config
from streams.core.alerts.judging import judged_anew, standing_facts
from streams.core.alerts.rows import Row
from streams.core.alerts.sweep import Rule, Sweep
from streams.core.config import CoreConfig
from streams.core.state.person import PersonState
from streams.rules.catalogue import RULES

SHIFT_US = 8 * 3_600_000_000
MOST_FACTS = 12
"""Facts shown as what made an alert so."""


class Heard(NamedTuple):
    """A raised alert, and when."""

    rule: str
    desks: tuple[str, ...]
    alert_id: str
    thing: str
    raised_at: int
    due_at: int
    state: str


def changed(place: Place, settings: Iterable[str]) -> CoreConfig:
    """The place's config with `rule.what=value` in the stead of what it states, whatever the date. Raises
    Misconfigured for a name the place does not state.
    """
    config = core_config(place)
    thresholds = dict(config.thresholds)
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in thresholds:
            raise Misconfigured(f"--set: the place states no {name}; it has {', '.join(sorted(thresholds))}")
        try:
            thresholds[name] = ((0, float(value)),)
        except ValueError:
            raise Misconfigured(f"--set {name}: not a number") from None
    return msgspec.structs.replace(config, thresholds=thresholds)


def people(taken: Taken, config: CoreConfig) -> list[PersonState]:
    """Every person that shows a picture, in the order of their keys."""
    network, _ = settled(taken)
    alive = sorted(view.person_key for view in network.views(config) if view.status == "alive")
    return [network.states[key] for key in alive]


def raised(
    states: Iterable[PersonState], config: CoreConfig, now: int, begin: int | None, end: int | None
) -> dict[str, Heard]:
    """Alert id and holder -> each alert raised in a stretch of time (its end not included)."""
    found = {}
    for state in states:
        for row, _ in judged_anew(state, RULES, config, now):
            at = row.alert.raised_at
            if (begin is None or begin <= at) and (end is None or at < end):
                found[f"{row.alert.alert_id} {state.key}"] = heard(row)
    return found


def heard(row: Row) -> Heard:
    """What a rehearsal says of an alert."""
    alert = row.alert
    return Heard(
        alert.rule, row.rule.who, alert.alert_id, alert.thing, alert.raised_at, alert.due_at, row.life.state
    )


def rehearsed(before: Mapping[str, Heard], after: Mapping[str, Heard]) -> Iterator[dict[str, Any]]:
    """One row for every alert of either, then one for every rule, then one for every desk."""
    for ident in sorted({*before, *after}):
        one = after.get(ident) or before[ident]
        change = _change(before.get(ident), after.get(ident))
        yield {
            "row": "alert", "change": change, "alert_id": one.alert_id, "rule": one.rule, "thing": one.thing,
            "raised_at": utc(one.raised_at), "due_at": utc(one.due_at), "state": one.state,
        }
    for rule in RULES:
        was, now = (sum(one.rule == rule.name for one in found.values()) for found in (before, after))
        yield {"row": "rule", "rule": rule.name, "now": was, "with": now}
    for desk in sorted({desk for rule in RULES for desk in rule.who}):
        busiest = [_busiest(desk, found.values()) for found in (before, after)]
        yield {"row": "desk", "desk": desk, "busiest_shift_now": busiest[0], "busiest_shift_with": busiest[1]}


def _change(before: Heard | None, after: Heard | None) -> str:
    if before is None:
        return "added"
    if after is None:
        return "gone"
    return "same" if before == after else "changed"


def _busiest(desk: str, found: Iterable[Heard]) -> int:
    """The most alerts of a desk in any eight hours from midnight, eight or four (UTC)."""
    shifts = Counter(one.raised_at // SHIFT_US for one in found if desk in one.desks)
    return max(shifts.values(), default=0)


def explained(
    states: Sequence[PersonState], config: CoreConfig, alert_id: str, now: int
) -> Iterator[dict[str, Any]]:
    """Who has an alert: how it stands, every step, and what was said when its condition was first known."""
    for state in states:
        for row, steps in judged_anew(state, RULES, config, now):
            if row.alert.alert_id == alert_id:
                yield {
                    "row": "alert", "person_key": state.key,
                    **{n: utc(v) if n.endswith("_at") else v for n, v in heard(row)._asdict().items()},
                }
                for step in steps:
                    yield {
                        "row": "step", "at": utc(step.at), "step": step.name, "actor": step.actor,
                        "reason": step.reason, "until_at": utc(step.until_at) if step.until_at else None,
                    }
                yield from map(_fact_row, _reasons(state, row.rule, config, alert_id))


def _reasons(state: PersonState, rule: Rule, config: CoreConfig, alert_id: str) -> list[Fact]:
    """The facts with which its condition became known, and those with which it ended."""
    sweep, known, out = Sweep([rule], config), False, list[Fact]()
    facts = sorted(standing_facts(state, config), key=lambda fact: (fact.received_at, fact.id))
    for _, arrived in groupby(facts, key=lambda fact: fact.received_at):
        some = list(arrived)
        sweep.take(some)
        holds = alert_id in sweep.swept.standing
        if holds != known:
            known = holds
            out += some
    return out[:MOST_FACTS]


def _fact_row(fact: Fact) -> dict[str, Any]:
    return {
        "row": "fact", "kind": fact.kind, "partner": fact.partner, "thing": fact.thing,
        "occurred_at": utc(fact.occurred_at), "recorded_at": utc(fact.recorded_at),
        "received_at": utc(fact.received_at),
    }  # fmt: skip


def rule_rows(rule: Rule, config: CoreConfig, text: str) -> Iterator[dict[str, Any]]:
    """What a rule says, for whom, and the thresholds of the place with the days they hold from."""
    yield {
        "row": "rule", "rule": rule.name, "title": rule.title, "for": ", ".join(rule.who),
        "severity": "high" if rule.high else "normal", "runbook": f"docs/runbooks/{rule.name}.md",
        "says": " ".join(text.split()),
    }  # fmt: skip
    for name, values in sorted(config.thresholds.items()):
        if name.startswith(f"{rule.name}."):
            for since, value in values:
                yield {"row": "threshold", "threshold": name, "since": utc(since), "value": value}
    for desk in rule.who:
        terms = config.desks.get(desk)
        if terms is not None and terms.escalate_us is not None:
            rung = [f"{one.name} {one.phone}" for one in terms.contacts]
            minutes = terms.escalate_us / 60_000_000
            yield {"row": "desk", "desk": desk, "escalates_after_minutes": minutes, "ring": rung}
