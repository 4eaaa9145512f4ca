"""Latency of the engine: from the producer's send to the output in a read_committed reader's hands, at 200
events a second.

One event, one state, one output; the worker is caught up, so every flush is an adaptive one. All three
processes share the machine's cores with the broker. Used by `bench.engine`.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from runtime.brokers.detect import detect
from runtime.kafka.reader import Reader
from schemas.catalogue import VIEW_TRANSFER

ROOT = Path(__file__).resolve().parent.parent
PER_SECOND = 200
WARM_SECONDS = 5
NEVER = 1 << 60


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


async def receive(bootstrap: str, topic: str, over: threading.Event) -> dict[str, list[float]]:
    """Milliseconds from send to here of every event itself (`direct`) and of its output (`engine`)."""
    delays: dict[str, list[tuple[bytes, float]]] = {topic: [], VIEW_TRANSFER: []}
    async with Reader(bootstrap, [topic, VIEW_TRANSFER], detect(bootstrap)) as reader:
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
    cuts = statistics.quantiles(steady, n=100)
    return {f"p{at}_ms": round(cuts[at - 1], 1) for at in (50, 95, 99)} | {"measured": len(steady)}


def measure(bootstrap: str, partitions: int, seconds: float) -> dict[str, Any]:
    """Start a worker with the echo fold, send, receive; percentiles after the warm-up: of the output, and
    beside it of the event itself, which is what the machine and the broker cost without us.
    """
    topic = f"bench.latency.{uuid.uuid4().hex[:8]}"
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(topic, partitions, 1)])
    admin.close()
    given = {
        "system": "batch",
        "fold": "echo",
        "topic": topic,
        "bootstrap": bootstrap,
        "partitions": partitions,
        "events": NEVER,
        "warm": NEVER,
        "seconds": NEVER,
        "app_id": f"bench-{uuid.uuid4().hex[:8]}",
        "folder": tempfile.mkdtemp(prefix="homeward-bench-"),
    }
    command = [sys.executable, "-m", "bench.engine_run", json.dumps(given)]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    over = threading.Event()
    try:
        time.sleep(WARM_SECONDS)
        sender = threading.Thread(
            target=send, args=(bootstrap, topic, seconds + WARM_SECONDS, over), daemon=True
        )
        sender.start()
        found = asyncio.run(receive(bootstrap, topic, over))
    finally:
        worker.terminate()
        worker.wait(20)
    return {"events_per_second": PER_SECOND} | {way: percentiles(delays) for way, delays in found.items()}
