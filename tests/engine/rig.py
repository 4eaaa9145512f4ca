"""A bed for engine tests: topics of their own, a feeder that logs what the broker acknowledged, worker
processes, and the verdict.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from runtime.brokers.traits import BrokerTraits
from runtime.kafka.reader import Message, Reader
from tests.engine.actors import Feeder, Supervisor, Worker, last_words
from tests.engine.toy_fold import Topics, ToyState, expected, expected_outputs

PARTITIONS = 3
GROUP = "toy"


class Rig:
    """Everything of one run."""

    def __init__(
        self,
        bootstrap: str,
        traits: BrokerTraits,
        folder: Path,
        partitions: int = PARTITIONS,
        say: Callable[[dict[str, Any]], None] = print,
    ) -> None:
        self.bootstrap, self.traits, self.folder, self.partitions = bootstrap, traits, folder, partitions
        self.say = say
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
        supervisor = Supervisor(worker, self.worker)
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
        return "\n".join(last_words(worker) for worker in self.workers)

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
