"""Whether a run was right: what it left on the broker holds every event once, and shows every person as a
fold of the same events in one go does.

In: a stopped system's topics. Out: counts, or `Wrong`: then its figures do not count.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from itertools import islice
from typing import Any

from bench import load
from bench.folds import real
from bench.ground import Ground, Wrong
from runtime.kafka.reader import Message, Reader
from schemas.catalogue import VIEW_TRANSFER
from schemas.codec import decode
from streams.core.views.view import held
from streams.engine.markers import OWN
from streams.engine.types import Output, PartitionFold, Record

SAMPLED = 50
READ_SECONDS = 180.0


def changelog_of(given: dict[str, Any]) -> str:
    """The changelog of a run of `bench.engine_run`."""
    stock = "-stock" if given["system"] == "stock" else ""
    return f"{given['app_id']}{stock}-bench-changelog"


def read(ground: Ground, topic: str, since_ms: int | None = None) -> dict[int, list[Message]]:
    """All there is on a topic, by partition, committed records only."""

    async def all_of_it() -> dict[int, list[Message]]:
        found: dict[int, list[Message]] = defaultdict(list)
        async with asyncio.timeout(READ_SECONDS):
            async with Reader(ground.bootstrap, [topic], ground.traits, since_ms=since_ms) as reader:
                async for batch in reader.to_end():
                    for message in batch:
                        found[message.partition].append(message)
        return found

    return asyncio.run(all_of_it())


def versions(outputs: list[Output]) -> dict[bytes, str]:
    """Person -> version of the view shown, of outputs in order."""
    return {o.key: decode(o.value)[1]["version"] for o in outputs if o.topic == VIEW_TRANSFER and o.value}


def expected(persons: list[int], of: int, steps: int = len(load.COURSE)) -> dict[bytes, str]:
    """What the views of some persons must be: their courses, or the first steps of them, folded here."""
    fold = real()(0)
    for person in persons:
        course = islice(load.courses(range(person, person + 1), of), steps)
        fold.fold("", [Record(p.key, p.value, (), 0, 0, 0) for p in course])
    return versions(fold.cut(0).outputs)


def restored(ground: Ground, given: dict[str, Any]) -> list[tuple[PartitionFold, list[bytes]]]:
    """The folds a next owner would have, each with its persons' keys."""
    folds = []
    for messages in read(ground, changelog_of(given)).values():
        fold = real()(0)
        state = [(m.key or b"", m.value) for m in messages if not (m.key or b"").startswith(OWN)]
        fold.restore(state)
        fold.restored()
        keys = {name.rpartition(b"/")[0] for name, _ in state}
        folds.append((fold, sorted(keys)))
    return folds


def judge(ground: Ground, given: dict[str, Any], since_ms: int, covered: int, load_of: dict[str, Any]) -> Any:
    """Read a stopped run's changelog and views. No event that was called done may be missing, none counted
    twice; every state has its view; where all was done a sample of views is what it must be.
    """
    facts, keys = 0, set[bytes]()
    shown: dict[bytes, str] = {}
    for fold, own in restored(ground, given):
        keys.update(own)
        for key in own:
            state = fold.state(key)  # type: ignore[attr-defined]
            facts += len(held(state, state.map())[0])
    for messages in read(ground, VIEW_TRANSFER, since_ms).values():
        shown |= versions([Output(VIEW_TRANSFER, m.key or b"", m.value, (), None) for m in messages])
    found = {"facts": facts, "persons": len(keys), "views": len(shown)}
    if not covered <= facts <= load_of["events"]:
        raise Wrong(f"{given['system']}: {covered} events done, {facts} facts held, of {load_of['events']}")
    if keys != shown.keys():
        raise Wrong(f"{given['system']}: {len(keys ^ shown.keys())} persons without their view")
    if facts == load_of["events"]:
        step = max(1, load_of["persons"] // SAMPLED)
        check(shown, list(range(0, load_of["persons"], step)), load_of["persons"])
    return found


def check(shown: dict[bytes, str], persons: list[int], of: int) -> None:
    """These persons are shown as they must be."""
    for key, version in expected(persons, of).items():
        if shown.get(key) != version:
            raise Wrong("a person is shown otherwise than a fold of the same events in one go does")
