"""What a key shows: the view of a survivor, the `moving` view or the stub of a retired key, the stub of a
parked one.

In: a `PersonState` and the place's config. Out: a `View`, or None where there is nobody to show. Never a
clock; never fails for one person's facts: a person that does not reduce is parked (design.md §4 law 8) while
the journal goes on growing.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from schemas.fact import Fact
from streams.core.alerts.sweep import NONE
from streams.core.config import CoreConfig
from streams.core.identity.candidates import about_matches, candidates, crowded
from streams.core.identity.matching import INTERNAL
from streams.core.identity.routes import Routes
from streams.core.moments import utc_text
from streams.core.reduce import Picture, reduce_person
from streams.core.state.erasure import Cuts, Left, cuts_of, left_of, stub
from streams.core.state.person import PersonState, Stream
from streams.core.transfer.objection import SHOWN, said_by_any
from streams.core.transfer.told import Notice, due
from streams.core.views.lines import IdentityView, encode, lines, version_of

MOST_BYTES = 16 * 1024 * 1024
"""A journal over this (some 35,000 facts) is parked: it keeps growing and loses nothing, but is no longer
reduced: a look at it would hold up its partition for a quarter of a second. 20,000 A08s of one stay are 9 MB
and take an eighth. No record of it is over 16 KB, the head apart (design.md §6).
"""

Reduce = Callable[[Iterable[Fact], CoreConfig], Picture]
Status = Literal["alive", "moving", "merged", "parked"]


class View(NamedTuple):
    """A value of the view topic. `version` digests the lines, freshness left out."""

    person_key: str
    status: Status
    merged_into: str | None
    received_through: int
    version: str
    lines: tuple[bytes, ...]


class OwedNotice(NamedTuple):
    """A notice this state owes, and when what it tells happened."""

    notice: Notice
    occurred_at: int


class Sight(NamedTuple):
    """The view of a state and the notices it owes; `held` facts went into it. `failure` is what parked it;
    of what the picture would be nobody knows anything then, and it is None. A stub is nobody's picture.
    """

    view: View | None
    owed: tuple[OwedNotice, ...] = ()
    held: int = 0
    failure: Exception | None = None
    pictures: Mapping[int, Picture] = NONE
    """Moment -> the picture of all that was received until then, where one was made."""
    picture: Picture | None = Picture()


def look(state: PersonState, config: CoreConfig, reduce: Reduce = reduce_person) -> Sight:
    """Say what a state shows now. Pure: changes nothing. `memo.look` says the same sooner."""
    routes = state.map()
    facts, inhabited = held(state, routes)
    hop = routes.target(state.key) if routes.root(state.key) != state.key else None
    if hop is not None and (not facts or _handed(state, hop)):
        return _stub(state, hop)
    if not inhabited:
        return Sight(None)
    cuts = cuts_of(facts, state.key, state.restriction.cuts())
    if cuts:
        try:
            return _erased(state, config, routes, left_of(facts, cuts, config), cuts, reduce)
        except Exception as failure:  # noqa: BLE001  # as below
            return _parked(state, len(facts), "INVARIANT")._replace(failure=failure)
    return _look_at(state, config, routes, facts, "alive" if hop is None else "moving", reduce)


def _look_at(
    state: PersonState, config: CoreConfig, routes: Routes, facts: list[Fact], status: Status, reduce: Reduce,
) -> Sight:
    """The picture of these facts, or the stub of a person parked."""
    if state.packed > MOST_BYTES:
        return _parked(state, len(facts), "STATE_TOO_LARGE")
    try:
        return _picture(state, config, routes, facts, status, reduce)
    except Exception as failure:  # noqa: BLE001  # whatever one person's facts break, parks that person alone
        return _parked(state, len(facts), "INVARIANT")._replace(failure=failure)


def _erased(
    state: PersonState, config: CoreConfig, routes: Routes, left: Left, cuts: Cuts, reduce: Reduce,
) -> Sight:
    """Somebody erased: a stub, or what came since; in either case who has to be told."""
    at = max(cuts.values())
    owed = tuple(OwedNotice(notice, at) for notice in due(left.telling))
    status: Status = "alive" if routes.root(state.key) == state.key else "moving"
    if left.lives:
        sight = _look_at(state, config, routes, list(left.since), status, reduce)
        return sight._replace(owed=sight.owed + (owed if status == "alive" else ()))
    line = encode(stub(state.key, state.restriction.holds("restricted"), cuts, left.telling))
    return Sight(View(state.key, status, None, at, version_of((line,)), (line,)), owed)


def stub_stands(state: PersonState) -> bool:
    """Whether the state is a stub that says what was last shown: most facts about a local record change
    nothing here.
    """
    shown, routes = state.shown, state.map()
    return (
        shown.status == "merged" and shown.merged_into == routes.target(state.key)
        and shown.restricted == state.restriction.holds("restricted") and routes.root(state.key) != state.key
    )


def _handed(state: PersonState, hop: str) -> bool:
    """Whether readers may go on to the next hop: it has the facts, or nobody was ever shown them here."""
    shown = state.shown
    return state.handed_to == hop or not shown.status or (shown.status, shown.merged_into) == ("merged", hop)


def differs(state: PersonState, view: View | None) -> bool:
    """Whether the view says anything the last published one did not; being heard from again is not news."""
    shown = state.shown
    if view is None:
        return bool(shown.status)
    return (view.status, view.merged_into, view.version) != (shown.status, shown.merged_into, shown.version)


def held(state: PersonState, routes: Routes) -> tuple[list[Fact], bool]:
    """The facts of care that belong here now, each id once, and whether any record does."""
    here = streams_here(state, routes)
    return facts_of(here), any(len(stream.journal) for stream in here)


def facts_of(streams: Iterable[Stream]) -> list[Fact]:
    """The facts of care in streams, each id once."""
    facts: dict[str, Fact] = {}
    for stream in streams:
        facts.update((fact.id, fact) for fact in stream.journal if fact.kind not in INTERNAL)
    return list(facts.values())


def streams_here(state: PersonState, routes: Routes) -> list[Stream]:
    """The streams of records whose facts count here."""
    return [
        stream for stream in state.streams.values()
        if stream.id.local != stream.id.origin and routes.way(stream.id, state.key).path is not None
    ]


def _picture(
    state: PersonState, config: CoreConfig, routes: Routes, facts: list[Fact], status: Status, reduce: Reduce,
) -> Sight:
    picture = reduce(facts, config)
    identity = identity_of(state, routes, facts, status)
    written = tuple(lines(picture, state.key, identity, config))
    through = max((fact.received_at for fact in facts), default=0)
    view = View(state.key, status, None, through, version_of(written), written)
    owed = owed_by(picture, through) if status == "alive" else ()
    return Sight(view, owed, len(facts), None, {through: picture}, picture)


def identity_of(
    state: PersonState, routes: Routes, facts: Iterable[Fact], status: Status,
) -> IdentityView:
    """What the person line says of a key that shows a picture."""
    restricted, flags = state.restriction.holds("restricted"), _flags(state, facts)
    heard = about_matches(state, routes)
    if crowded(heard):
        flags = tuple(sorted((*flags, "match_crowded")))
    return IdentityView(state.key, None, restricted, flags, candidates(state, routes, heard), status)


def _flags(state: PersonState, facts: Iterable[Fact]) -> tuple[str, ...]:
    """What must be shown of a person beside `restricted`; each record's newest word counts."""
    flagged = [fact for fact in facts if fact.kind == "PersonFlagged"]
    flags: set[str] = {field for field in SHOWN if said_by_any(flagged, field)}
    if state.restriction.holds("location_hidden"):
        flags.add("location_hidden")
    return tuple(sorted(flags))


def owed_by(picture: Picture, through: int) -> tuple[OwedNotice, ...]:
    """The notices a picture owes."""
    if picture.transfer is None:
        return ()
    spells = {spell.spell_id: spell for spell in picture.spells}

    def when(notice: Notice) -> int:
        spell = spells.get(notice.about)
        at = spell and (spell.undone_at if notice.retracts else spell.discharged_at)
        return at or through

    return tuple(OwedNotice(notice, when(notice)) for notice in picture.owed)


def _stub(state: PersonState, hop: str) -> Sight:
    identity = IdentityView(state.key, hop, state.restriction.holds("restricted"), status="merged")
    written = tuple(lines(Picture(), state.key, identity, CoreConfig()))
    return Sight(View(state.key, "merged", hop, state.shown.through, version_of(written), written))


def _parked(state: PersonState, held: int, reason: str) -> Sight:
    """The stub of §9 and law 8: frozen since the last picture, so many facts unread."""
    line = encode({
        "view": "person", "person_key": state.key, "state": "parked", "reason": reason,
        "frozen_since": utc_text(state.shown.through or None), "unread": max(held - state.shown.held, 0),
    })
    through = state.shown.through
    view = View(state.key, "parked", None, through, version_of((line,)), (line,))
    return Sight(view, (), state.shown.held, picture=None)
