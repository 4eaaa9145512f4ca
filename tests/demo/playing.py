"""The demo as a process of its own, without this machine's settings, and what it says as it says it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

MOST_SECONDS = 900
KEYS = {
    "hl7_messages_acked", "events_by_sector", "persons_joined_across_sectors", "refusals_by_reason",
    "no_change_by_cause", "duplicates_absorbed", "false_joins", "missed_joins", "events_lost",
    "wire_to_view_ms",
    "ledger_score",
}  # fmt: skip


class Play:
    """A demo that runs. Use as a context manager: it is stopped by its id, whatever happens."""

    def __init__(self, folder: Path, seconds: int, *options: str, **settings: str) -> None:
        machine = ("HOMEWARD_", "KAFKA_", "ENGINE")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(machine)}
        command = [sys.executable, "-m", "cli.main", "demo", "--folder", str(folder), *options]
        self.folder = folder
        self.lines: list[str] = []
        length = {"DEMO_SECONDS": str(seconds), "DEMO_BACK_SECONDS": "60"}
        self._demo = subprocess.Popen(
            command, env={**environment, **length, **settings}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def __enter__(self) -> Play:
        return self

    def __exit__(self, *_: object) -> None:
        if self._demo.poll() is None:
            self._demo.terminate()
            self._demo.wait(60)

    def until(self, said: str) -> str:
        """The first line that holds a text."""
        deadline = time.monotonic() + MOST_SECONDS
        while not (found := [line for line in list(self.lines) if said in line]):
            if self._demo.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the demo never said {said!r}:\n{self.said()[-4000:]}")
            time.sleep(0.05)
        return found[0]

    def finish(self) -> tuple[int, str]:
        """Its exit code and what it said."""
        try:
            code = self._demo.wait(MOST_SECONDS)
        except subprocess.TimeoutExpired:
            pytest.fail(f"the demo did not end:\n{self.said()[-4000:]}")
        self._reading.join(30)
        return code, self.said()

    def said(self) -> str:
        """Everything so far."""
        return "".join(self.lines)

    def _read(self) -> None:
        assert self._demo.stdout is not None
        for line in self._demo.stdout:
            self.lines.append(line)


def complete(summary: dict[str, Any]) -> None:
    """A summary of a play in which everything came true."""
    assert not KEYS - summary.keys()
    assert summary["hl7_messages_acked"] > 2000
    assert summary["persons_joined_across_sectors"] >= 150
    assert (summary["events_lost"], summary["false_joins"], summary["ledger_score"]) == (0, 0, 1.0)


def running(folder: Path) -> list[str]:
    """Processes of a play that are still there."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line and "pytest" not in line]
