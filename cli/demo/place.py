"""A whole place on one machine for the length of a demo: broker, topics, worker, connectors, board, inbox.

In: a folder. Out: addresses of a running place. All bind loopback on free ports and are stopped by id.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from board.access.accounts import Account, hash_password, write_accounts
from cli.demo.processes import Child, NotReady, Processes
from runtime.brokers.detect import detect
from runtime.brokers.embedded import EmbeddedBroker
from runtime.brokers.process import free_port
from runtime.brokers.traits import BrokerTraits
from runtime.staged_clock import StagedClock

CONNECTED_US = 1_799_496_000_000_000
"""2027-01-09T12:00:00Z, where the simulated clock begins."""
READY_SECONDS = 90.0
DESKS = {
    "hub": "bromley-spa", "ward": "pruh-ward", "council": "lbb", "provider": "oakfield",
    "voluntary": "bromley-well", "control": "control-centre", "wall": "wall", "integration": "integration",
    "audit": "audit",
}  # fmt: skip
"""Account of the demo -> the reader of the place that it reads as."""
SECRETS = ("HOMEWARD_SECRET_LBB", "HOMEWARD_SECRET_BWELL", "HOMEWARD_SECRET_OWN", "HOMEWARD_SECRET_NOTICES")


@dataclass
class DemoPlace:
    """A place being started, running, or stopped. Use as a context manager."""

    folder: Path
    broker: EmbeddedBroker | None = None
    bootstrap: str = ""
    traits: BrokerTraits | None = None
    mllp: str = ""
    intake_url: str = ""
    board_url: str = ""
    password: str = field(default_factory=lambda: os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9))
    """Of every demo account: made anew each time."""
    processes: Processes = field(init=False)
    clock: StagedClock = field(init=False)

    def __enter__(self) -> DemoPlace:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clock = StagedClock(self.folder / "clock")
        self.clock.move(CONNECTED_US, 1.0)
        self.bootstrap = os.environ.get("KAFKA_BOOTSTRAP", "")
        if not self.bootstrap:
            self.broker = EmbeddedBroker(log=self.folder / "logs" / "broker.log")
            self.bootstrap = self.broker.bootstrap
        self.traits = detect(self.bootstrap)
        self._accounts()
        self.processes = Processes(self.folder / "logs", self._environment()).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.processes.stop()
        if self.broker is not None:
            self.broker.stop()

    @property
    def drop(self) -> Path:
        """Where partners put files."""
        return self.folder / "drop"

    @property
    def inbox(self) -> Path:
        """What the recipients received, one JSON line each."""
        return self.folder / "inbox.jsonl"

    @property
    def accounts(self) -> Path:
        """Who may sign in to the board."""
        return self.folder / "state" / "accounts.toml"

    def _accounts(self) -> None:
        hashed = hash_password(self.password)
        write_accounts(self.accounts, {name: Account(name, reads, hashed) for name, reads in DESKS.items()})

    def _environment(self) -> dict[str, str]:
        intake, board, inbox = free_port(), free_port(), free_port()
        self.intake_url, self.board_url = f"http://127.0.0.1:{intake}", f"http://127.0.0.1:{board}"
        self._inbox_port = inbox
        return {
            "KAFKA_BOOTSTRAP": self.bootstrap, "HOMEWARD_CLOCK": f"file:{self.clock.path}",
            "HOMEWARD_INTAKE_PORT": str(intake), "HOMEWARD_BOARD_PORT": str(board), "HOMEWARD_MLLP_PORT": "0",
            "HOMEWARD_DROP": str(self.drop), "HOMEWARD_STATE": str(self.folder / "state"),
            "HOMEWARD_NOTICE_URL": f"http://127.0.0.1:{inbox}", "PYTHONUNBUFFERED": "1",
            # The story is asserted as the operator, who reads all; people sign in to the pages.
            "HOMEWARD_ACCOUNTS": str(self.accounts), "HOMEWARD_READER": "operator",
            **{name: os.environ.get(name) or secrets.token_hex(16) for name in SECRETS},
        }  # fmt: skip

    def start(self, say: Callable[[str], None]) -> None:
        """Start everything and wait until it is ready. Raises NotReady saying what is not."""
        say(f"broker {self.traits.name if self.traits else '?'} at {self.bootstrap}")
        apply = self.processes.homeward("topics", "topics", "apply")
        self._wait("topics", lambda: apply.ended() is not None)
        self.processes.check()
        python = [
            sys.executable,
            "-m",
            "simulator.inbox",
            "--port",
            str(self._inbox_port),
            "--out",
            str(self.inbox),
        ]
        self.processes.start("inbox", python)
        worker = self.processes.homeward("worker", "run", "worker")
        places = self.processes.homeward("places", "run", "worker", "--group", "place")
        watch = self.processes.homeward("watch", "run", "worker", "--group", "watch")
        connectors = self.processes.homeward("connectors", "run", "connectors")
        self.processes.homeward("board", "run", "board")
        say("workers, connectors, board starting")
        self._wait("the MLLP listener", lambda: self._listening(connectors))
        self._wait("the intake", lambda: self._ready(f"{self.intake_url}/v1/health/ready"))
        self._wait("the board", lambda: self._ready(f"{self.board_url}/v1/health/ready"))
        self._wait("the worker", lambda: self._worker_ready(worker))
        self._wait("the worker of places", lambda: self._worker_ready(places))
        self._wait("the watch", lambda: self._worker_ready(watch))

    def _wait(self, what: str, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not done():
            self.processes.check()
            if time.monotonic() > deadline:
                raise NotReady(
                    f"{what} was not ready after {READY_SECONDS:.0f} s; logs in {self.folder / 'logs'}"
                )
            time.sleep(0.1)

    def _listening(self, connectors: Child) -> bool:
        found: list[dict[str, Any]] = [row for row in connectors.lines() if row.get("transport") == "mllp"]
        if found:
            self.mllp = f"{found[0]['host']}:{found[0]['port']}"
        return bool(found)

    def _worker_ready(self, worker: Child) -> bool:
        return any(row.get("event") == "worker.ready" for row in worker.lines())

    @staticmethod
    def _ready(url: str) -> bool:
        try:
            return httpx.get(url, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
