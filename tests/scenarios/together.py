"""Every scenario folder at once: one place that knows all their partners, the facts of all their messages,
and the lines the pure fold shows of them.
"""

from __future__ import annotations

from functools import cache

from runtime.place import Place, load_place
from schemas.codec import encode
from schemas.fact import Fact
from schemas.figures import FIGURE_COMMON, FIGURE_KINDS, pack_figure
from streams.agents.config import core_config
from streams.core.state.network import Network
from tests.scenarios.playing import without_clock
from tests.scenarios.scenario import load, names

PARTITIONS = 3
LEFT_OUT: dict[str, str] = {
    name: "a fault is planted in its program; tests/system/test_poison.py parks in processes"
    for name in names()
    if load(name).planted
}
"""Folders that are not run through the engines, and why; the test prints it."""
RESTRICTED = "PersonIdentified"
"""No worker reads this; figures from outside are folded by the workers of places."""

Shown = dict[str, tuple[str, tuple[bytes, ...]]]
"""Person -> status and lines without what follows the clock."""


@cache
def place() -> Place:
    """Bromley with the partners of every profile beside it; the configuration of the fold comes from here."""
    partners = {name: one for folder in names() for name, one in load(folder).place.partners.items()}
    return load_place("bromley").model_copy(update={"partners": partners})


def folders() -> list[str]:
    """The folders whose messages are sent."""
    return [folder for folder in names() if folder not in LEFT_OUT]


@cache
def facts() -> tuple[Fact, ...]:
    """What all messages of all folders become, folder by folder, as they arrive."""
    return tuple(fact for fact in _everything() if fact.kind not in {RESTRICTED, *FIGURE_KINDS})


@cache
def figures() -> tuple[Fact, ...]:
    """The figures from outside among them: the workers of places fold these."""
    return tuple(fact for fact in _everything() if fact.kind in FIGURE_KINDS)


@cache
def _everything() -> tuple[Fact, ...]:
    scenarios = map(load, folders())
    taken = (one.intake().take(one.messages, in_order=True).facts for one in scenarios)
    return tuple(fact for messages in taken for _, found in messages for fact in found)


@cache
def shown() -> Shown:
    """What the pure fold shows of all of them."""
    network = Network()
    network.take(facts())
    network.settle()
    views = network.views(core_config(place()))
    return {v.person_key: (v.status, tuple(sorted(without_clock(line) for line in v.lines))) for v in views}


def figure_payload(fact: Fact) -> bytes:
    """A figure as it lies on the topic."""
    part = fact.thing.partition("/")[2]
    common = (
        fact.id, fact.partner, fact.key, part, fact.occurred_at, fact.recorded_at, fact.received_at,
        fact.sequence, fact.revision, fact.tag, list(fact.flags), 0,
    )  # fmt: skip
    record = dict(zip(FIGURE_COMMON, common, strict=True)) | pack_figure(fact.kind, fact.body)
    return encode(fact.kind, record)
