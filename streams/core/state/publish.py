"""Everything a state owes the world: messages to other keys, its view, notices; less what was published
before.

In: a `PersonState`. Out: a `Published`, with the bookkeeping noted in the state, so that both become durable
together. `total` gives everything again, for a recovery that cannot know what got through (design.md §6
"Outputs are a function of state").
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from streams.core.alerts.sweep import NONE
from streams.core.config import CoreConfig
from streams.core.identity.exchange import exchange
from streams.core.identity.messages import Addressed
from streams.core.reduce import Picture, reduce_person
from streams.core.state.bookkeeping import Shown
from streams.core.state.memo import Memo
from streams.core.state.person import PersonState
from streams.core.views.view import OwedNotice, Reduce, View, differs, look, stub_stands


class Published(NamedTuple):
    """`view` is to be written, or deleted where `tombstone`; neither where nothing changed. `failure`: why
    the person is parked, where our code broke. `picture`: what was looked at; None where nothing was, or
    nothing is known of it.
    """

    messages: list[Addressed]
    view: View | None = None
    tombstone: bool = False
    owed: tuple[OwedNotice, ...] = ()
    failure: Exception | None = None
    pictures: Mapping[int, Picture] = NONE
    picture: Picture | None = None


def publish(
    state: PersonState, config: CoreConfig, reduce: Reduce = reduce_person, total: bool = False,
    memo: Memo | None = None, until: int = 0,
) -> Published:
    """Say what is owed and note it as said. With a `memo` of the same state and config, which is of the real
    reduce, only what changed is worked out; with `until`, the pictures at the moments up to it too.
    """
    if memo is not None and not total and memo.idle(state):
        return Published([])
    messages = exchange(state, total)
    if not total and stub_stands(state):
        if memo is not None:
            memo.published_at = state.knowledge
        return Published(messages)
    sight = look(state, config, reduce) if memo is None else memo.look(state, config, until)
    if memo is not None and sight.failure is None:
        memo.published_at = state.knowledge
    view, owed = sight.view, tuple(o for o in sight.owed if total or o.notice.notice_id not in state.owed)
    state.owed.update(o.notice.notice_id for o in owed)
    if not total and not differs(state, view):
        if view is not None and view.status != "parked":
            state.shown.held, state.shown.through = sight.held, view.received_through
        return Published(messages, None, False, owed, sight.failure, sight.pictures, sight.picture)
    tombstone = view is None and (bool(state.shown.status) or state.buried)
    state.buried = state.buried or tombstone
    state.shown = _shown(state, view, sight.held)
    return Published(messages, view, tombstone, owed, sight.failure, sight.pictures, sight.picture)


def _shown(state: PersonState, view: View | None, held: int) -> Shown:
    if view is None:
        return Shown()
    restricted = state.restriction.holds("restricted")
    return Shown(view.status, view.merged_into, view.version, view.received_through, held, restricted)
