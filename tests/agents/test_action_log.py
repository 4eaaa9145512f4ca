"""The action log of a place: what was agreed stands as last written down, in any order, over restarts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from schemas.catalogue import ACTION, QUARANTINE, VIEW_ACTION
from schemas.codec import decode
from schemas.fact import Fact
from streams.agents.place import PlaceFold
from streams.core.config import DAY_US, HOUR_US
from streams.core.interface.figures import CONFIG
from streams.core.pressure.actions import actions_of
from streams.engine.types import Record
from tests.agents.test_place_fold import EIGHT, records


def said(name: str, kind: str, hours: float, action: str = "a1", **body: Any) -> Fact:
    at = EIGHT + int(hours * HOUR_US)
    return Fact(name, kind, "homeward", "S", None, f"S/{action}", at, at, at, body=body)


LOGGED = said("l1", "ActionLogged", 0, what="chase_transport", owner="hub", call="call_0830", due_at=EIGHT)
LATER_DUE = said("l2", "ActionLogged", 1, what="chase_transport", owner="site", due_at=EIGHT + DAY_US)
DONE = said("d1", "ActionDone", 2, outcome="done", actor="site")
NOT_YET = said("d2", "ActionDone", 3, outcome="open", actor="hub")


def states(facts: Sequence[Fact]) -> tuple[Any, ...]:
    [row] = actions_of(facts).values()
    return (row["state"], row["owner"], row["due_at"], row["logged_at"], row["ended_at"])


@pytest.mark.parametrize(("facts", "expected"), [
    ((LOGGED,), ("open", "hub", EIGHT, EIGHT, None)),
    ((LOGGED, LATER_DUE), ("open", "site", EIGHT + DAY_US, EIGHT, None)),
    ((LOGGED, LATER_DUE, DONE), ("done", "site", EIGHT + DAY_US, EIGHT, EIGHT + 2 * HOUR_US)),
    ((LOGGED, DONE, NOT_YET), ("open", "hub", EIGHT, EIGHT, None)),
    ((DONE,), ("done", None, None, None, EIGHT + 2 * HOUR_US)),
])  # fmt: skip
def test_the_last_word_stands_in_any_order(facts: tuple[Fact, ...], expected: tuple[Any, ...]) -> None:
    assert {states(order) for order in permutations(facts)} == {expected}


@pytest.mark.parametrize("seed", range(20))
def test_what_is_shown_is_a_function_of_what_was_said_whatever_cuts_and_restarts(seed: int) -> None:
    chance = random.Random(seed)
    facts = [LOGGED, LATER_DUE, DONE, NOT_YET, said("l3", "ActionLogged", 1, "a2", what="move_staff"), DONE]
    chance.shuffle(facts)
    fold, changelog, shown = PlaceFold(CONFIG), list[tuple[bytes, bytes | None]](), dict[bytes, Any]()
    for fact in facts:
        fold.fold(ACTION, records([fact]))
        flush = fold.cut(chance.choice((0, EIGHT + DAY_US)))
        changelog += flush.changelog
        lost = chance.random() < 0.4
        outputs = [] if lost else list(flush.outputs)
        if lost or chance.random() < 0.3:
            fold = PlaceFold(CONFIG)
            fold.restore(changelog)
            fold.restored()
            if lost:
                fold.republish([name for name, _ in flush.changelog])
                again = fold.cut(0)
                changelog += again.changelog
                outputs = list(again.outputs)
        shown |= {one.key: decode(one.value or b"")[1] for one in outputs if one.topic == VIEW_ACTION}
    assert [shown[key] for key in sorted(shown)] == [
        row for _, row in sorted(actions_of(facts).items())
    ]
    assert fold.cut(0).outputs == []


def test_what_ended_long_ago_goes_and_a_wrong_key_is_refused() -> None:
    fold = PlaceFold(CONFIG)
    fold.fold(ACTION, records([LOGGED, DONE]))
    fold.cut(0)
    fold.fold(ACTION, records([said("l9", "ActionLogged", 24 * 101, "a9", what="other")]))
    gone = {one.key: one.value for one in fold.cut(0).outputs if one.topic == VIEW_ACTION}
    assert gone[b"S/a1"] is None
    assert gone[b"S/a9"] is not None
    [wrong] = records([LOGGED])
    fold.fold(ACTION, [Record(b"T", wrong.value, (), 0, 0, 0)])
    assert [one.topic for one in fold.cut(0).outputs] == [QUARANTINE]
