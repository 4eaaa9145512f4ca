"""The follower on a real Kafka: a board that starts again stands where it stopped before it has read
anything, reads only what is new, and begins anew where the log does not go on.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from board.follower import TOPICS, Follower
from board.projection import Projection
from board.store.store import Store, url_of
from runtime.kafka.admin import cluster, wanted_topics
from runtime.settings import Settings
from schemas.catalogue import EXAMPLES, IDENTITY_PERSON, VIEW_TRANSFER
from schemas.codec import encode
from tests.board.test_read_api import AT, A, B, spell, transfer, view
from tests.conftest import own_broker

Sent = tuple[str, str, bytes | None]
PATIENCE_S = 120


def shown(key: str, visit: str, at: int = AT) -> Sent:
    """A person's view, on its topic."""
    record = view(key, [spell(key, visit), transfer(key, visit)], at)
    return VIEW_TRANSFER, key, encode("TransferView", record | {"merged_into": None, "version": "0"})


def named(key: str) -> Sent:
    """A name, on the restricted topic."""
    record = json.loads((EXAMPLES / "PersonIdentified" / "happy.json").read_text(encoding="utf-8"))
    said = record | {"person_key": key, "family": "Marlow"}
    return IDENTITY_PERSON, key, encode("PersonIdentified", said)


async def send(bootstrap: str, said: Sequence[Sent]) -> None:
    """To the topics, acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        for topic, key, value in said:
            await producer.send_and_wait(topic, value, key.encode())
    finally:
        await producer.stop()


async def until_caught_up(follower: Follower) -> None:
    """Follow until all there was is in, then stop as a process stops."""
    task = asyncio.create_task(follower.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not (follower.caught_up and follower.held is not None):
                if task.done():
                    task.result()
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def started(settings: Settings, state: Path) -> tuple[Follower, Store]:
    """A board's follower as a new process begins it."""
    url = url_of("", state)
    assert url is not None
    store = Store(url)
    store.open()
    follower = Follower(settings, Projection(), store)
    follower.restore()
    return follower, store


def visits(follower: Follower) -> dict[str, str]:
    """Who is shown, with the newest visit."""
    people = follower.projection.people
    return {key: said[-1].lines[0].visit for key, said in people.items()}


@pytest.mark.kafka
@pytest.mark.slow
def test_a_board_starts_where_it_stopped_and_anew_where_the_log_does_not_go_on(tmp_path: Path) -> None:
    with own_broker("kafka") as bootstrap:
        settings = Settings(kafka_bootstrap=bootstrap, state=tmp_path)
        with cluster(bootstrap) as found:
            found.apply(found.plan([one for one in wanted_topics([], settings) if one.name in TOPICS]))
        asyncio.run(_lives(bootstrap, settings, tmp_path))


async def _lives(bootstrap: str, settings: Settings, state: Path) -> None:
    await send(bootstrap, [shown(A, "V1"), named(A), shown(B, "V2")])
    first, store = await asyncio.to_thread(started, settings, state)
    await until_caught_up(first)
    assert (visits(first), first.projection.names.of(A).family) == ({A: "V1", B: "V2"}, "Marlow")
    store.close()

    # While it is down: B is erased, A has news. Before anything is read the second knows what the first did.
    await send(bootstrap, [(VIEW_TRANSFER, B, None), shown(A, "V3")])
    second, store = await asyncio.to_thread(started, settings, state)
    assert (visits(second), second.caught_up) == ({A: "V1", B: "V2"}, False)
    assert second.projection.names.of(A).family == ""
    await until_caught_up(second)
    assert (visits(second), second.projection.names.of(A).family) == ({A: "V3"}, "Marlow")
    assert second.projection.applied == len([B, A]) + len([named(A)]), "read what it had again"
    store.close()

    # Its log begins anew: what it knew cannot be gone on from.
    await asyncio.to_thread(_anew, bootstrap, settings)
    await send(bootstrap, [shown(B, "V6")])
    third, store = await asyncio.to_thread(started, settings, state)
    assert visits(third) == {A: "V3"}
    await until_caught_up(third)
    assert visits(third) == {B: "V6"}
    assert {key: len(said) for key, said in store.load()[0].people.items()} == {B: 1}
    store.close()


def _anew(bootstrap: str, settings: Settings) -> None:
    """The topic of the views is deleted and made again."""
    with cluster(bootstrap) as found:
        found.client.delete_topics([VIEW_TRANSFER])
        deadline = time.monotonic() + PATIENCE_S
        while VIEW_TRANSFER in found.names() and time.monotonic() < deadline:
            time.sleep(0.1)
        found.apply(found.plan([one for one in wanted_topics([], settings) if one.name == VIEW_TRANSFER]))
