"""How an alert lives, step by step: what a rule finds at one moment after the other, what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from streams.core.alerts.sweep import Rule, Span, Sweep
from streams.core.config import CoreConfig
from streams.core.reduce import Picture
from tests.core.story import fact

Found = Mapping[int, tuple[int, int | None] | None]
"""Moment of a fact -> (due, until) of the one condition the rule finds from then on; None = none."""


def life(found: Found, now: int) -> list[tuple[int, int, str, int]]:
    """(Raised, due, state, changed) of each alert at `now`, of a rule that finds so much at each moment."""

    def spans(picture: Picture, _: CoreConfig) -> Iterator[Span]:
        held = found[max(at for at in found if at <= picture.received_through)]
        if held is not None:
            yield Span("thing", "", 0, *held)

    sweep = Sweep([Rule("r", "R", ("hub",), False, spans)], CoreConfig())
    sweep.take([fact("SpellAmended", at, specialty=str(at)) for at in found])
    return [(a.raised_at, a.due_at, a.state, a.changed_at) for a in sweep.alerts(now)]


@pytest.mark.parametrize(
    ("what", "found", "now", "expected"),
    [
        ("not due yet", {1: (10, None)}, 9, []),
        ("due now", {1: (10, None)}, 10, [(10, 10, "open", 10)]),
        ("known late, due long ago", {5: (2, None)}, 6, [(5, 2, "open", 5)]),
        ("over in time", {1: (10, None), 8: (10, 7)}, 30, []),
        ("a fact at the very moment is heard first", {1: (10, None), 10: None}, 30, []),
        ("over late", {1: (10, None), 20: (10, 15)}, 30, [(10, 10, "resolved", 20)]),
        ("over in time, heard late", {1: (10, None), 20: (10, 9)}, 30, [(10, 10, "withdrawn", 20)]),
        ("over at the moment it was due", {1: (10, None), 20: (10, 10)}, 30, [(10, 10, "withdrawn", 20)]),
        ("never was", {1: (10, None), 20: None}, 30, [(10, 10, "withdrawn", 20)]),
        ("never was, and is over", {1: (10, None), 20: None, 40: (10, 35)}, 50, [(10, 10, "withdrawn", 20)]),
        ("is due later", {1: (10, None), 20: (25, None)}, 24, [(10, 10, "withdrawn", 20)]),
        ("is due this very moment", {1: (10, None), 20: (20, None)}, 20, [(20, 20, "open", 20)]),
        ("is due later, and that is now", {1: (10, None), 20: (25, None)}, 25, [(25, 25, "open", 25)]),
        ("was due at another time", {1: (10, None), 20: (12, None)}, 30, [(10, 12, "open", 10)]),
        ("not over after all", {1: (10, None), 20: (10, 15), 40: (10, None)}, 50, [(40, 10, "open", 40)]),
        ("over, and never was", {1: (10, None), 20: (10, 15), 40: None}, 50, [(10, 10, "withdrawn", 40)]),
        ("over, corrected", {1: (10, None), 20: (10, 15), 40: (11, 15)}, 50, [(10, 11, "resolved", 20)]),
    ],
)  # fmt: skip
def test_it_lives(what: str, found: Found, now: int, expected: list[tuple[int, int, str, int]]) -> None:
    assert life(found, now) == expected, what


def test_the_next_due_time_is_that_of_what_holds() -> None:
    def spans(_: Picture, __: CoreConfig) -> Iterator[Span]:
        yield from (Span("a", "", 0, 10), Span("b", "", 0, 5, until=3), Span("c", "", 0, 7))

    sweep = Sweep([Rule("r", "R", ("hub",), False, spans)], CoreConfig())
    assert sweep.next_due(0) is None
    sweep.take([fact("SpellAmended", 1)])
    assert (sweep.next_due(0), sweep.next_due(7), sweep.next_due(10)) == (7, 10, None)
