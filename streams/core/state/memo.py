"""What a look at a survivor found, kept so that the next one works out only what changed since.

In: the state, and what was kept. Out: exactly the `Sight` that `view.look` gives, for any history in any
batches (a property of tests/core/laws). Whatever is not one more plain fact, such as another version of a
fact, a duplicate, a link or a flag, makes everything anew.
"""
from __future__ import annotations

from collections.abc import Iterator

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from streams.core.state.growing import Growing
from streams.core.state.person import PersonState, Stream
from streams.core.views import view
from streams.core.views.lines import IdentityView, Written, lines, version_of
from streams.core.views.view import Sight, View

_NEVER = 0


class Memo:
    """Kept beside a decoded state; not part of it."""

    __slots__ = ("_growing", "_here", "_identity", "_written", "made_at", "published_at")

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

    def look(self, state: PersonState, config: CoreConfig, until: int = 0) -> Sight:
        """Say what `view.look` says; and the picture at each moment up to `until` at which something came."""
        if state.restriction.cuts():  # rare, and most of what is kept would be of what is gone
            self.made_at = _NEVER
            return view.look(state, config)
        between: dict[int, Picture] = {}
        try:
            news = list(self._news()) if self.made_at == state.knowledge else None
            if news is None or not self._growing.plain(news):
                if not self._begin(state):
                    return view.look(state, config)
            elif state.packed > view.MOST_BYTES:
                return view.look(state, config)
            else:
                between = self._add(news, config, until)
            return self._sight(state, config, between)
        except Exception:  # noqa: BLE001  # the plain way parks the person and says why
            self.made_at = _NEVER
            return view.look(state, config)

    def _news(self) -> Iterator[Fact]:
        for stream, seen in self._here.items():
            yield from stream.journal.log[seen:]

    def _begin(self, state: PersonState) -> bool:
        """Make everything anew; says whether this key shows a picture of its own."""
        self.made_at = _NEVER
        routes = state.map()
        facts, inhabited = view.held(state, routes)
        if not inhabited or routes.root(state.key) != state.key or state.packed > view.MOST_BYTES:
            return False
        self._here: dict[Stream, int] = {s: len(s.journal.log) for s in view.streams_here(state, routes)}
        self._growing = Growing(facts)
        self._identity: IdentityView = view.identity_of(state, routes, facts, "alive")
        self._written: Written = {}
        self.made_at = state.knowledge
        return True

    def _add(self, news: list[Fact], config: CoreConfig, until: int) -> dict[int, Picture]:
        between: dict[int, Picture] = {}
        moments = sorted({fact.received_at for fact in news})
        if len(moments) > 1 and self._growing.through < moments[0] <= until:
            for moment in (moment for moment in moments[:-1] if moment <= until):
                self._growing.add(fact for fact in news if fact.received_at == moment)
                between[moment] = self._growing.picture(config)
            news = [fact for fact in news if fact.received_at not in between]
        self._growing.add(news)
        for stream in self._here:
            self._here[stream] = len(stream.journal.log)
        return between

    def _sight(self, state: PersonState, config: CoreConfig, between: dict[int, Picture]) -> Sight:
        picture, through = self._growing.picture(config), self._growing.through
        written = tuple(lines(picture, state.key, self._identity, config, written=self._written))
        shown = View(state.key, "alive", None, through, version_of(written), written)
        pictures = between | {through: picture}
        return Sight(shown, view.owed_by(picture, through), len(self._growing), None, pictures, picture)
