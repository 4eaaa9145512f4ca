"""Which alerts a person's state gives now, and what of them is news: `judge(state, now)` of design.md §6.

In: a `PersonState` whose view was just published, the picture of it where it is at hand, the rules, a moment
before which nothing is unheard. Out: the alerts whose view changed, those to be tombstoned, every step not
yet said; all noted in the state as said. Pure: the same facts and the same moment give the same alerts,
whatever way they came. Who is parked keeps the alerts they have, and what was known falls due; who is moving
is left to their survivor.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from schemas.fact import Fact
from streams.core.alerts.book import AT_ONCE, NOWHERE, Said, Where
from streams.core.alerts.life import Life, Step, next_due
from streams.core.alerts.rows import Row, row_of, terms_of
from streams.core.alerts.sweep import NONE, Alert, Rule, Sweep, Swept
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.core.state.erasure import cuts_of, left_of
from streams.core.state.person import PersonState, Stream
from streams.core.views.view import facts_of, held, streams_here

WORK = 100_000
"""Facts that may be looked at again to judge one person in one go, half a second: of a stay of thousands of
messages, read anew, a part of the moments is swept at each cut, and nothing is said before the last.
"""


class Judged(NamedTuple):
    """What is to be published. A step of an alert that is gone tells what it was."""

    rows: tuple[Row, ...] = ()
    gone: tuple[str, ...] = ()
    steps: tuple[tuple[Row, Step], ...] = ()
    failures: tuple[Exception, ...] = ()
    """Of rules that could not look: our bugs."""


def standing_facts(state: PersonState, config: CoreConfig) -> list[Fact]:
    """The facts of a person that alerts are judged by: without what was erased."""
    facts = held(state, state.map())[0]
    cuts = cuts_of(facts, state.key, state.restriction.cuts())
    if not cuts:
        return facts
    left = left_of(facts, cuts, config)
    return list(left.since) if left.lives else []


def judge(
    state: PersonState, pictures: Mapping[int, Picture], rules: Sequence[Rule], config: CoreConfig, now: int,
) -> Judged:
    """Judge and note it as said."""
    book = state.alerts
    if state.shown.status == "moving":
        book.due = 0
        return Judged()
    waiting, failures = 0, list[Exception]()
    if state.shown.status == "alive":
        waiting = _swept_on(state, pictures, rules, config, now, failures)
        if waiting == AT_ONCE:
            book.due = AT_ONCE
            return Judged(failures=tuple(failures))
    elif state.shown.status != "parked":
        book.swept, book.counted, book.where = Swept(), [], {}
    found = {row.alert.alert_id: (row, steps) for row, steps in alerts_of(state, rules, config, now)}
    rows = [row for row, _ in found.values()]
    dues = [next_due(row.life, terms_of(row.rule, config, row.alert.due_at)) for row in rows]
    span_due = Sweep(rules, config, book.swept).next_due(now) or 0
    book.due = min((due for due in (*dues, span_due, waiting) if due), default=0)
    book.at = now
    return _news(state, {rule.name: rule for rule in rules}, found, False)._replace(failures=tuple(failures))


def promised(state: PersonState, rules: Sequence[Rule], config: CoreConfig) -> Judged:
    """Everything again as it was last judged, for a recovery that cannot know what got through."""
    last = alerts_of(state, rules, config, state.alerts.at)
    found = {row.alert.alert_id: (row, steps) for row, steps in last}
    return _news(state, {rule.name: rule for rule in rules}, found, True)


def judged_anew(
    state: PersonState, rules: Sequence[Rule], config: CoreConfig, now: int
) -> Iterator[tuple[Row, list[Step]]]:
    """Every alert of a state and its steps until now, from its facts alone; notes nothing."""
    sweep = Sweep(rules, config)
    sweep.take(standing_facts(state, config))
    yield from _rows(sweep, {}, state.sealed, now)


def alerts_of(
    state: PersonState, rules: Sequence[Rule], config: CoreConfig, now: int
) -> Iterator[tuple[Row, list[Step]]]:
    """Every alert of what was swept, with all its steps until now."""
    yield from _rows(Sweep(rules, config, state.alerts.swept), state.alerts.where, state.sealed, now)


def _rows(
    sweep: Sweep, where: Mapping[str, Where], sealed: Container[str], now: int
) -> Iterator[tuple[Row, list[Step]]]:
    swept = sweep.swept
    if not swept.alerts and not swept.standing:
        return
    by_name = {rule.name: rule for rule in sweep.rules}
    for alert in sweep.alerts(now):
        rule = by_name.get(alert.rule)
        if rule is None or alert.thing in sealed:
            continue
        said = swept.words.get(alert.alert_id, ())
        terms = terms_of(rule, sweep.config, alert.due_at)
        yield row_of(alert, rule, said, where.get(alert.alert_id, NOWHERE), terms, now)


def _swept_on(
    state: PersonState, pictures: Mapping[int, Picture], rules: Sequence[Rule], config: CoreConfig, now: int,
    failures: list[Exception],
) -> int:
    """Sweep what has come and may be judged; gives when the rest may be: 0 = there is none, `AT_ONCE` = it is
    too much for one go. Of who was erased all is swept anew. Adds what rules failed with.
    """
    book = state.alerts
    here = streams_here(state, state.map())
    erased = bool(state.restriction.cuts())
    if erased or book.stale or _parted(state, here):
        book.swept = Swept()
    book.counted, book.stale = [stream.number for stream in here], False
    to = book.swept.to
    every = standing_facts(state, config) if erased else facts_of(here)
    news = [fact for fact in every if to < fact.received_at <= now]
    news, last = _at_once(news, 0 if erased else len(every))
    if news:
        sweep = Sweep(rules, config, book.swept, lambda: [fact for fact in every if fact.received_at <= to])
        sweep.take(news, NONE if erased else pictures)
        failures += sweep.failures
        if sweep.picture is not None:
            book.where = places_of(_things(book.swept), sweep.picture)
    if not last:
        return AT_ONCE
    return min((fact.received_at for fact in every if fact.received_at > now), default=0)


def _at_once(news: list[Fact], held: int) -> tuple[list[Fact], bool]:
    """As many moments as may be swept in one go, and whether they are all."""
    moments = sorted({fact.received_at for fact in news})
    most = max(1, WORK // max(1, held))
    if len(moments) <= most:
        return news, True
    return [fact for fact in news if fact.received_at <= moments[most - 1]], False


def _things(swept: Swept) -> dict[str, str]:
    """Alert id -> thing, of everything raised or standing."""
    things = {ident: alert.thing for ident, alert in swept.alerts.items()}
    return things | {ident: span.thing for ident, (_, span) in swept.standing.items()}


def _parted(state: PersonState, here: Sequence[Stream]) -> bool:
    """Whether a record left, or one came with facts that belong before the last moment swept."""
    book = state.alerts
    counted = set(book.counted)
    new = [stream for stream in here if stream.number not in counted]
    return len(here) - len(new) < len(counted) or any(
        fact.received_at <= book.swept.to for stream in new for fact in stream.journal
    )


def places_of(things: Mapping[str, str], picture: Picture) -> dict[str, Where]:
    """Alert id -> the spell its thing belongs to: itself, the one it names, else the current one."""
    transfer = picture.transfer
    named: dict[str, str | None] = {}
    if things and transfer is not None:
        named = {task.task_id: task.spell_id for task in transfer.tasks}
        named |= {notice.notice_id: notice.about for notice in transfer.telling.notices}
    spells = {spell.spell_id: spell for spell in picture.spells} if things else {}
    current = spells.get(transfer.spell_id or "") if transfer else None
    out = {}
    for ident, thing in things.items():
        spell = spells.get(named.get(thing) or thing, current)
        if spell is not None:
            out[ident] = Where(spell.spell_id, spell.location.facility, spell.location.poc)
    return out


def _news(
    state: PersonState, rules: Mapping[str, Rule], found: dict[str, tuple[Row, list[Step]]], total: bool
) -> Judged:
    said, rows = state.alerts.said, list[Row]()
    steps: list[tuple[Row, Step]] = []
    for ident, (row, lived_through) in found.items():
        before = said.get(ident)
        mark = mark_of(row)
        told = set(before.steps) if before and not total else set[int]()
        fresh = [(row, step) for step in lived_through if step_mark(step) not in told]
        if total or before is None or before.mark != mark:
            rows.append(row)
        steps += fresh
        if before is None or before.mark != mark or fresh:
            marks = sorted({*(before.steps if before else ()), *map(step_mark, lived_through)})
            said[ident] = Said(row.alert, mark, marks, row.life.active)
    gone = [ident for ident, one in said.items() if ident not in found and (total or one.mark)]
    for ident in gone:
        one = said[ident]
        if one.active and state.shown.status == "alive" and one.alert.rule in rules:
            steps.append(_ended(one.alert, rules[one.alert.rule], state))
        one.mark, one.active = 0, False
    return Judged(tuple(rows), tuple(gone), tuple(steps))


def _ended(alert: Alert, rule: Rule, state: PersonState) -> tuple[Row, Step]:
    """The last step of an alert that is no more: what it was about is gone, or it never was late by what is
    known now.
    """
    gone = "sealed" if alert.thing in state.sealed else "erased" if state.restriction.cuts() else ""
    step = Step(state.shown.through, "expired" if gone else "withdrawn", None, gone or "never_was")
    life = Life("withdrawn", step.at, None, step.reason, holds=False)
    return Row(alert, rule, life, NOWHERE, None), step


def mark_of(row: Row) -> int:
    """A digest of a row, never 0: that stands for a tombstone."""
    return crc32(repr((row.alert, row.life, row.where, row.contact)).encode()) or 1


def step_mark(step: Step) -> int:
    """A digest of a step."""
    return crc32(f"{step.at} {step.name} {step.actor} {step.reason} {step.until_at}".encode())

