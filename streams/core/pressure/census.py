"""What is counted over everybody at once, for a replay: the claims of all persons, and the measures of each
site as at a time. Live, the same claims travel by a topic and lie with their sites (`place_state.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from streams.core.config import CoreConfig
from streams.core.pressure.contributions import Said, linked_at, rows_of, standing
from streams.core.pressure.counted import counted
from streams.core.pressure.figures import Book
from streams.core.pressure.measures import Measure
from streams.core.state.person import PersonState
from streams.core.views.view import look

Claimed = dict[str, dict[str, dict[str, Said]]]
"""Site -> thing -> holder -> claim."""


def claims_of(states: Iterable[PersonState], config: CoreConfig) -> Claimed:
    """What everybody claims, of states that have nothing to say to each other any more."""
    found: Claimed = {}
    for state in states:
        picture = look(state, config).picture
        if picture is None:
            continue
        linked = linked_at(state)
        for (site, thing), row in rows_of(picture).items():
            said = Said(state.key, thing, linked, 0, row)
            found.setdefault(site, {}).setdefault(thing, {})[state.key] = said
    return found


def counted_of(states: Iterable[PersonState], book: Book, at: int, config: CoreConfig) -> list[Measure]:
    """Every measure counted, of every site, as at a time."""
    found: list[Measure] = []
    for site, things in sorted(claims_of(states, config).items()):
        rows = [row for claims in things.values() if (row := standing(claims)) is not None]
        found += counted(site, rows, book, at, config)
    return found
