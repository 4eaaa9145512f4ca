"""What stands behind a figure of a return: its spells, and the events they were counted from.

In: the cells, what the intake took, a cell's name. Out: lines, a spell's events together in the order they
happened. No value of an event is shown: the lines of a replay say what was made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cli.replay.intake import Taken
from schemas.fact import Fact
from streams.core.moments import utc_text
from streams.returns.cells import Cell


def cell_named(cells: Iterable[Cell], name: str, residents: str) -> Cell | None:
    """The cell, or None where a return has no such one."""
    return next((cell for cell in cells if (cell.name, cell.residents) == (name, residents)), None)


def events_of(cell: Cell, taken: Taken) -> Iterator[dict[str, Any]]:
    """A line for each event behind a figure."""
    ids = set(cell.events)
    facts = {fact.id: fact for _, found in taken.facts for fact in found if fact.id in ids}
    for fact in sorted(facts.values(), key=lambda fact: (fact.thing, fact.occurred_at, fact.id)):
        yield _row(fact)


def _row(fact: Fact) -> dict[str, Any]:
    return {
        "view": "return_event", "thing": fact.thing, "key": fact.key, "event": fact.id, "kind": fact.kind,
        "partner": fact.partner, "occurred_at": utc_text(fact.occurred_at),
        "recorded_at": utc_text(fact.recorded_at), "received_at": utc_text(fact.received_at),
    }  # fmt: skip
