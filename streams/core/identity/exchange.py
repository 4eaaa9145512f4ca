"""What a key owes to other keys: everything it ever should have said, minus what it said before.

In: a `PersonState`. Out: messages, restrictions first, then links (so that the receiver can judge what
follows), then facts. Mechanism and its proof by oracle: design.md §5, `reference/identity_prototype.py`.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from streams.core.identity.candidates import proposals
from streams.core.identity.claims import refused
from streams.core.identity.matching import MOST_BEARERS
from streams.core.identity.messages import (
    MOST_FACTS,
    Addressed,
    Claims,
    Contribute,
    Crowd,
    Follow,
    Links,
    Propose,
    Receipt,
    Restrict,
    Tag,
)
from streams.core.identity.refiling import refile
from streams.core.identity.routes import Path
from streams.core.identity.verdicts import judge_claims
from streams.core.state.bookkeeping import Sent
from streams.core.state.person import UNVERIFIED_NUMBER, PersonState, Stream

UNASKED = -1
"""Stands in `Sent.waiting` for a key that was the next hop before: what it was given then did not ask, and
may still be under way. Next again, it is given all of it once more, with the question.
"""
CROWD = ""
"""Stands in `Sent.pairs` where a record was told that a tag proposes nobody."""


def exchange(state: PersonState, total: bool = False) -> list[Addressed]:
    """Say what is owed and note it as said. `total`: say everything again, for a recovery that cannot know
    what got through.
    """
    if total:
        _forget(state)
    elif state.settled == state.knowledge:
        return _Exchange(state).run_on()
    judge_claims(state, state.map())
    said = _Exchange(state).run(total)
    if all(isinstance(addressed.message, Contribute) for addressed in said):
        state.settled = state.knowledge
    return said


def _forget(state: PersonState) -> None:
    """Leave out what was said; who must be told is kept, since it is knowledge of its own."""
    sent = state.sent
    state.asked.update(sent.receipts)
    told = {source: dict.fromkeys(keys, b"") for source, keys in sent.told.items()}
    state.sent = Sent(told, sent.verdicts, restricted=dict.fromkeys(sent.restricted, b""))
    for stream in state.streams.values():
        stream.given.clear()


class _Exchange:
    """One pass over a state whose knowledge no longer changes."""

    def __init__(self, state: PersonState) -> None:
        self.state, self.sent, self.key = state, state.sent, state.key
        self.routes = state.map()
        self.pointer = self.routes.target(state.key)
        self.facts: list[Addressed] = []

    def run(self, total: bool) -> list[Addressed]:
        for stream in list(self.state.streams.values()):
            self._pass_on(stream)
        self._confirm_handover()
        self._tell_along()
        self.facts += refile(self.state)
        restrictions, links = list(self._restrictions()), [*self._verdicts(total), *self._links()]
        rest = [*self._follows(), *self._proposals(), *self._receipts()]
        self.state.grown.clear()
        return [*restrictions, *links, *self.facts, *rest]

    def run_on(self) -> list[Addressed]:
        """What facts alone can add to a run that owed nothing else: those facts, and receipts."""
        if self.state.grown:
            streams = list(self.state.streams.values())
            for number in sorted(self.state.grown):
                self._pass_on(streams[number])
            self.facts += refile(self.state)
            self.state.grown.clear()
        self._confirm_handover()
        return [*self.facts, *self._receipts()]

    def _tell(self, sources: Iterable[str], to: str) -> None:
        for source in sources:
            if source != to:
                self.sent.told.setdefault(source, {}).setdefault(to, b"")

    def _tell_along(self) -> None:
        """Every key this record was ever linked to hears of it; what is known here goes along the pointer, so
        cycles become visible.
        """
        own = self.state.known.get(self.key)
        for target in own.targets if own else ():
            self._tell((self.key,), target)
        if self.pointer != self.key:
            self._tell(self.state.known, self.pointer)

    def _pass_on(self, stream: Stream) -> None:
        way = self.routes.way(stream.id, self.key)
        if way.to is not None:
            self._give(stream, way.to, way.route)

    def _give(self, stream: Stream, to: str, path: Path) -> None:
        local = stream.id.local
        self._tell({self.key, *path, *((local,) if local else ())}, to)
        route, log = (to, path), stream.journal.log
        ask = bool(path) and path[-1] == self.key and self.state.handed_to != to
        self._say(stream, to, path, range(stream.given.get(route, 0), len(log)), ask)
        stream.given[route] = len(log)

    def _say(self, stream: Stream, to: str, path: Path, entries: range, ask: bool) -> None:
        """Give entries of a stream's log."""
        (origin, local, _), log = stream.id, stream.journal.log
        for first in range(entries.start, entries.stop, MOST_FACTS):
            part = tuple(log[first : min(first + MOST_FACTS, entries.stop)])
            self.facts.append(Addressed(to, Contribute(origin, local, path, part, ask)))

    def _links(self) -> Iterator[Addressed]:
        for source, keys in self.sent.told.items():
            links = self.state.known.get(source)
            if links is None:
                continue
            mark = self.routes.mark(source)
            for to, heard in keys.items():
                if heard != mark:
                    keys[to] = mark
                    yield Addressed(to, Links(source, links.copy()))

    def _verdicts(self, total: bool) -> Iterator[Addressed]:
        own = self.state.known.get(self.key)
        verdict = own.verdicts.get(self.key) if own else None
        if verdict is None:
            return
        out, said = refused(verdict.claims), self.sent.verdicts
        for local in sorted({*out, *said}):
            if total or (local in out) != said.get(local, False):
                said[local] = local in out
                yield Addressed(local, Claims(self.key, verdict))

    def _restrictions(self) -> Iterator[Addressed]:
        restriction, told = self.state.restriction, self.sent.restricted
        if not restriction.entries:
            return
        mark = restriction.print()
        own = self.state.known.get(self.key)
        near = {source for source, links in self.state.known.items() if self.key in links.targets}
        for to in sorted((near | (own.targets if own else set())) - {self.key}):
            if told.get(to) != mark and (to in told or restriction.matters()):
                told[to] = mark
                yield Addressed(to, Restrict(self.key, dict(restriction.entries)))

    def _follows(self) -> Iterator[Addressed]:
        """Ask the records whose facts are here where they belong, and the other side of each proposal where
        it leads.
        """
        ids = list(self.state.streams)
        wanted = [local for origin, local, path in ids if local and origin == self.key and not path]
        if self.routes.root(self.key) == self.key:
            others = sorted({other for _, other, _ in proposals(self.state, self.routes)})
            wanted += [key for other in others for key in self.routes.chain(other)]
        for to in wanted:
            if to != self.key and to not in self.sent.followed:
                self.sent.followed.add(to)
                yield Addressed(to, Follow(self.key))

    def _proposals(self) -> Iterator[Addressed]:
        for to, reason in self.state.tags.items():
            if to not in self.sent.tags:
                self.sent.tags.add(to)
                yield Addressed(to, Tag(self.key, reason))
        for reason, bearers in self.state.bearers.items():
            here = {self.key} if reason == UNVERIFIED_NUMBER and self.state.inhabited else set()
            records = sorted(bearers | here)
            if len(records) > MOST_BEARERS:
                pairs = [(a, CROWD) for a in records]
            else:
                pairs = [(a, b) for a in records for b in records if a != b]
            for a, b in pairs:
                if (a, b, reason) not in self.sent.pairs:
                    self.sent.pairs.add((a, b, reason))
                    said = Propose(b, reason, self.key) if b != CROWD else Crowd(self.key, reason)
                    yield Addressed(a, said)
        for record, reason in sorted(self.state.late):
            yield Addressed(record, Crowd(self.key, reason))
        self.state.late.clear()

    def _receipts(self) -> Iterator[Addressed]:
        for to in sorted(self.state.asked):
            held = sum(len(s.journal) for s in self.state.streams.values() if s.id.path[-1:] == (to,))
            self.sent.receipts[to] = held
            yield Addressed(to, Receipt(self.key, held))
        self.state.asked.clear()

    def _confirm_handover(self) -> None:
        """The handover is done once the next hop has confirmed as many facts as were given to it; only
        another next hop undoes that.
        """
        state, hop, waiting = self.state, self.pointer, self.sent.waiting
        if state.handed_to not in (None, hop):
            waiting[state.handed_to] = UNASKED
        if hop == self.key:
            state.handed_to = None
        elif state.handed_to != hop:
            given = [
                (stream, path, first) for stream in state.streams.values()
                for (to, path), first in stream.given.items() if to == hop and path[-1:] == (self.key,)
            ]
            count = sum(_given(stream, first) for stream, _, first in given)
            state.handed_to = hop if state.receipts.get(hop, 0) >= count else None
            if state.handed_to is None and waiting.get(hop) != count:
                if waiting.get(hop) == UNASKED or not self._asks(hop):
                    for stream, path, first in given:
                        self._say(stream, hop, path, range(first), ask=True)
                waiting[hop] = count

    def _asks(self, hop: str) -> bool:
        facts = (said.message for said in self.facts if said.to == hop)
        return any(isinstance(message, Contribute) and message.ask for message in facts)


def _given(stream: Stream, first: int) -> int:
    """How many facts of a stream went by a route: all, or those of before its facts took another one."""
    log = stream.journal.log
    if first >= len(log):
        return len(stream.journal)
    given = {fact.id for fact in log[:first]}
    return sum(fact.id in given for fact in stream.journal)
