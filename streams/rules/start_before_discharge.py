"""Start promised before the discharge (domain 06 §6.2, council): help at home is promised for an hour, and
the discharge has been moved beyond it: the carer stands before a closed door.

Clear: the person leaves, or what was promised begins, ends or is taken back; withdrawn where the start or the
discharge moves. Quiet: a start after the expected discharge; one that is more than two days off.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.alerts.sweep import Rule, Span
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.rules.about import earliest, hours_us, overtaken, packages_of

NAME = "start_before_discharge"
HOURS_BEFORE = 48.0
History = tuple[tuple[int, str], ...]


def spans(picture: Picture, config: CoreConfig) -> Iterator[Span]:
    """One for each promised start and stay."""
    for thing, starts_at, history, promise in _promises(picture):
        given = [at for at, state in history if state == promise]
        late = overtaken(picture, starts_at, given[-1]) if given else None
        if late is not None:
            before = hours_us(config, f"{NAME}.hours_before", late.since, HOURS_BEFORE)
            after = earliest(*(at for at, _ in history if at > given[-1]))
            due_at = max(late.since, starts_at - before)
            yield Span(thing, late.spell.spell_id, late.since, due_at, earliest(after, late.until))


def _promises(picture: Picture) -> Iterator[tuple[str, int, History, str]]:
    """(Thing, when it is to start, its history, the state that promises) of packages and tasks."""
    for package in packages_of(picture):
        if package.first_call_at is not None:
            yield package.package_id, package.first_call_at, package.history, "approved"
    for task in picture.transfer.tasks if picture.transfer else ():
        if task.planned_start_at is not None:
            yield task.task_id, task.planned_start_at, task.history, "accepted"


RULE = Rule(NAME, "Start promised before the discharge", ("council", "hub"), False, spans)
