"""Every order, or some: the acceptance test of a partner's samples (`homeward prove`).

In: messages. Out: how many different sets of lines their orders give; one is what the fold promises
(design.md §4 law 1).
"""

from __future__ import annotations

import hashlib
import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence

from cli.replay.export import figure_lines, figures_of, person_lines, settled
from cli.replay.intake import Intake
from cli.replay.sources import Sourced
from runtime.freshness import without_freshness

ALL_AT_MOST = 7
"""Messages of which every order is tried unless told otherwise: 5,040 orders."""


def orders_of(messages: Sequence[Sourced], asked: int | None, seed: int = 1) -> Iterator[Sequence[Sourced]]:
    """Every order (`asked` None), or that many random ones, the given order first."""
    if asked is None:
        yield from itertools.permutations(messages)
        return
    rng, order = random.Random(seed), list(messages)  # noqa: S311  (orders, not secrets)
    for _ in range(asked):
        yield tuple(order)
        rng.shuffle(order)


def how_many(messages: Sequence[Sourced], asked: int | None) -> int:
    """Orders that will be tried."""
    return math.factorial(len(messages)) if asked is None else asked


def digest(intake: Intake, order: Sequence[Sourced]) -> str:
    """The lines of one order of arrival, digested; freshness left out, it follows the clock."""
    taken = intake.take(order, in_order=True)
    network, _ = settled(taken)
    lines = sorted(without_freshness(line) for line in person_lines(network, intake.place))
    lines += figure_lines(figures_of(taken), intake.place)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def distinct(
    intake: Intake,
    messages: Sequence[Sourced],
    asked: int | None,
    *,
    duplicates: bool,
    seen: Callable[[int], None],
) -> dict[str, Sequence[Sourced]]:
    """Digest -> the first order that gave it. `duplicates`: every message once more, where the order has
    turned round.
    """
    found: dict[str, Sequence[Sourced]] = {}
    for number, order in enumerate(orders_of(messages, asked), start=1):
        played = [*order, *reversed(order)] if duplicates else order
        found.setdefault(digest(intake, played), order)
        seen(number)
    return found
