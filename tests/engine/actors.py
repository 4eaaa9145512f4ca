"""Who acts in an engine test: a sender that logs what the broker acknowledged, worker processes, a
supervisor.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from tests.engine.toy_fold import Topics, key_of

ROOT = Path(__file__).resolve().parents[2]


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

    def __init__(self, worker: Worker, again: Callable[[], Worker]) -> None:
        super().__init__(daemon=True)
        self.worker, self._again = worker, again
        self.restarts = 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.1):
            if self.worker.process.poll() == 1:
                self.restarts += 1
                self.worker = self._again()

    def stop(self) -> None:
        self._over.set()
        self.join()


def last_words(worker: Worker) -> str:
    lines = worker.log.read_text(errors="replace").splitlines()
    said = [line for line in lines[:-8] if '"engine.' in line]
    return "\n".join([f"--- {worker.log.name} rc={worker.process.poll()}", *said, "…", *lines[-8:]])
