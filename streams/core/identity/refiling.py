"""What a key owes to the record a visit was moved to (A44, A45; domain 03 §3.1 "re-parent").

In: a `PersonState`. Out: the facts of the visit that were written under the old record, those of now and
those that come later, as if they had been written under the new one: from there they follow it wherever it
points. The old key keeps its copies, so a move back finds them; which of the two shows the visit is the
reduce's to say (`filing.py`). What is owed depends on the facts alone, never on where their record points.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from schemas.fact import Fact
from streams.core.facts.filing import REASSIGNED, arrives
from streams.core.identity.messages import MOST_FACTS, Addressed, Contribute
from streams.core.identity.routes import StreamId
from streams.core.state.person import PersonState, Stream

_VISIT = "visit:"
"""Marks the route that only the facts of one visit take, or by itself the moves of visits."""


def refile(state: PersonState) -> Iterator[Addressed]:
    """Give every moved visit's facts to its new record, and note them as given."""
    streams = list(state.streams.values())
    moves = {
        (move.thing, str(move.body.get("source_key")), str(move.body.get("target_key")))
        for stream in streams
        for move in stream.journal.moves
        if not arrives(move)
    }
    for thing in sorted({thing for thing, _, _ in moves}):
        ends = {(source, to) for moved, source, to in moves if moved == thing}
        for stream in streams:
            for to in sorted(_reached(stream.id.local or stream.id.origin, ends) - {state.key}):
                told = [fact for fact in _new(stream, to, _VISIT + thing) if _about(fact, thing)]
                for first in range(0, len(told), MOST_FACTS):
                    part = tuple(told[first : first + MOST_FACTS])
                    yield Addressed(to, Contribute(to, None, (), part))
    yield from _announced(state)


def _reached(record: str, ends: Set[tuple[str, str]]) -> set[str]:
    """Records a visit filed under `record` came to, from one to the next: this key may be one of them, and
    then its copy under the old record goes on with it.
    """
    reached = {record}
    while more := {to for source, to in ends if source in reached} - reached:
        reached |= more
    return reached - {record}


def _announced(state: PersonState) -> Iterator[Addressed]:
    """Moves away from this record, told to every key that asked where it points: it may hold what was written
    under this record and published under a number. They count nowhere there, as their way leads nowhere.
    """
    own = state.streams.get(StreamId(state.key, None, ()))
    if own is None or not own.journal.moves:
        return
    for to in state.sent.told.get(state.key, ()):
        told = [fact for fact in _new(own, to, _VISIT) if fact.kind == REASSIGNED]
        if told and to != state.key:
            yield Addressed(to, Contribute(state.key, None, (_VISIT,), tuple(told)))


def _new(stream: Stream, to: str, way: str) -> list[Fact]:
    """What came into a stream since it was last given on by that way."""
    route, log = (to, (way,)), stream.journal.log
    fresh = log[stream.given.get(route, 0) :]
    stream.given[route] = len(log)
    return fresh


def _about(fact: Fact, thing: str) -> bool:
    """Whether a fact is the visit's and goes with it: its own, or a task that names it. That it came to one
    record is nothing that happened to the next.
    """
    if fact.thing == thing:
        return fact.kind != REASSIGNED or not arrives(fact)
    return fact.body.get("spell_id") == thing
