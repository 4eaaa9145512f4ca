"""The processes of a demo place: started, watched, stopped by their own ids; logs in files. On Linux they end
with whoever started them, however that ends.

In: commands and an environment. Out: running children; `stop` leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.brokers.process import follow_parent

STOP_SECONDS = 15.0


class NotReady(RuntimeError):
    """A process of the place ended or did not become ready in time; the text says which and where its
    log is.
    """


@dataclass
class Child:
    """One started process."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    def ended(self) -> int | None:
        """Its exit code once it has ended."""
        return self.popen.poll()

    def lines(self) -> list[dict[str, Any]]:
        """JSON objects it printed so far, one a line; other lines are left out."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            if line.startswith("{"):
                with contextlib.suppress(json.JSONDecodeError):
                    found.append(json.loads(line))
        return found


@dataclass
class Processes:
    """All children of one place. Use as a context manager."""

    folder: Path
    environment: Mapping[str, str]
    children: list[Child] = field(default_factory=list)

    def __enter__(self) -> Processes:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], extra: Mapping[str, str] | None = None) -> Child:
        """Start one child; its output goes to `<name>.log`."""
        log = self.folder / f"{name}.log"
        environment = {**os.environ, **self.environment, **(extra or {})}
        with log.open("wb") as out:
            popen = subprocess.Popen(
                list(command),
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=environment,
                preexec_fn=follow_parent(),  # noqa: PLW1509  (one prctl call, no locks taken)
            )
        child = Child(name, popen, log)
        self.children.append(child)
        return child

    def homeward(self, name: str, *arguments: str, extra: Mapping[str, str] | None = None) -> Child:
        """Start one `homeward …` process."""
        return self.start(name, [sys.executable, "-m", "cli.main", *arguments], extra)

    def check(self) -> None:
        """Raise NotReady when a child has ended with an error."""
        for child in self.children:
            if child.ended() not in (None, 0):
                tail = "\n".join(child.log.read_text(errors="replace").splitlines()[-12:])
                raise NotReady(
                    f"{child.name} ended with code {child.ended()}; its log ({child.log}) ends:\n{tail}"
                )

    def stop(self) -> None:
        """SIGTERM in reverse order, a bounded wait, then SIGKILL; each by its own id."""
        running = [c for c in reversed(self.children) if c.ended() is None]
        for child in running:
            child.popen.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.popen.wait(max(0.1, deadline - time.monotonic()))
            if child.ended() is None:
                child.popen.kill()
                child.popen.wait(10)
