"""Latency of the engine: from the producer's send to the output in a read_committed reader's hands, at 200
events a second.

One event, one state, one output; the worker is caught up, so every flush is an adaptive one. All three
processes share the machine's cores with the broker. `bench.wire` measures the whole way of a message.
"""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from typing import Any

from kafka import KafkaProducer

from bench.ground import Ground, Wrong, load_now
from bench.running import Running
from runtime.brokers.traits import BrokerTraits
from runtime.kafka.reader import Reader
from schemas.catalogue import VIEW_TRANSFER

PER_SECOND = 200
WARM_SECONDS = 5


def send(bootstrap: str, topic: str, seconds: float, over: threading.Event) -> None:
    """One event every 5 ms; its value is the time it was sent at, by the clock all processes share."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=0)
    started = time.monotonic()
    for number in range(int(seconds * PER_SECOND)):
        producer.send(topic, key=b"k%d" % (number % 997), value=b"%d" % time.monotonic_ns())
        time.sleep(max(0.0, started + (number + 1) / PER_SECOND - time.monotonic()))
    producer.flush()
    producer.close()
    over.set()


async def receive(
    bootstrap: str, traits: BrokerTraits, topic: str, over: threading.Event
) -> dict[str, list[float]]:
    """Milliseconds from send to here of every event itself (`direct`) and of its output (`engine`)."""
    delays: dict[str, list[tuple[bytes, float]]] = {topic: [], VIEW_TRANSFER: []}
    async with Reader(bootstrap, [topic, VIEW_TRANSFER], traits) as reader:
        quiet = 0
        while quiet < 5:
            batch = await reader.poll()
            now = time.monotonic_ns()
            for message in batch:
                value = message.value or b""
                if value.isdigit():
                    delays[message.topic].append((value, (now - int(value)) / 1e6))
            quiet = quiet + 1 if over.is_set() and not batch else 0
    sent = {value for value, _ in delays[topic]}  # other benches write views too
    return {
        "direct": [delay for _, delay in delays[topic]],
        "engine": [delay for value, delay in delays[VIEW_TRANSFER] if value in sent],
    }


def percentiles(found: list[float]) -> dict[str, float]:
    """The usual ones, after the warm-up."""
    steady = found[WARM_SECONDS * PER_SECOND :]
    cuts = statistics.quantiles(steady, n=100, method="inclusive")
    return {f"p{at}_ms": round(cuts[at - 1], 1) for at in (50, 95, 99)} | {"measured": len(steady)}


def measure(ground: Ground, seconds: float) -> dict[str, Any]:
    """Start a worker with the echo fold, send, receive; percentiles after the warm-up: of the output, and
    beside it of the event itself, which is what the machine and the broker cost without us.
    """
    topic, loads, over = ground.source(), load_now(), threading.Event()
    with Running(ground, fold="echo", topic=topic) as run:
        run.ready()
        given = (ground.bootstrap, topic, seconds + WARM_SECONDS, over)
        threading.Thread(target=send, args=given, daemon=True).start()
        found = asyncio.run(receive(ground.bootstrap, ground.traits, topic, over))
    if len(found["engine"]) != len(found["direct"]):
        raise Wrong(f"{len(found['direct'])} events, {len(found['engine'])} outputs")
    ways = {way: percentiles(delays) for way, delays in found.items()}
    return {"events_per_second": PER_SECOND, "loads": loads} | ways


def table(found: dict[str, Any]) -> list[str]:
    """Lines to read."""
    return [f"{way:8} {found[way]}" for way in ("direct", "engine")]
