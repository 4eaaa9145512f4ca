"""A system under measurement, seen from outside: started, listened to, stopped; rates from its samples."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from bench.ground import ROOT, Ground, Wrong, app_id, folder

STOP_S = 30.0
Sample = dict[str, Any]


class Running:
    """One process of `bench.engine_run` (or another module that prints samples). Use as a context manager."""

    def __init__(self, ground: Ground, **given: Any) -> None:
        self.given = {
            "bootstrap": ground.bootstrap, "partitions": ground.partitions, "fold": "person",
            "system": "batch", "folder": folder(), "app_id": app_id(), "events": 0,
        } | given  # fmt: skip
        self.samples: list[Sample] = []
        self.began = time.monotonic()
        command = [sys.executable, "-m", "bench.engine_run", json.dumps(self.given)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._errors: list[str] = []
        listeners = (self._listen, self._listen_errors)
        self._listeners = [threading.Thread(target=listen, daemon=True) for listen in listeners]
        for listener in self._listeners:
            listener.start()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            if line.startswith("{"):
                self.samples.append(json.loads(line))

    def _listen_errors(self) -> None:
        for line in self._process.stderr or ():
            self._errors = [*self._errors[-30:], line]

    def until(self, done: Callable[[Sample], bool], seconds: float, what: str) -> Sample:
        """The first sample that is so; raises Wrong when none came in time or the process ended."""
        seen, deadline = 0, time.monotonic() + seconds
        while True:
            while seen < len(self.samples):
                if done(self.samples[seen]):
                    return self.samples[seen]
                seen += 1
            if self._process.poll() is not None or time.monotonic() > deadline:
                why = f"ended with {self._process.poll()}" if self._process.poll() is not None else "too slow"
                raise Wrong(f"{self.given['system']}: not {what} ({why}):\n{''.join(self._errors)}")
            time.sleep(0.02)

    def ready(self, seconds: float = 60) -> Sample:
        """Wait until the engine says it is ready."""
        return self.until(lambda sample: "ready" in sample, seconds, "ready")

    @property
    def last(self) -> Sample:
        """The newest sample."""
        return self.samples[-1] if self.samples else {"covered": 0, "folded": 0, "keys": 0, "peak_kb": 0}

    def stop(self) -> None:
        """SIGTERM, by which an engine settles; then SIGKILL."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(STOP_S)
        for listener, pipe in zip(self._listeners, (self._process.stdout, self._process.stderr), strict=True):
            listener.join(STOP_S)
            if pipe is not None:
                pipe.close()


def rate(samples: list[Sample], warm: int, total: int) -> dict[str, float]:
    """Events, wall and CPU seconds of the steady part: from `warm` events on to the last sample before all
    were done (the very last cut is only known to be acknowledged a commit interval later).
    """
    steady = [sample for sample in samples if sample["covered"] >= warm]
    inner = [sample for sample in steady if sample["covered"] < total]
    used = inner if len(inner) > 2 else steady
    if len(used) < 2 or used[-1]["covered"] == used[0]["covered"]:
        raise Wrong(f"nothing to measure: {len(samples)} samples, {len(used)} after {warm} events")
    last = next(sample for sample in used if sample["covered"] == used[-1]["covered"])
    events, wall = last["covered"] - used[0]["covered"], last["t"] - used[0]["t"]
    cpu = max(last["cpu"] - used[0]["cpu"], 1e-9)
    return {
        "events": events, "wall_s": round(wall, 2), "cpu_s": round(cpu, 2),
        "per_second": round(events / wall, 1), "per_cpu_second": round(events / cpu, 1),
    }  # fmt: skip
