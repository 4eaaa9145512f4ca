"""A scenario in the orders its messages may come in, quickly: what a message becomes is remembered, the fold
is not.

In: a scenario, an order of its messages (numbers; one may stand there twice). Out: the bytes of its lines
without what follows the clock, or an exception of ours. What a pipeline makes of a message depends on what of
the same partner came before it and on nothing else, so that is looked up; `as_replayed` takes the long way,
to compare.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence

from cli.replay.export import figure_lines, figures_of, person_lines, settled
from connectors.partners.registry import kind_of
from schemas.fact import Fact
from schemas.figures import FIGURE_KINDS
from streams.agents.config import core_config
from streams.core.pressure.as_at import measures
from streams.core.pressure.lines import measure_lines
from streams.core.state.network import Network
from streams.core.views.view import look
from tests.scenarios.planted import planted
from tests.scenarios.scenario import Scenario

EVERY_ORDER_AT_MOST = 7
"""Messages of which every order is played: 5,040 orders."""

Order = Sequence[int]
Lines = tuple[bytes, ...]


class Play:
    """One scenario, ready for any order."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.config = core_config(scenario.place)
        self._partners = [one.raw.partner for one in scenario.messages]
        self._held_against_others = [
            kind_of(scenario.place.partners[p].kind).full_file is not None for p in self._partners
        ]
        self._made: dict[tuple[int, tuple[int, ...]], list[Fact]] = {}

    def arriving(self, order: Order) -> Iterator[list[Fact]]:
        """The facts of each message of an order."""
        before: dict[str, list[int]] = {}
        for number in order:
            earlier = before.setdefault(self._partners[number], [])
            yield self._facts(number, earlier)
            earlier.append(number)

    def _facts(self, number: int, earlier: list[int]) -> list[Fact]:
        # A window of messages is a set; a history of files may hold one back, so its order counts.
        named = tuple(earlier) if self._held_against_others[number] else tuple(sorted(set(earlier)))
        if (number, named) not in self._made:
            messages = [self.scenario.messages[n] for n in (*named, number)]
            taken = self.scenario.intake().take(messages, in_order=True)
            self._made[number, named] = taken.facts[-1][1]
        return self._made[number, named]

    def lines(self, order: Order) -> Lines:
        """What everybody shows once all of an order has come."""
        network = Network()
        figures: list[Fact] = []
        for facts in self.arriving(order):
            network.take(_people(facts, figures))
        return self._shown(network, figures)

    def lines_step_by_step(self, order: Order) -> Lines:
        """The same, where everybody says everything they owe, and shows themselves, after each message."""
        network = Network()
        shown: Lines = ()
        figures: list[Fact] = []
        for facts in self.arriving(order):
            network.take(_people(facts, figures))
            shown = self._shown(network, figures)
        return shown

    def _shown(self, network: Network, figures: list[Fact]) -> Lines:
        network.settle()
        with planted(self.scenario.planted):
            views = [look(state, self.config).view for state in network.states.values()]
        lines = [without_clock(line) for view in views if view is not None for line in view.lines]
        return tuple(sorted([*lines, *measure_lines(measures(figures, self.config))]))

    def as_replayed(self, order: Order) -> Lines:
        """The long way: the intake and the network of `homeward prove`."""
        messages = [self.scenario.messages[n] for n in order]
        taken = self.scenario.intake().take(messages, in_order=True)
        network, _ = settled(taken)
        with planted(self.scenario.planted):
            said = list(person_lines(network, self.scenario.place))
        said += figure_lines(figures_of(taken), self.scenario.place)
        return tuple(sorted(without_clock(line.encode()) for line in said))


def _people(facts: list[Fact], figures: list[Fact]) -> list[Fact]:
    """The facts about people; figures go to the others."""
    figures += [fact for fact in facts if fact.kind in FIGURE_KINDS]
    return [fact for fact in facts if fact.kind not in FIGURE_KINDS]


def without_clock(line: bytes) -> bytes:
    """A line without `freshness`; its `version` is a digest of the rest."""
    start = line.find(b',"freshness":[')
    return line if start < 0 else line[:start] + line[line.index(b',"version":"', start) :]


def orders(count: int, at_random: int, seed: int = 1) -> Iterable[Order]:
    """Every order of a few messages, else that many random ones; the given order first."""
    if count <= EVERY_ORDER_AT_MOST:
        return itertools.permutations(range(count))
    rng = random.Random(seed)
    return (
        tuple(range(count)) if not n else tuple(rng.sample(range(count), count)) for n in range(at_random)
    )


def some(count: int, at_most: int, seed: int = 2) -> Iterator[Order]:
    """A few random orders, the given one first."""
    rng = random.Random(seed)
    for number in range(at_most):
        yield tuple(range(count)) if not number else tuple(rng.sample(range(count), count))
