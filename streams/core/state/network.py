"""All keys in one memory: what the workers of a place are together, without a broker.

In: facts in any order. Out: the states of every key once nobody owes anybody anything. For offline replay and
tests; the same states and messages as live, only the topic between them is a list.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.fact import Fact
from streams.core.config import CoreConfig
from streams.core.errors import InvariantBroken
from streams.core.identity.exchange import exchange
from streams.core.state.person import PersonState
from streams.core.views.view import View, look

_MOST_ROUNDS = 1_000
"""Rounds of messages until everything is said; a few per hop of the longest chain of links."""


class Network:
    """Keys and the messages between them. Keys settle lazily: however many facts came, a key speaks once a
    round.
    """

    def __init__(self) -> None:
        self.states: dict[str, PersonState] = {}
        self.messages = 0
        self._dirty: dict[str, None] = {}

    def state(self, key: str) -> PersonState:
        """The state of a key, made on first use."""
        found = self.states.get(key)
        if found is None:
            found = self.states[key] = PersonState(key)
        return found

    def take(self, facts: Iterable[Fact]) -> bool:
        """Deliver facts to the keys they were published under; says whether any of them was news."""
        news = False
        for fact in facts:
            if self.state(fact.key).take(fact):
                self._dirty[fact.key] = None
                news = True
        return news

    def settle(self) -> None:
        """Exchange messages until every key has said what it owes. Raises InvariantBroken if that never
        happens.
        """
        for _ in range(_MOST_ROUNDS):
            if not self._dirty:
                return
            speakers, self._dirty = self._dirty, {}
            for key in speakers:
                self._deliver(key)
        raise InvariantBroken("the keys do not come to rest")

    def _deliver(self, key: str) -> None:
        for to, message in exchange(self.states[key]):
            self.messages += 1
            if self.state(to).receive(message):
                self._dirty[to] = None

    def views(self, config: CoreConfig) -> Iterator[View]:
        """What every key shows now, by key. Call it on a settled network, else handovers are still `moving`.
        """
        for key in sorted(self.states):
            view = look(self.states[key], config).view
            if view is not None:
                yield view
