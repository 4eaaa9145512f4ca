"""The map of who points where, as one key knows it: roots, cycles, and where a fact begins its way.

In: the link sets one key holds. Out: answers worked out when asked; nothing here is state.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from streams.core.identity.links import MERGE, NUMBER, LinkSet, Stance, stance_of

Path = tuple[str, ...]
"""The keys a fact came through, in order; the holder is not in it."""


class StreamId(NamedTuple):
    """Facts of one stream share where they were published, what they were written under and how they came
    here.

    `local` None = under `origin` itself; `local` == `origin` is the lane of the matches proposed for that
    record.
    """

    origin: str
    local: str | None
    path: Path


class Way(NamedTuple):
    """Where a stream belongs. `path`: how it came to count here, None = it does not. `to`, `route`: whom it
    goes to, and by which path.
    """

    path: Path | None
    to: str | None = None
    route: Path = ()


class Routes:
    """Answers about a growing set of link sets; `forget` a source before its set changes."""

    def __init__(self, known: Mapping[str, LinkSet]) -> None:
        self._known = known
        self._stances: dict[str, Stance] = {}

    def forget(self, source: str) -> None:
        """The link set of this source is about to change."""
        self._stances.pop(source, None)

    def renew(self, source: str, known: LinkSet) -> None:
        """The link set of this source only got newer, by a repetition of the link that is followed."""
        stance = self._stances.get(source)
        if stance is not None and stance.rank in (NUMBER, MERGE):
            newest = known.links[f"{stance.rank}{stance.target}"].at
            if newest != stance.at:
                self._stances[source] = msgspec.structs.replace(stance, at=newest)

    def stance(self, key: str) -> Stance:
        """What is known of one key."""
        stance = self._stances.get(key)
        if stance is None:
            stance = self._stances[key] = stance_of(key, self._known.get(key))
        return stance

    def target(self, key: str) -> str:
        """Where a key points; the key itself when it stands alone."""
        return self.stance(key).target or key

    def chain(self, key: str) -> list[str]:
        """The key and everything it leads to, until a root or the first repetition."""
        chain = [key]
        while (target := self.target(chain[-1])) not in chain:
            chain.append(target)
        return chain

    def cycle(self, key: str) -> list[str]:
        """The cycle a key leads into, empty when it leads to a root."""
        chain = self.chain(key)
        target = self.target(chain[-1])
        return chain[chain.index(target):] if target != chain[-1] else []

    def root(self, key: str) -> str:
        """The survivor: in a cycle the one that the strongest, then newest link names."""
        cycle = self.cycle(key)
        return self.target(max(cycle, key=self._force)) if cycle else self.chain(key)[-1]

    def mark(self, key: str) -> bytes:
        """What other keys must have heard of this one: its print; within a cycle also how new its link is,
        since that names the survivor.
        """
        mark = self.stance(key).print
        return mark + repr(self._force(key)).encode() if key in self.cycle(key) else mark

    def start(self, origin: str, local: str | None) -> str:
        """Where a fact begins its way: the record it was written under, once that is known to belong
        anywhere, else where it was published.
        """
        return local if local is not None and local != origin and self.stance(local).governs else origin

    def way(self, stream: StreamId, holder: str) -> Way:
        """Where a stream that `holder` has belongs, by the rules of the prototype.

        A fact published under a number but written under a record that points elsewhere is sent there at
        once. A fact that went round a cycle also returns to the record it starts at, which may be the
        survivor.
        """
        origin, local, path = stream
        start = self.start(origin, local)
        if origin == holder and not path and start != holder:
            to = self.target(start)
            if to != holder:
                return Way(None, to, (start,) if to != start else ())
            path = (start,)
        elif not self._live(start, path, holder):
            return Way(None)
        to = self.target(holder)
        if to in path:
            return Way(path, to) if to == path[0] and to != origin else Way(path)
        if to == holder or (not path and to == origin):
            return Way(path)
        return Way(path, to, (*path, holder))

    def _live(self, start: str, path: Path, holder: str) -> bool:
        """Whether the path still starts where the fact does and every key on it points to the next, the last
        to the holder.
        """
        nodes = (*path, holder)
        return nodes[0] == start and all(self.target(a) == b for a, b in zip(path, nodes[1:], strict=True))

    def _force(self, key: str) -> tuple[int, object, str]:
        stance = self.stance(key)
        return (stance.rank, stance.at, key)
