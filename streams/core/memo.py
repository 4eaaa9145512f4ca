"""What a look at a survivor found, kept so that the next one works out only what changed since.

In: the state, and what was kept. Out: exactly the `Sight` that `view.look` gives, for any history in any
batches (a property of tests/core/laws). Whatever is not one more plain fact, such as another version of a
fact, a duplicate, a link or a flag, makes everything anew.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.fact import Fact
from streams.core import view
from streams.core.config import CoreConfig
from streams.core.lines import IdentityView, Written, lines, version_of
from streams.core.matching import INTERNAL
from streams.core.person import PersonState, Stream
from streams.core.reduce import Made, heard_of, reduce_things
from streams.core.select import FAMILIES, WITHDRAWN, Grouped, distinct, grouped, meaning
from streams.core.view import Sight, View

_NEVER = 0


class Memo:
    """Kept beside a decoded state; not part of it."""

    __slots__ = (
        "_groups", "_heard", "_held", "_here", "_identity", "_made", "_meant", "_through", "_written",
        "made_at", "published_at",
    )

    def __init__(self) -> None:
        self.made_at = _NEVER
        """The `knowledge` of the state when it was made; `_NEVER` = nothing is kept."""
        self.published_at = _NEVER
        """The `knowledge` at which everything the state owed was published."""

    def idle(self, state: PersonState) -> bool:
        """Whether nothing but a repetition came since the state was published: it owes nothing. Holds where
        only `publish` exchanges.
        """
        return (
            self.published_at == state.knowledge == state.settled
            and not state.grown and not state.asked and state.packed <= view.MOST_BYTES
        )

    def look(self, state: PersonState, config: CoreConfig) -> Sight:
        """Say what `view.look` says."""
        try:
            news = list(self._news()) if self.made_at == state.knowledge else None
            if news is None or not self._plain(news):
                if not self._begin(state):
                    return view.look(state, config)
            elif state.packed > view.MOST_BYTES:
                return view.look(state, config)
            else:
                self._add(news)
            return self._sight(state, config)
        except Exception:  # noqa: BLE001  # the plain way parks the person and says why
            self.made_at = _NEVER
            return view.look(state, config)

    def _news(self) -> Iterator[Fact]:
        for stream, seen in self._here.items():
            yield from stream.journal.log[seen:]

    def _plain(self, news: Iterable[Fact]) -> bool:
        """Whether the news only adds: no other version or duplicate of a fact, nothing said of the person."""
        ids, meant = set(), set()
        for fact in news:
            name = meaning(fact)
            if (
                fact.id in self._held or fact.id in ids or name in self._meant or name in meant
                or fact.kind == "PersonFlagged" or fact.kind in INTERNAL or WITHDRAWN in fact.flags
            ):
                return False
            ids.add(fact.id)
            if name is not None:
                meant.add(name)
        return True

    def _begin(self, state: PersonState) -> bool:
        """Make everything anew; says whether this key shows a picture of its own."""
        self.made_at = _NEVER
        routes = state.map()
        facts, inhabited = view.held(state, routes)
        if not inhabited or routes.root(state.key) != state.key or state.packed > view.MOST_BYTES:
            return False
        kept = distinct(facts)
        self._here: dict[Stream, int] = {s: len(s.journal.log) for s in view.streams_here(state, routes)}
        self._held = {fact.id for fact in facts}
        self._meant = {name for fact in kept if (name := meaning(fact)) is not None}
        self._groups: Grouped = grouped(kept)
        self._heard = dict(heard_of(kept))
        self._through = max((fact.received_at for fact in facts), default=0)
        self._identity: IdentityView = view.identity_of(state, routes, facts, "alive")
        self._made: Made = {}
        self._written: Written = {}
        self.made_at = state.knowledge
        return True

    def _add(self, news: Iterable[Fact]) -> None:
        for fact in news:
            self._held.add(fact.id)
            name = meaning(fact)
            if name is not None:
                self._meant.add(name)
            self._heard[fact.partner] = max(self._heard.get(fact.partner, fact.received_at), fact.received_at)
            self._through = max(self._through, fact.received_at)
            family = FAMILIES.get(fact.kind)
            if family is not None:
                self._groups.setdefault(family, {}).setdefault(fact.thing, []).append(fact)
                self._made.pop((family, fact.thing), None)
        for stream in self._here:
            self._here[stream] = len(stream.journal.log)

    def _sight(self, state: PersonState, config: CoreConfig) -> Sight:
        picture = reduce_things(self._groups, tuple(sorted(self._heard.items())), config, self._made)
        written = tuple(lines(picture, state.key, self._identity, config, written=self._written))
        through = self._through
        shown = View(state.key, "alive", None, through, version_of(written), written)
        return Sight(shown, view.owed_by(picture, through), len(self._held))
