"""Recovery: a worker starts with the changelog of many persons and no backlog; how fast states are read back
by the real fold's `restore`, and how long until the worker is ready.

The changelog is written by the engine's own flush: one head and one journal chunk a person, as a compacted
changelog has it. States are those of `MODELS` persons that the real fold made of their first `STEPS` events,
under other keys of the same length; a sample is published again afterwards and must show what it should.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer

from bench import load, verdict
from bench.folds import real
from bench.ground import Ground, Wrong, app_id, load_now, say
from bench.running import Running
from schemas.catalogue import FORWARD
from streams.engine.flush import FencedFlush, PlainFlush
from streams.engine.plan import BATCH_BYTES_MAX, no_checkpoint
from streams.engine.sender import partition_of
from streams.engine.types import Record

MODELS = 200
STEPS = 10
"""Events of a person: somebody in the second day of a stay."""
PER_FLUSH = 1_000
State = list[tuple[bytes, bytes | None]]


def models(count: int) -> list[State]:
    """Changelog records of so many persons."""
    found = []
    for person in range(count):
        fold = real()(0)
        begun = islice(load.courses(range(person, person + 1), count), STEPS)
        records = [Record(p.key, p.value, (), 0, 0, 0) for p in begun]
        fold.fold("", records)
        found.append(fold.cut(0).changelog)
    return found


def under(state: State, model: int, person: int) -> State:
    """The same state under another key: keys and spell ids are of one length, msgpack does not notice."""
    old, new = load.person_key(model).encode(), load.person_key(person).encode()
    old_spell, new_spell = load.spell(model).encode(), load.spell(person).encode()
    return [
        (name.replace(old, new), value and value.replace(old, new).replace(old_spell, new_spell))
        for name, value in state
    ]


def flushes(persons: list[int], made: list[State]) -> Iterator[State]:
    """The records of these persons, so many persons at a time."""
    for begin in range(0, len(persons), PER_FLUSH):
        some = persons[begin : begin + PER_FLUSH]
        yield [
            entry for person in some for entry in under(made[person % len(made)], person % len(made), person)
        ]


async def write(ground: Ground, app: str, topic: str, persons: int) -> dict[str, int]:
    """The changelog, flush by flush, as the engine writes it."""
    records = written = 0
    made, of = models(min(MODELS, persons)), [list[int]() for _ in range(ground.partitions)]
    for person in range(persons):
        of[partition_of(load.person_key(person).encode(), ground.partitions)].append(person)
    for partition, own in enumerate(of):
        given: dict[str, Any] = {"enable_idempotence": True, "transactional_id": f"{app}-bench-{partition}"}
        producer = AIOKafkaProducer(
            bootstrap_servers=ground.bootstrap, acks="all", max_batch_size=BATCH_BYTES_MAX,
            **(given if ground.traits.fenced else {}),
        )  # fmt: skip
        await producer.start()
        way = FencedFlush if ground.traits.fenced else PlainFlush
        flush = way(producer, f"{app}-bench-changelog", partition, no_checkpoint)
        for state in flushes(own, made):
            await flush.send(state, [], {topic: 0, FORWARD: 0})
            records += len(state)
            written += sum(len(name) + len(value or b"") for name, value in state)
        await producer.stop()
    return {"records": records, "bytes": written}


def measure(ground: Ground, persons: int, rounds: int) -> dict[str, Any]:
    """Write the changelog once, start a worker on it as often as asked."""
    app, topic = app_id(), ground.source()
    ground.topics(f"{app}-bench-changelog")
    wrote = asyncio.run(write(ground, app, topic, persons))
    say(f"  changelog of {persons:,} persons: {wrote['records']:,} records, {wrote['bytes'] // 1_000_000} MB")
    runs = []
    for _ in range(rounds):
        runs.append(run_one(ground, app, topic, persons, wrote["records"]))
        said = runs[-1]
        say(f"  {said['state_records_per_second']:>10,.0f} records/s, ready after {said['ready_s']} s")
    _check(ground, app, persons)
    return {"persons": persons} | wrote | {"events_a_person": STEPS, "runs": runs}


def run_one(ground: Ground, app: str, topic: str, persons: int, records: int) -> dict[str, Any]:
    """One start of a worker, to ready."""
    loads = load_now()
    with Running(ground, app_id=app, topic=topic) as run:
        ready = run.ready(180)
    begun = next(sample for sample in run.samples if sample.get("recovery") == "begun")
    ended = next(sample for sample in run.samples if sample.get("recovery") == "ended")
    if ended["restored"] != records or ready["keys"] != persons:
        held = f"{ready['keys']} persons of {persons}, {ended['restored']} of {records} records"
        raise Wrong(f"recovered {held}")
    seconds = ended["t"] - begun["t"]
    return {
        "state_records_per_second": round(records / seconds), "persons_per_second": round(persons / seconds),
        "restore_s": round(seconds, 2), "ready_s": round(ready["t"] - run.began, 2),
        "cpu_s": round(ready["cpu"], 2), "restore_cpu_s": round(ended["cpu"] - begun["cpu"], 2),
        "peak_kb": ready["peak_kb"], "loads": loads,
    }  # fmt: skip


def _check(ground: Ground, app: str, persons: int) -> None:
    """A sample of what is on the changelog shows, when published again, what those persons must show."""
    step = max(1, persons // verdict.SAMPLED)
    wanted = {load.person_key(person).encode(): person for person in range(0, persons, step)}
    shown: dict[bytes, str] = {}
    for fold, keys in verdict.restored(ground, {"app_id": app, "system": "batch"}):
        names = [key + b"/h" for key in keys if key in wanted]
        shown |= verdict.versions(fold.republish(names))
    if shown.keys() != wanted.keys():
        raise Wrong(f"{len(wanted.keys() - shown.keys())} of {len(wanted)} sampled persons were lost")
    _same_shape(shown, persons)


def _same_shape(shown: dict[bytes, str], persons: int) -> None:
    """The first model is nobody but itself: its view is checked to the byte."""
    first = load.person_key(0).encode()
    if shown[first] != verdict.expected([0], min(MODELS, persons), STEPS)[first]:
        raise Wrong("a recovered person is shown otherwise than a fold of the same events does")


def table(found: dict[str, Any]) -> list[str]:
    """Lines to read."""
    lines = [f"{'records/s':>10} {'persons/s':>10} {'restore s':>10} {'ready s':>8} {'peak MB':>8}"]
    for run in found["runs"]:
        rates = f"{run['state_records_per_second']:>10,} {run['persons_per_second']:>10,}"
        lines.append(f"{rates} {run['restore_s']:>10} {run['ready_s']:>8} {run['peak_kb'] // 1024:>8}")
    return lines
