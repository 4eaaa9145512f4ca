"""A bed for engine tests: topics of their own, a feeder that logs what the broker acknowledged, worker
processes, and the verdict.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from runtime.brokers.traits import BrokerTraits
from runtime.kafka.reader import Message, Reader
from tests.engine.toy_fold import Topics, ToyState, expected, expected_outputs, key_of

ROOT = Path(__file__).resolve().parents[2]
PARTITIONS = 3
GROUP = "toy"


class Feeder(threading.Thread):
    """Produces numbered events at a rate, alternating between the two source topics; `acked` is what the
    broker has confirmed.
    """

    def __init__(self, bootstrap: str, topics: Topics, numbers: Sequence[int], per_second: float) -> None:
        super().__init__(daemon=True)
        self.acked: list[int] = []
        self.enough = threading.Event()
        self._topics, self._numbers, self._rate = topics, numbers, per_second
        # One connection's order and retries: a number is in its topic once.
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5, delivery_timeout_ms=120_000)

    def run(self) -> None:
        started = time.monotonic()
        for done, number in enumerate(self._numbers):
            topic = self._topics.notes if number % 3 == 0 else self._topics.events
            sent = self._producer.send(topic, key=key_of(number), value=b"%d" % number)
            sent.add_callback(lambda _meta, n=number: self.acked.append(n))
            ahead = done / self._rate - (time.monotonic() - started)
            if ahead > 0.01:
                time.sleep(ahead)
            if self.enough.is_set():
                break
        self._producer.flush()
        self._producer.close()


class Worker:
    """One worker process; its log lines are kept."""

    def __init__(self, given: dict[str, Any], log: Path) -> None:
        self.log = log
        self._out = log.open("ab")
        command = [sys.executable, "-m", "tests.engine.toy_worker", json.dumps(given)]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=self._out, stdout=self._out)

    def send(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        if self.alive():
            self.process.kill()
        self.process.wait(20)
        self._out.close()

    def stop(self, seconds: float = 20) -> int:
        """SIGTERM and its exit code."""
        self.send(signal.SIGTERM)
        return self.process.wait(seconds)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Log lines of one event."""
        written = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in written if event in line and line.startswith("{")]

    def ready(self) -> bool:
        return bool(self.lines("engine.ready"))


class Supervisor(threading.Thread):
    """Restarts a worker that ended with 1, until told to stop."""

    def __init__(self, rig: Rig, worker: Worker) -> None:
        super().__init__(daemon=True)
        self.rig, self.worker = rig, worker
        self.restarts = 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.1):
            if self.worker.process.poll() == 1:
                self.restarts += 1
                self.worker = self.rig.worker()

    def stop(self) -> None:
        self._over.set()
        self.join()


def _last_words(worker: Worker) -> str:
    lines = worker.log.read_text(errors="replace").splitlines()
    said = [line for line in lines[:-8] if '"engine.' in line]
    return "\n".join([f"--- {worker.log.name} rc={worker.process.poll()}", *said, "…", *lines[-8:]])


class Rig:
    """Everything of one run."""

    def __init__(
        self, bootstrap: str, traits: BrokerTraits, folder: Path, partitions: int = PARTITIONS
    ) -> None:
        self.bootstrap, self.traits, self.folder, self.partitions = bootstrap, traits, folder, partitions
        self.prefix = f"toy{uuid.uuid4().hex[:8]}"
        self.topics, self.app_id = Topics.of(self.prefix), f"{self.prefix}-app"
        self.suffix = ""
        self.workers: list[Worker] = []
        folder.mkdir(parents=True, exist_ok=True)
        admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        admin.create_topics([NewTopic(topic, partitions, 1) for topic in self.topics])
        admin.close()

    # -- doing

    def feed(self, count: int = 1_000_000, per_second: float = 600, start: int = 0) -> Feeder:
        """Produce `count` events, or until told that it is enough."""
        feeder = Feeder(self.bootstrap, self.topics, range(start, start + count), per_second)
        feeder.start()
        return feeder

    def worker(self, **given: Any) -> Worker:
        """Start a worker; `crash` says where it ends itself."""
        given = {"fenced": self.traits.fenced} | given
        given |= {
            "prefix": self.prefix,
            "app_id": self.app_id,
            "bootstrap": self.bootstrap,
            "partitions": self.partitions,
            "folder": str(self.folder),
        }
        worker = Worker(given, self.folder / f"worker-{len(self.workers)}.log")
        self.workers.append(worker)
        return worker

    def supervise(self, worker: Worker) -> Supervisor:
        """Start the worker again whenever it ends with 1, as production does."""
        supervisor = Supervisor(self, worker)
        supervisor.start()
        return supervisor

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()

    # -- reading

    def read(self, *topics: str) -> list[Message]:
        async def all_of() -> list[Message]:
            async with Reader(self.bootstrap, topics, self.traits) as reader:
                return [message async for batch in reader.to_end() for message in batch]

        return asyncio.run(all_of())

    def folded(self) -> int:
        """Records folded by all workers together."""
        path = self.folder / "folded"
        return sum(int(line.split()[1]) for line in path.read_text().splitlines()) if path.exists() else 0

    def hits(self) -> list[str]:
        """Injected faults that struck."""
        path = self.folder / "hits"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def changelog(self) -> str:
        return f"{self.app_id}{self.suffix}-{GROUP}-changelog"

    def outputs(self) -> Counter[bytes]:
        return Counter(message.value or b"" for message in self.read(self.topics.out))

    def states(self) -> dict[bytes, ToyState]:
        """Last value of each key of the changelog."""
        last = {m.key: m.value for m in self.read(self.changelog) if not (m.key or b"\0").startswith(b"\0")}
        return {k: msgspec.msgpack.decode(v, type=ToyState) for k, v in last.items() if k and v}

    def regressions(self) -> int:
        """How often an older state of a key follows a newer one in the changelog."""
        best: dict[bytes, int] = {}
        back = 0
        for message in self.read(self.changelog):
            if message.key and message.value and not message.key.startswith(b"\0"):
                state = msgspec.msgpack.decode(message.value, type=ToyState)
                size = len(state.seen) + len(state.told)
                back += size < best.get(message.key, 0)
                best[message.key] = max(size, best.get(message.key, 0))
        return back

    def wait(self, what: Callable[[], bool], seconds: float, why: str) -> float:
        """Wait for something; fails the test with the workers' last words."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            if what():
                return time.monotonic() - started
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {why}\n{self.last_words()}")

    def wait_outputs(self, numbers: Sequence[int], seconds: float) -> float:
        """Wait until every owed output can be read."""
        wanted = expected_outputs(numbers)
        return self.wait(lambda: wanted <= set(self.outputs()), seconds, f"{len(wanted)} outputs")

    def last_words(self) -> str:
        """What the engines said, and the end of each log."""
        return "\n".join(_last_words(worker) for worker in self.workers)

    # -- judging

    def verdict(self, numbers: Sequence[int]) -> dict[str, int]:
        """Compare everything with the plain fold of what was acknowledged to the sender; returns the
        counts.
        """
        states, outputs = self.states(), self.outputs()
        plain = expected(numbers)
        wrong = [
            k for k in plain if k not in states or (set(states[k].seen), set(states[k].told)) != plain[k]
        ]
        owed = expected_outputs(numbers)
        return {
            "events": len(numbers),
            "keys": len(plain),
            "wrong_keys": len(wrong) + len(set(states) - set(plain)),
            "missing_outputs": len(owed - set(outputs)),
            "extra_outputs": len(set(outputs) - owed),
            "repeated_outputs": sum(count - 1 for count in outputs.values()),
            "seen_again": sum(state.again for state in states.values()),
            "regressions": self.regressions(),
            "folded_again": self.folded() - len(numbers) - sum(len(told) for _, told in plain.values()),
        }
